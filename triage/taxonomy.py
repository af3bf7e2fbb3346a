"""The city's words: categories, departments and priorities, read from data."""

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from triage.errors import InvalidTaxonomy, first_fault
from triage.yaml_file import UnreadableYaml, read_yaml

Head = Literal["category", "department", "priority"]
HEADS: tuple[Head, ...] = ("category", "department", "priority")

_Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
_Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Named(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    fr: _Label
    en: _Label


class _Entry(_Named):
    fallback: bool = False


class Category(_Entry):
    """What thing has the problem, and who acts on it unless a rule says otherwise."""

    default_department: _Code


class Department(_Entry):
    """Who must act."""


class Priority(_Entry):
    """How pressing: `rank` 0 is the most pressing, `target_hours` the time to a first action."""

    rank: int = Field(ge=0)
    target_hours: float = Field(gt=0, allow_inf_nan=False)
    urgent: bool = False


class PhotoLabel(_Named):
    """What a photo shows.

    `category` and `priority` are those of an alert whose text names nothing; neither is given where nothing wrong is
    to be seen. `urgent` is how likely such a picture shows an urgent case. `also` lists categories whose alerts may
    well carry such a picture. `irrelevant` marks the label of pictures that are of no public space.
    """

    category: _Code | None = None
    priority: _Code | None = None
    urgent: float = Field(0.0, ge=0, le=1)
    also: tuple[_Code, ...] = ()
    irrelevant: bool = False

    @model_validator(mode="after")
    def _says_what_it_shows(self) -> "PhotoLabel":
        if (self.category is None) != (self.priority is None):
            raise ValueError("'category' and 'priority' belong together; give both or neither")
        return self


class Taxonomy(BaseModel):
    """The codes that every label must come from, cross-checked when loaded."""

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))

    version: int
    languages: tuple[str, ...]
    categories: Mapping[_Code, Category]
    departments: Mapping[_Code, Department]
    priorities: Mapping[_Code, Priority]
    photo_labels: Mapping[_Code, PhotoLabel] = Field(default_factory=dict)

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

    @model_validator(mode="after")
    def _check_photo_labels(self) -> "Taxonomy":
        for code, label in self.photo_labels.items():
            named = {*label.also, *filter(None, [label.category])} - set(self.categories)
            named |= set(filter(None, [label.priority])) - set(self.priorities)
            if named:
                raise ValueError(f"the photo label '{code}' names '{min(named)}', which is not listed")
        if self.photo_labels and sum(label.irrelevant for label in self.photo_labels.values()) != 1:
            raise ValueError("exactly one of the photo_labels must carry 'irrelevant: true'")
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

    @cached_property
    def fallback_department(self) -> str:
        """The department of what belongs nowhere else."""
        return next(code for code, department in self.departments.items() if department.fallback)

    def require_compatible(self, trained: "Taxonomy") -> None:
        """Refuse a city file that does not fit the model in the bundle.

        Words, hours and additional codes may differ.

        Raises:
            InvalidTaxonomy: naming each code that was removed or renamed, or whose flag was moved.
        """
        for head in HEADS:
            missing = [code for code in trained.codes(head) if code not in self.codes(head)]
            if missing:
                raise InvalidTaxonomy(
                    f"The taxonomy lacks the {head} {', '.join(missing)}, which the model in the bundle"
                    " can answer. Put the code back, or train a bundle with the new taxonomy."
                )
        missing = [code for code in trained.photo_labels if code not in self.photo_labels]
        if missing:
            raise InvalidTaxonomy(
                f"The taxonomy lacks the photo label {', '.join(missing)}, which the model in the bundle can answer."
                " Put it back, or train a bundle with the new taxonomy."
            )
        for name in ("urgent_priority", "fallback_category", "fallback_department"):
            flag, _, kind = name.partition("_")
            found, expected = getattr(self, name), getattr(trained, name)
            if found != expected:
                raise InvalidTaxonomy(
                    f"The taxonomy marks the {kind} {found} with '{flag}: true', but the model in the bundle was"
                    f" trained with {expected}. Move the flag back, or train a bundle with the new taxonomy."
                )


def load_taxonomy(path: Path) -> Taxonomy:
    """Read and cross-check a taxonomy file.

    Raises:
        InvalidTaxonomy: the file is missing, is not YAML, or contradicts itself.
    """
    try:
        content = read_yaml(path)
    except UnreadableYaml as error:
        raise InvalidTaxonomy(f"The taxonomy {path} cannot be read: {error}.") from error
    try:
        return Taxonomy.model_validate(content)
    except ValidationError as error:
        raise InvalidTaxonomy(f"The taxonomy {path} is not valid at {first_fault(error, 'file')}.") from error


def taxonomy_digest(path: Path) -> str:
    """SHA-256 of the file, as written into manifests and MLflow."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
