"""French first, English second: the messages of code and templates are English, and a catalogue has the French."""

import gettext
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml
from babel import Locale
from babel.dates import format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

SOURCE, DEFAULT = "en", "fr"
CODES = (DEFAULT, SOURCE)
FOLDER = Path(__file__).parent / "locale"


def N_(message: str) -> str:  # noqa: N802 - the name that gettext's tools look for
    """Mark a message that is translated later."""
    return message


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the pages.

    Attributes:
        code: `fr` or `en`.
        catalogue: the messages.
        names: what the city calls its categories and departments, by code.
        zone: where the city's clocks are.
    """

    code: str
    catalogue: gettext.NullTranslations
    names: Mapping[str, str]
    zone: ZoneInfo

    def gettext(self, message: str) -> str:
        """A message in this language."""
        return self.catalogue.gettext(message)

    def name_of(self, part: str, code: object) -> str | None:
        """What the city calls one of its `categories` or `departments`; None where it has no such code."""
        return self.names.get(f"{part}:{code}")

    def moment(self, when: datetime) -> str:
        """A date and a time on the city's clocks."""
        locale = Locale("en", "GB") if self.code == SOURCE else Locale(self.code)
        return str(format_datetime(when, "d MMM, HH:mm", tzinfo=self.zone, locale=locale))


def read_languages(taxonomy: Path, zone: ZoneInfo) -> Mapping[str, Language]:
    """Every language of the pages, the default first.

    Args:
        taxonomy: the city's file of categories and departments.
        zone: where the city's clocks are.
    """
    document = yaml.safe_load(taxonomy.read_text(encoding="utf-8"))
    named = {part: document[part] for part in ("categories", "departments")}
    return {code: Language(code, _messages(code), _names(named, code), zone) for code in CODES}


def _names(named: Mapping[str, Mapping[str, Mapping[str, str]]], language: str) -> dict[str, str]:
    # A department may have the code of a category; "categories:" and "departments:" tell them apart.
    return {
        f"{part}:{code}": str(entry[language]) for part, entries in named.items() for code, entry in entries.items()
    }


def _messages(code: str) -> gettext.NullTranslations:
    if code == SOURCE:
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with (FOLDER / code / "intake.po").open("rb") as file:
        write_mo(compiled, read_po(file, code, abort_invalid=True))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
