"""The choices of growing a text model by a category."""

from pydantic import BaseModel, ConfigDict, Field


class GrowthConfig(BaseModel):
    """How the upper layers are fitted; every field is logged to MLflow."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    seed: int = 13
    fitted_layers: int = Field(2, ge=1, description="Upper layers that are fitted; those below stay as they are.")
    epochs: int = Field(3, ge=1)
    batch_size: int = Field(16, ge=1)
    learning_rate: float = Field(5e-5, gt=0)
    head_learning_rate: float = Field(1e-3, gt=0)
    weight_decay: float = Field(0.01, ge=0)
    repeats: int = Field(4, ge=1, description="How often an example is told in an epoch.")
    rehearsed: int = Field(60, ge=1, description="Rows of each old category that are rehearsed.")
    near: int = Field(200, ge=0, description="Rows that are rehearsed because their wording is near to the examples.")
    folds: int = Field(5, ge=2, description="Groups of examples, each of which is left out once.")
