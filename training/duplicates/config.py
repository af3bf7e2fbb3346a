"""The choices of a run that trains the duplicate part, read from a small YAML file."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from models.duplicates.photos import PhotoWeights
from training.config import read_config

CONFIGS = Path(__file__).parent.parent / "configs"
DEFAULT_CONFIG = CONFIGS / "duplicates.yaml"
SMOKE_CONFIG = CONFIGS / "duplicates-smoke.yaml"


class DuplicateConfig(BaseModel):
    """How the duplicate part is trained; every field is logged to MLflow."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str
    layers: tuple[int, ...] = Field(min_length=1, description="Layers of the text encoder whose states are read.")
    narrow: int = Field(ge=4, description="Width of the states kept of a text.")
    dropout: float = Field(ge=0, lt=1)
    epochs: int = Field(ge=1)
    scenes: int = Field(ge=1, description="Scenes of one step.")
    learning_rate: float = Field(gt=0)
    weight_decay: float = Field(ge=0)
    strangers: float = Field(ge=0, description="Pairs of two scenes for each pair of one.")
    real_weight: float = Field(ge=0, description="Weight of a real city's pairs.")
    rows: int | None = Field(None, ge=10, description="Reports of scenes at most, an equal share of each author.")
    folds: int = Field(ge=2, description="Groups of authors left out in turn.")
    seed: int
    steps: int = Field(ge=2, description="Most steps of one measure.")
    interactions: int = Field(ge=0, description="Pairs of measures weighed together.")
    bags: int = Field(ge=1, description="Fits of the additive model that are averaged.")
    reports: Path | None = Field(description="Folder of real reports with links; none is used without it.")
    scene_categories: Path | None = Field(
        None,
        description="Categories of the scenes that `triage train scene-categories` wrote; without that file they are"
        " those of the text model, which flatter it where it has learned from the scenes.",
    )
    meaning: tuple[float, float] = Field(description="Logits from which texts are called similar, and very similar.")
    least_precision: float = Field(gt=0, lt=1, description="Least precision of pairs at the threshold.")
    photos: PhotoWeights


def load_duplicate_config(path: Path = DEFAULT_CONFIG) -> DuplicateConfig:
    """Read the configuration of a run.

    Raises:
        InvalidConfiguration: naming the field and what is wrong with it.
    """
    return read_config(path, DuplicateConfig)
