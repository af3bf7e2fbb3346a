"""What the standard calls services: the city's categories, with words that help residents to find theirs."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from serving.desk.languages import Language
from serving.open311.writing import Row
from triage.errors import InvalidConfiguration, first_fault
from triage.settings import PROJECT_ROOT
from triage.taxonomy import Taxonomy
from triage.yaml_file import UnreadableYaml, read_yaml

DEFAULT_SERVICES = PROJECT_ROOT / "datasets" / "open311.yaml"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Words(_Frozen):
    fr: str = Field(min_length=1)
    en: str = Field(min_length=1)


class _Keywords(_Frozen):
    fr: tuple[str, ...] = ()
    en: tuple[str, ...] = ()


class ServiceEntry(_Frozen):
    """One category as apps list it; keywords are joined by commas, so none may hold one."""

    group: str
    description: _Words
    keywords: _Keywords = _Keywords()

    @model_validator(mode="after")
    def _no_comma_in_a_keyword(self) -> "ServiceEntry":
        for word in (*self.keywords.fr, *self.keywords.en):
            if "," in word:
                raise ValueError(f"the keyword '{word}' holds a comma; make it two keywords")
        return self


class ServiceBook(_Frozen):
    """The file `open311.yaml`: groups by name, and what is said of categories by code."""

    groups: Mapping[str, _Words]
    services: Mapping[str, ServiceEntry]

    @model_validator(mode="after")
    def _groups_are_listed(self) -> "ServiceBook":
        for code, entry in self.services.items():
            if entry.group not in self.groups:
                raise ValueError(f"'{code}' names the group '{entry.group}', which is not listed under groups")
        return self

    def rows(self, taxonomy: Taxonomy, language: Language) -> list[Row]:
        """Every category, in the order of the taxonomy."""
        return [self._row(code, taxonomy, language.code) for code in taxonomy.categories]

    def _row(self, code: str, taxonomy: Taxonomy, language: str) -> Row:
        category, entry = taxonomy.categories[code], self.services.get(code)
        name = str(getattr(category, language))
        if entry is None:
            department = taxonomy.departments[category.default_department]
            description, keywords, group = name, "", str(getattr(department, language))
        else:
            description = str(getattr(entry.description, language))
            keywords = ", ".join(getattr(entry.keywords, language))
            group = str(getattr(self.groups[entry.group], language))
        return {
            "service_code": code,
            "service_name": name,
            "description": description,
            "metadata": False,
            "type": "realtime",
            "keywords": keywords,
            "group": group,
        }


def load_services(path: Path | None, taxonomy: Taxonomy) -> ServiceBook:
    """Read and check the file.

    Args:
        path: a city's own file, where every code must be the taxonomy's; by default the one that ships, whose codes a
            city may lack.
        taxonomy: the city's codes.

    Raises:
        InvalidConfiguration: it cannot be read, is malformed, or names a category that the taxonomy lacks.
    """
    chosen = path or DEFAULT_SERVICES
    try:
        book = ServiceBook.model_validate(read_yaml(chosen))
    except UnreadableYaml as error:
        raise InvalidConfiguration(f"The file {chosen} cannot be read: {error}.") from error
    except ValidationError as error:
        raise InvalidConfiguration(f"The file {chosen} is malformed: {first_fault(error, 'the file')}.") from error
    unknown = sorted(set(book.services) - set(taxonomy.categories))
    if path is not None and unknown:
        raise InvalidConfiguration(f"The file {path} names the category '{unknown[0]}', which the taxonomy lacks.")
    return book
