"""How far and how long to look for duplicates, by category, and the words that say something about the fault."""

from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from triage.duplicates.wording import WordLists
from triage.errors import InvalidConfiguration, first_fault
from triage.taxonomy import Taxonomy
from triage.yaml_file import UnreadableYaml, read_yaml

MAX_RADIUS_M, MAX_DAYS = 5_000, 730

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

_Words = Annotated[tuple[Annotated[str, Field(min_length=2)], ...], Field(min_length=1)]


class Reach(BaseModel):
    """How far around an alert (0 = never look) and how many days back."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    radius_m: float = Field(ge=0, le=MAX_RADIUS_M)
    days: float = Field(gt=0, le=MAX_DAYS)


class Words(BaseModel):
    """Lists of words; the evidence of `evidence.py` reads each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    again: _Words
    cleared: _Words
    known: _Words
    other: _Words
    thanks: _Words


class DuplicateRules(BaseModel):
    """The file `duplicate_rules.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))

    default: Reach
    categories: dict[str, Reach] = {}
    recurrence_days: float = Field(gt=0, le=MAX_DAYS)
    late_days: float = Field(ge=0, le=30)
    words: Words

    @cached_property
    def lists(self) -> WordLists:
        """The lists of words, ready to read texts."""
        return WordLists(dict(self.words))

    def reach(self, category: str | None) -> Reach:
        """How far and how long to look for an alert of the category; the default where none is known."""
        return self.categories.get(category or "", self.default)

    @property
    def late(self) -> timedelta:
        """How much younger an alert may be than one that arrives after it."""
        return timedelta(days=self.late_days)

    def looks_back(self, category: str | None) -> timedelta:
        """How old an alert may be to be looked at: for a duplicate, or for a fault that comes back."""
        return timedelta(days=max(self.reach(category).days, self.recurrence_days))


def earlier(moment: datetime, by: timedelta) -> datetime:
    """A moment before another, or the first of the calendar."""
    return moment - by if moment - _FIRST > by else _FIRST


def later(moment: datetime, by: timedelta) -> datetime:
    """A moment after another, or the last of the calendar."""
    return moment + by if _LAST - moment > by else _LAST


def load_duplicate_rules(path: Path, taxonomy: Taxonomy) -> DuplicateRules:
    """Read and check the file.

    Raises:
        InvalidConfiguration: it is malformed, or names a category that the taxonomy lacks.
    """
    try:
        rules = DuplicateRules.model_validate(read_yaml(path))
    except UnreadableYaml as error:
        raise InvalidConfiguration(f"The file {path} cannot be read: {error}.") from error
    except ValidationError as error:
        raise InvalidConfiguration(f"The file {path} is malformed: {first_fault(error, 'the file')}.") from error
    unknown = sorted(set(rules.categories) - set(taxonomy.categories))
    if unknown:
        raise InvalidConfiguration(f"The file {path} names the category '{unknown[0]}', which the taxonomy lacks.")
    return rules
