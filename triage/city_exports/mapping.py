"""The mapping file: what another system's words mean in the city's own taxonomy."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import PydanticCustomError

from triage.errors import InvalidConfiguration, first_fault
from triage.rules import DepartmentRules
from triage.taxonomy import Taxonomy
from triage.yaml_file import UnreadableYaml, read_yaml

TOLD = "told"  # the language is told from the text

_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _quoted_keys(value: Any) -> Any:
    # YAML reads 007 as 7 and `no` as false: such a key would never meet the code that it was meant for.
    if isinstance(value, dict) and (bare := [key for key in value if not isinstance(key, str)]):
        raise PydanticCustomError("bare_key", "the key {key} needs quotation marks", {"key": repr(bare[0])})
    return value


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


_Columns = Annotated[tuple[_Name, ...], BeforeValidator(_listed)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Columns(_Strict):
    """Names of a table's columns; several of `text` or `category` are joined."""

    text: Annotated[_Columns, Field(min_length=1)]
    category: Annotated[_Columns, Field(min_length=1)]
    id: _Name | None = None
    department: _Name | None = None
    priority: _Name | None = None
    language: _Name | None = None
    reported_on: _Name | None = None

    def names(self) -> frozenset[str]:
        """All columns that are read."""
        single = (self.id, self.department, self.priority, self.language, self.reported_on)
        return frozenset((*self.text, *self.category, *filter(None, single)))


class Meaning(_Strict):
    """What a foreign category means; a department or priority given here goes before all others."""

    category: str
    department: str | None = None
    priority: str | None = None


def _meaning(value: Any) -> Any:
    return {"category": value} if isinstance(value, str) else value


_Meanings = Annotated[Mapping[str, Annotated[Meaning | None, BeforeValidator(_meaning)]], BeforeValidator(_quoted_keys)]
_Codes = Annotated[Mapping[str, str | None], BeforeValidator(_quoted_keys)]


class LabelMapping(_Strict):
    """A mapping file.

    Attributes:
        source: a short name of the export, which ids begin with and every row notes.
        licence: under which the texts may be used; noted in every row.
        language: a tag for all texts, or `told` to tell it from each text.
        columns: of a table; Open311 and Signalen have names of their own.
        categories: the other system's category to ours; null leaves its reports out.
        departments: the other system's department to ours; null, or one that no rule allows, gives the default.
        priorities: the other system's priority to ours.
        priority: for reports whose priority nothing else tells.
    """

    source: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=40)]
    licence: _Name
    language: Annotated[str, StringConstraints(pattern=r"^(told|[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*)$")]
    columns: Columns | None = None
    categories: _Meanings = Field(default_factory=dict)
    departments: _Codes = Field(default_factory=dict)
    priorities: _Codes = Field(default_factory=dict)
    priority: str

    def require_codes(self, taxonomy: Taxonomy, rules: DepartmentRules) -> None:
        """Refuse codes that the taxonomy lacks, and departments that no rule gives to their category.

        Raises:
            InvalidConfiguration: naming the first key at fault.
        """
        for key, meaning in self.categories.items():
            if meaning is None:
                continue
            _require(meaning.category, taxonomy.categories, f"categories, '{key}'")
            _require(meaning.department, taxonomy.departments, f"categories, '{key}'")
            _require(meaning.priority, taxonomy.priorities, f"categories, '{key}'")
            if meaning.department and not rules.allows(meaning.category, meaning.department, taxonomy):
                raise InvalidConfiguration(
                    f"The mapping at categories, '{key}': no rule sends '{meaning.category}' to"
                    f" '{meaning.department}'; leave the department out, or add a rule."
                )
        for key, code in self.departments.items():
            _require(code, taxonomy.departments, f"departments, '{key}'")
        for key, code in self.priorities.items():
            _require(code, taxonomy.priorities, f"priorities, '{key}'")
        _require(self.priority, taxonomy.priorities, "priority")


def load_mapping(path: Path) -> LabelMapping:
    """Read a mapping file.

    Raises:
        InvalidConfiguration: naming the field and what is wrong with it.
    """
    try:
        return LabelMapping.model_validate(read_yaml(path))
    except UnreadableYaml as error:
        raise InvalidConfiguration(f"The mapping {path} cannot be read: {error}.") from error
    except ValidationError as error:
        raise InvalidConfiguration(f"The mapping {path}: {first_fault(error, 'the file')}.") from error


def folded(name: str) -> str:
    """A foreign name as it is looked up: case and the width of its spaces make no difference."""
    return " ".join(name.casefold().split())


def _require(code: str | None, known: Iterable[str], where: str) -> None:
    codes = list(known)
    if code is not None and code not in codes:
        raise InvalidConfiguration(f"The mapping at {where}: '{code}' is not in the taxonomy ({', '.join(codes)}).")
