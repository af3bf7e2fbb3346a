"""The sheet in one language: its words, filled with facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from pydantic import BaseModel, ConfigDict, Field

from evaluation.register.facts import Facts
from evaluation.register.tables import Tables
from triage.errors import InvalidConfiguration
from triage.yaml_file import read_yaml

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "en")
_WORDS = Path(__file__).parent / "words"
_MEGABYTE = 1e6


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldWords(_Frozen):
    """One field: sentences to be filled in, and what only the city knows."""

    key: str
    title: str
    text: tuple[str, ...] = ()
    items: Literal["reasons"] | None = None
    table: str | None = None
    missing: str | None = None


class SectionWords(_Frozen):
    """Some fields under one heading."""

    title: str
    fields: tuple[FieldWords, ...]


class Words(_Frozen):
    """Everything that a sheet says, in one language."""

    title: str
    intro: str
    missing: str
    none: str
    sections: tuple[SectionWords, ...]
    tables: Mapping[str, tuple[str, ...]]
    heads: Mapping[str, str]
    hours: str
    figures: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SheetField:
    """One field as it is read; `table` is its head and its lines."""

    key: str
    title: str
    text: tuple[str, ...]
    items: tuple[str, ...] = ()
    table: tuple[Sequence[str], Sequence[Sequence[str]]] | None = None
    is_missing: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole sheet; `sections` are their headings and fields."""

    language: Language
    title: str
    intro: str
    sections: tuple[tuple[str, tuple[SheetField, ...]], ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The keys of the fields that the city has yet to fill in."""
        return tuple(field.key for _, fields in self.sections for field in fields if field.is_missing)


Details = Annotated[Mapping[str, str], Field(description="What only the city knows, by the key of its field.")]


def read_words(language: Language) -> Words:
    """The words of a language."""
    return Words.model_validate(read_yaml(_WORDS / f"{language}.yaml"))


def write_sheet(facts: Facts, language: Language, details: Details, today: date) -> Sheet:
    """Fill the sheet in.

    Args:
        facts: of the bundle in use.
        language: of the sheet.
        details: what only the city knows.
        today: the date that it bears.

    Raises:
        InvalidConfiguration: the details name a field that the city cannot fill in.
    """
    words = read_words(language)
    asked = {field.key for section in words.sections for field in section.fields if field.missing}
    foreign = sorted(set(details) - asked)
    if foreign:
        raise InvalidConfiguration(f"The details name '{foreign[0]}'; a city fills in {', '.join(sorted(asked))}.")
    writer = _Writer(words, facts, language, today)
    sections = tuple(
        (section.title, tuple(writer.field(field, details) for field in section.fields)) for section in words.sections
    )
    return Sheet(language, words.title, writer.filled(words.intro), sections)


class _Writer:
    """Fills sentences in."""

    def __init__(self, words: Words, facts: Facts, language: Language, today: date) -> None:
        self._words = words
        self._facts = facts
        self._language = language
        self._today = today
        self._tables = Tables(facts, words.tables, words.heads, words.figures, words.none, language)
        self._sentences = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)

    def field(self, field: FieldWords, details: Details) -> SheetField:
        given = details.get(field.key, "").strip()
        text = [self.filled(sentence) for sentence in field.text]
        if field.missing:
            text.append(given or self.filled(self._words.missing, what=field.missing))
        reasons = self._facts.reasons.values() if field.items == "reasons" else ()
        return SheetField(
            key=field.key,
            title=field.title,
            text=tuple(text),
            items=tuple(sentence[self._language] for sentence in reasons),
            table=self._tables.table(field.table, self._words.hours) if field.table else None,
            is_missing=bool(field.missing) and not given,
        )

    def filled(self, sentence: str, **more: str) -> str:
        return self._sentences.from_string(sentence).render(self._values() | more).strip()

    def _values(self) -> dict[str, Any]:
        facts = self._facts
        named = ("model", "version", "sha256", "data_sha256", "parts", "cards", "thresholds", "sample_share")
        kept = ("personal_days", "photo_days", "keeps_photos", "holds_vehicles")
        return {name: getattr(facts, name) for name in (*named, *kept)} | {
            "today": format_date(self._today, "long", locale=self._language),
            "made_on": format_date(facts.made_at, "long", locale=self._language),
            "rows": format_decimal(int(facts.metrics.get("rows", 0)), locale=self._language),
            "size_mb": format_decimal(round(facts.size / _MEGABYTE), locale=self._language),
            "photo": "photo" in facts.parts,
            "duplicates": "duplicates" in facts.parts,
            "percent": self._percent,
            "percent_of": self._tables.percent,
        }

    def _percent(self, share: float) -> str:
        return str(format_percent(share, "0.#\u202f%" if self._language == "fr" else "0.#%", locale=self._language))
