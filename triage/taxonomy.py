"""The city's words: categories, departments and priorities, read from data."""

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from triage.errors import InvalidTaxonomy

Head = Literal["category", "department", "priority"]
HEADS: tuple[Head, ...] = ("category", "department", "priority")

_Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    fr: str
    en: str
    fallback: bool = False


class Category(_Entry):
    """What thing has the problem, and who acts on it unless a rule says otherwise."""

    default_department: _Code


class Department(_Entry):
    """Who must act."""


class Priority(_Entry):
    """How pressing: `rank` 0 is the most pressing, `target_hours` the time to a first action."""

    rank: int = Field(ge=0)
    target_hours: float = Field(gt=0)
    urgent: bool = False


class Taxonomy(BaseModel):
    """The codes that every label must come from, cross-checked when loaded."""

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))

    version: int
    languages: tuple[str, ...]
    categories: Mapping[_Code, Category]
    departments: Mapping[_Code, Department]
    priorities: Mapping[_Code, Priority]

    @model_validator(mode="after")
    def _cross_check(self) -> "Taxonomy":
        for code, category in self.categories.items():
            if category.default_department not in self.departments:
                raise ValueError(
                    f"category '{code}' names the department '{category.default_department}',"
                    " which is not listed under departments"
                )
        ranks = [priority.rank for priority in self.priorities.values()]
        if sorted(ranks) != list(range(len(ranks))):
            raise ValueError(f"the ranks of the priorities must be 0, 1, 2, … each once, not {ranks}")
        for name, entries in (("categories", self.categories), ("departments", self.departments)):
            if sum(entry.fallback for entry in entries.values()) != 1:
                raise ValueError(f"exactly one of the {name} must carry 'fallback: true'")
        if sum(priority.urgent for priority in self.priorities.values()) != 1:
            raise ValueError("exactly one of the priorities must carry 'urgent: true'")
        return self

    def codes(self, head: Head) -> tuple[str, ...]:
        """The codes of one head in the order of the file; priorities by rank."""
        if head == "category":
            return tuple(self.categories)
        if head == "department":
            return tuple(self.departments)
        return tuple(sorted(self.priorities, key=lambda code: self.priorities[code].rank))

    @cached_property
    def urgent_priority(self) -> str:
        """The priority that is never left waiting for a reviewer."""
        return next(code for code, priority in self.priorities.items() if priority.urgent)

    @cached_property
    def fallback_category(self) -> str:
        """The category of what belongs nowhere else."""
        return next(code for code, category in self.categories.items() if category.fallback)

    def require_compatible(self, trained: "Taxonomy") -> None:
        """Refuse a city file that lacks a code which the bundle's model can answer.

        Words, hours and additional codes may differ.

        Raises:
            InvalidTaxonomy: naming each code that was removed or renamed.
        """
        for head in HEADS:
            missing = [code for code in trained.codes(head) if code not in self.codes(head)]
            if missing:
                raise InvalidTaxonomy(
                    f"The taxonomy lacks the {head} {', '.join(missing)}, which the model in the bundle"
                    " can answer. Put the code back, or train a bundle with the new taxonomy."
                )


def load_taxonomy(path: Path) -> Taxonomy:
    """Read and cross-check a taxonomy file.

    Raises:
        InvalidTaxonomy: the file is missing, is not YAML, or contradicts itself.
    """
    try:
        return Taxonomy.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidTaxonomy(f"The taxonomy {path} cannot be read: {error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "file"
        raise InvalidTaxonomy(f"The taxonomy {path} is not valid at {where}: {first['msg']}.") from error


def taxonomy_digest(path: Path) -> str:
    """SHA-256 of the file, as written into manifests and MLflow."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
