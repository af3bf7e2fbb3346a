"""Sentences of findings: a message and its values, which whoever shows them writes in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


def N_(message: str) -> str:  # noqa: N802 - the name that gettext's tools look for
    """Mark a message that is translated where it is shown."""
    return message


# What texts are in whose language could not be told.
UNTOLD = N_("an unknown language")


class Writer(Protocol):
    """Writes messages, figures and names."""

    def gettext(self, message: str) -> str:
        """A message in the reader's language."""

    def percent(self, share: float) -> str:
        """A share, with a digit where it needs one."""

    def number(self, value: float) -> str:
        """A count."""

    def category(self, code: str) -> str:
        """What a category is called."""

    def language_name(self, code: str) -> str:
        """What a language is called; that of "" could not be told."""


@dataclass(frozen=True, slots=True)
class Percent:
    """A share."""

    share: float

    def written(self, writer: Writer) -> str:
        """In the reader's language."""
        return writer.percent(self.share)


@dataclass(frozen=True, slots=True)
class Count:
    """A number of things."""

    value: float

    def written(self, writer: Writer) -> str:
        """In the reader's language."""
        return writer.number(self.value)


@dataclass(frozen=True, slots=True)
class Category:
    """A category by its code."""

    code: str

    def written(self, writer: Writer) -> str:
        """In the reader's language."""
        return writer.category(self.code)


@dataclass(frozen=True, slots=True)
class Language:
    """A language by its code."""

    code: str

    def written(self, writer: Writer) -> str:
        """In the reader's language."""
        return writer.language_name(self.code)


@dataclass(frozen=True, slots=True)
class Words:
    """A message among the values of another."""

    message: str

    def written(self, writer: Writer) -> str:
        """In the reader's language."""
        return writer.gettext(self.message)


Value = Percent | Count | Category | Language | Words


@dataclass(frozen=True, slots=True)
class Sentence:
    """A whole sentence; `message` has a place `%(name)s` for each of its values."""

    message: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def written(self, writer: Writer) -> str:
        """In the reader's language."""
        values = {name: value.written(writer) for name, value in self.values.items()}
        text = writer.gettext(self.message)
        return text % values if values else text


@dataclass(frozen=True, slots=True)
class EnglishWriter:
    """Writes for the command line: messages as they are; codes without a name stay as they are.

    Attributes:
        categories: what they are called.
        languages: the same.
    """

    categories: Mapping[str, str] = field(default_factory=dict)
    languages: Mapping[str, str] = field(default_factory=dict)

    def gettext(self, message: str) -> str:
        """The message itself."""
        return message

    def percent(self, share: float) -> str:
        """A share."""
        return f"{share:.1%}"

    def number(self, value: float) -> str:
        """A count."""
        return f"{value:,g}"

    def category(self, code: str) -> str:
        """Its name."""
        return self.categories.get(code, code)

    def language_name(self, code: str) -> str:
        """Its name."""
        return self.languages.get(code, code) if code else UNTOLD
