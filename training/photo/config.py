"""The choices of a photo training run, read from a small YAML file."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from training.config import read_config

DEFAULT_CONFIG = Path(__file__).parent.parent / "configs" / "photo.yaml"


class PhotoConfig(BaseModel):
    """How the photo model is trained; every field is logged to MLflow."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str
    backbone: str = Field(
        description="`efficientnet-lite0`, `-lite1` or `-lite2` (packaged weights), or a torchvision EfficientNet."
    )
    size: int = Field(ge=32, description="Side of the square picture in pixels.")
    frozen_stages: int = Field(ge=0, description="Stages of the backbone that keep their ImageNet weights.")
    views: int = Field(ge=1, description="Random views of each picture, read once by the frozen stages.")
    folds: int = Field(ge=2, description="Groups of sources that are left out in turn.")
    seed: int
    epochs: int = Field(ge=1)
    batch_size: int = Field(ge=2)
    learning_rate: float = Field(gt=0)
    head_learning_rate: float = Field(gt=0)
    weight_decay: float = Field(ge=0)
    head_weight_decay: float = Field(
        ge=0, description="Strong: a head of large weights learns the camera, not the fault."
    )
    dropout: float = Field(ge=0, lt=1)
    label_smoothing: float = Field(ge=0, lt=1)
    mixing: float = Field(ge=0, description="Beta of the mixing of features between pictures; 0 is none.")
    average_decay: float = Field(ge=0, lt=1, description="Decay of the moving average of weights; 0 is none.")
    source_power: float = Field(
        0.5, ge=0, le=1, description="0 draws every source of a class alike, 1 every picture alike."
    )
    least_accuracy: float = Field(gt=0, lt=1, description="Accuracy promised of answers that do not abstain.")
    certainty: float = Field(0.9, gt=0, lt=1, description="How surely that accuracy holds.")
    classes: dict[str, str] = Field(description="Class of the pictures → label of the taxonomy; others are left out.")


def load_photo_config(path: Path = DEFAULT_CONFIG) -> PhotoConfig:
    """Read the configuration of a photo run.

    Raises:
        InvalidConfiguration: naming the field and what is wrong with it.
    """
    return read_config(path, PhotoConfig)
