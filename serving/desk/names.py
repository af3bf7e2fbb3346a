"""What codes are called in the reader's language: the city's words, never repeated in code."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from triage.errors import InvalidConfiguration, first_fault
from triage.settings import PROJECT_ROOT
from triage.taxonomy import Head, Taxonomy
from triage.yaml_file import UnreadableYaml, read_yaml

REASONS = PROJECT_ROOT / "datasets" / "reasons.yaml"


class Sentence(BaseModel):
    """One sentence in every language of the pages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fr: str = Field(min_length=1)
    en: str = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one language; a code that the city's files lack is shown as it is.

    Attributes:
        language: code of the language.
        taxonomy: the city's words.
        reasons: a sentence for each reason that an answer can give.
    """

    language: str
    taxonomy: Taxonomy
    reasons: Mapping[str, Sentence]

    def category(self, code: str) -> str:
        """What a category is called."""
        return self._named(self.taxonomy.categories, code)

    def department(self, code: str) -> str:
        """What a department is called."""
        return self._named(self.taxonomy.departments, code)

    def priority(self, code: str) -> str:
        """What a priority is called."""
        return self._named(self.taxonomy.priorities, code)

    def photo_label(self, code: str) -> str:
        """What a photo shows."""
        return self._named(self.taxonomy.photo_labels, code)

    def reason(self, code: str) -> str:
        """Why an alert is looked at, or what was noted about it."""
        return self._named(self.reasons, code)

    def name(self, head: Head, code: str) -> str:
        """What a code of a head is called."""
        return {"category": self.category, "department": self.department, "priority": self.priority}[head](code)

    def answer(self, category: str | None, department: str | None, priority: str | None) -> str:
        """A whole answer in one line; what was not answered is left out."""
        named = (
            category and self.category(category),
            department and self.department(department),
            priority and self.priority(priority),
        )
        return " → ".join(filter(None, named))

    def rank(self, priority: str | None) -> int | None:
        """How pressing a priority is, 0 the most; None for one that the taxonomy lacks."""
        known = self.taxonomy.priorities.get(priority or "")
        return None if known is None else known.rank

    def _named(self, entries: Mapping[str, Any], code: str) -> str:
        entry = entries.get(code)
        return code if entry is None else str(getattr(entry, self.language))


def read_reasons(path: Path = REASONS) -> Mapping[str, Sentence]:
    """The sentences for reasons.

    Raises:
        InvalidConfiguration: the file cannot be read, or lacks a language.
    """
    try:
        return TypeAdapter(dict[str, Sentence]).validate_python(read_yaml(path))
    except UnreadableYaml as error:
        raise InvalidConfiguration(f"The reasons {path} cannot be read: {error}.") from error
    except ValidationError as error:
        raise InvalidConfiguration(f"The reasons {path} are not valid at {first_fault(error, 'file')}.") from error
