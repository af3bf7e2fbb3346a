"""The search space of `triage tune`: which choices are tried, between which values, read from a small YAML file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from training.config import TextConfig, read_config
from triage.errors import InvalidConfiguration, first_fault

TUNING_CONFIG = Path(__file__).parent.parent / "configs" / "tune.yaml"
SMOKE_CONFIG = TUNING_CONFIG.with_name("tune-smoke.yaml")

Value = bool | int | float | str
_STRICT = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Suggesting(Protocol):
    """What draws values; an Optuna trial does."""

    def suggest_int(self, name: str, low: int, high: int, *, log: bool) -> int:
        """A whole number, both ends included."""
        ...

    def suggest_float(self, name: str, low: float, high: float, *, log: bool) -> float:
        """A number."""
        ...

    def suggest_categorical(self, name: str, choices: tuple[Value, ...]) -> Any:
        """One of the choices."""
        ...


class Values(BaseModel):
    """What a choice is tried with: numbers between two ends (whole ones where both ends are), or a few `choices`.

    `log` draws each power of ten alike.
    """

    model_config = _STRICT

    low: int | float | None = None
    high: int | float | None = None
    log: bool = False
    choices: tuple[Value, ...] = ()

    @model_validator(mode="after")
    def _one_kind(self) -> "Values":
        if self.choices:
            if len(self.choices) < 2 or self.low is not None or self.high is not None or self.log:
                raise ValueError("`choices` needs two values at least, and neither `low`, `high` nor `log` beside it")
        elif self.low is None or self.high is None or self.low >= self.high:
            raise ValueError("needs `low` and a `high` that is more, or `choices`")
        elif self.log and self.low <= 0:
            raise ValueError("`log` needs a `low` above 0")
        return self

    @property
    def first(self) -> Value:
        """A value to check the name with."""
        return self.choices[0] if self.choices or self.low is None else self.low

    def draw(self, trial: Suggesting, name: str) -> Value:
        """The value of one trial."""
        if self.low is None or self.high is None:
            drawn: Value = trial.suggest_categorical(name, self.choices)
            return drawn
        if isinstance(self.low, int) and isinstance(self.high, int):
            return trial.suggest_int(name, self.low, self.high, log=self.log)
        return trial.suggest_float(name, self.low, self.high, log=self.log)


class TuningConfig(BaseModel):
    """What is searched, from which configuration, and how long."""

    model_config = _STRICT

    name: str
    base: Path = Field(description="Configuration of a text run; what is not searched stays as it says.")
    seed: int
    trials: int = Field(ge=1, description="Trials that the study shall have in the end.")
    rows: int | None = Field(None, ge=10, description="Train rows of a trial, drawn once; all by default.")
    budget_minutes: float | None = Field(None, gt=0, description="Longest fit of a trial.")
    startup_trials: int = Field(5, ge=1, description="Trials that are drawn blindly and never pruned.")
    warmup_epochs: int = Field(1, ge=0, description="Epochs of a trial before it may be pruned.")
    search: dict[str, Values] = Field(
        min_length=1,
        description="Choice → values; `head_weights.HEAD` and `corpora.PATH` name the weight of one head or corpus.",
    )


def load_tuning_config(path: Path = TUNING_CONFIG) -> TuningConfig:
    """Read a search space.

    Raises:
        InvalidConfiguration: naming the field and what is wrong with it.
    """
    return read_config(path, TuningConfig)


def draw_values(trial: Suggesting, search: Mapping[str, Values]) -> dict[str, Value]:
    """The values of one trial."""
    return {name: kind.draw(trial, name) for name, kind in search.items()}


def with_values(base: TextConfig, values: Mapping[str, Value]) -> TextConfig:
    """A configuration with some choices replaced.

    Raises:
        InvalidConfiguration: a name is no choice of a text run, or its value is out of range.
    """
    document = base.model_dump(mode="json")
    for name, value in values.items():
        choice, _, part = name.partition(".")
        if choice == "corpora":
            _entry(document["corpora"], part)["weight"] = value
        elif part:
            if not isinstance(document.get(choice), dict):
                raise InvalidConfiguration(f"The search names '{name}', but '{choice}' has no parts; correct the name.")
            document[choice][part] = value
        else:
            document[choice] = value
    try:
        return TextConfig.model_validate(document)
    except ValidationError as error:
        raise InvalidConfiguration(f"The search cannot be tried: {first_fault(error, 'configuration')}.") from error


def _entry(corpora: list[dict[str, Any]], path: str) -> dict[str, Any]:
    for entry in corpora:
        if entry["path"] == path:
            return entry
    raise InvalidConfiguration(f"The search names 'corpora.{path}', but its base has no corpus '{path}'; add it there.")
