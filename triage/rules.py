"""Who acts instead of a category's default department: the labelling guide's section 2 as data."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from triage.errors import InvalidTaxonomy, first_fault
from triage.taxonomy import Taxonomy
from triage.yaml_file import UnreadableYaml, read_yaml


class DepartmentRule(BaseModel):
    """One rule: the department that it gives, and the categories that it can concern."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    guide: int = Field(ge=1, description="Number of the rule in the guide.")
    department: str
    categories: Annotated[tuple[str, ...], Field(min_length=1)] | Literal["all"]
    fr: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]

    def concerns(self, category: str) -> bool:
        """Whether the rule can apply to alerts of the category."""
        return self.categories == "all" or category in self.categories


class DepartmentRules(BaseModel):
    """All rules in their order, for one taxonomy."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: tuple[DepartmentRule, ...]

    @model_validator(mode="after")
    def _names_differ(self) -> "DepartmentRules":
        names = [rule.name for rule in self.rules]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"the name '{repeated[0]}' comes twice; give each rule its own")
        return self

    def allows(self, category: str, department: str, taxonomy: Taxonomy) -> bool:
        """Whether an alert of the category can go to the department, by default or by some rule."""
        return taxonomy.categories[category].default_department == department or bool(
            self.naming(category, department, taxonomy)
        )

    def naming(self, category: str, department: str, taxonomy: Taxonomy) -> tuple[DepartmentRule, ...]:
        """The rules that give the department to the category; none where it is the default."""
        if taxonomy.categories[category].default_department == department:
            return ()
        return tuple(rule for rule in self.rules if rule.department == department and rule.concerns(category))


def load_rules(path: Path, taxonomy: Taxonomy) -> DepartmentRules:
    """Read the rules and check their codes.

    Raises:
        InvalidTaxonomy: the file cannot be read, or names a code that the taxonomy lacks.
    """
    try:
        rules = DepartmentRules.model_validate(read_yaml(path))
    except UnreadableYaml as error:
        raise InvalidTaxonomy(f"The department rules {path} cannot be read: {error}.") from error
    except ValidationError as error:
        raise InvalidTaxonomy(f"The department rules {path} are not valid at {first_fault(error, 'file')}.") from error
    for rule in rules.rules:
        unknown = [] if rule.department in taxonomy.departments else [rule.department]
        unknown += (
            [] if rule.categories == "all" else [code for code in rule.categories if code not in taxonomy.categories]
        )
        if unknown:
            raise InvalidTaxonomy(
                f"The department rules {path}: '{rule.name}' names {', '.join(unknown)}, which the taxonomy lacks."
            )
    return rules
