"""What orders the queue of the review desk, read from data."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from triage.errors import InvalidConfiguration, first_fault
from triage.settings import PROJECT_ROOT
from triage.taxonomy import Taxonomy
from triage.yaml_file import UnreadableYaml, read_yaml

DEFAULT_RULES = PROJECT_ROOT / "datasets" / "review_rules.yaml"
_MOST_HOURS = 1_000_000

_Hours = Annotated[float, Field(ge=0, le=_MOST_HOURS)]
_Share = Annotated[float, Field(ge=0, le=1)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Weights(_Frozen):
    """How much a wrong answer of each head weighs."""

    category: float = Field(ge=0, le=100)
    department: float = Field(ge=0, le=100)
    priority: float = Field(ge=0, le=100)


class SuspectRule(_Frozen):
    """Which labels look wrong: where another code is at least so probable, and the label at most."""

    least_other: float = Field(gt=0.5, le=1)
    most_given: float = Field(ge=0, lt=0.5)


class ReviewRules(_Frozen):
    """The file `review_rules.yaml`; hours are hours of waiting.

    Attributes:
        costs: what a wrong answer costs, by the code of the priority.
        weights: how much each head counts.
        urgent_hours: the head start of an alert that may be urgent.
        returned_hours: that of one that a department gave back.
        sample_hours: that of one that was drawn.
        sample_share: how many of those routed without staff are drawn.
        suspects: which labels look wrong.
    """

    costs: Mapping[str, _Hours]
    weights: Weights
    urgent_hours: _Hours
    returned_hours: _Hours
    sample_hours: _Hours
    sample_share: _Share
    suspects: SuspectRule


def load_review_rules(path: Path, taxonomy: Taxonomy) -> ReviewRules:
    """Read and check the file.

    Raises:
        InvalidConfiguration: it is malformed, names a priority that the taxonomy lacks, or leaves one out.
    """
    try:
        rules = ReviewRules.model_validate(read_yaml(path))
    except UnreadableYaml as error:
        raise InvalidConfiguration(f"The file {path} cannot be read: {error}.") from error
    except ValidationError as error:
        raise InvalidConfiguration(f"The file {path} is malformed: {first_fault(error, 'the file')}.") from error
    codes = set(taxonomy.priorities)
    if unknown := sorted(set(rules.costs) - codes):
        raise InvalidConfiguration(f"The file {path} names the priority '{unknown[0]}', which the taxonomy lacks.")
    if missing := sorted(codes - set(rules.costs)):
        raise InvalidConfiguration(f"The file {path} gives no cost for the priority '{missing[0]}'; add it.")
    return rules
