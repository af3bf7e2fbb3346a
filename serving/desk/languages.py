"""The languages of the pages: messages from catalogues; dates, numbers and distances as readers write them."""

import gettext
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from triage.errors import InvalidConfiguration

# Messages in code and templates are English, so English needs no catalogue.
SOURCE = "en"
DEFAULT = "fr"
CODES = (DEFAULT, SOURCE)
FOLDER = Path(__file__).parent / "locale"

_KILOMETRE = 1_000
_JUST_NOW = timedelta(seconds=45)
_SURE, _UNSURE = 0.995, 0.005


def N_(message: str) -> str:  # noqa: N802 - the name that gettext's tools look for
    """Mark a message that is translated later."""
    return message


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the pages.

    Attributes:
        code: as in the taxonomy's names.
        catalogue: the messages.
        zone: where the city's clocks are.
    """

    code: str
    catalogue: gettext.NullTranslations
    zone: ZoneInfo

    @property
    def locale(self) -> Locale:
        """How readers of this language write numbers and dates; English as the British do, with 24 hours."""
        return Locale("en", "GB") if self.code == SOURCE else Locale(self.code)

    def gettext(self, message: str) -> str:
        """A message in this language."""
        return self.catalogue.gettext(message)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """A message about a number of things."""
        return self.catalogue.ngettext(one, many, number)

    def moment(self, when: datetime) -> str:
        """A date and a time on the city's clocks."""
        return str(format_datetime(when, "d MMM y HH:mm", tzinfo=self.zone, locale=self.locale))

    def clock(self, when: datetime) -> str:
        """A time of day on the city's clocks."""
        return str(format_time(when, "HH:mm", tzinfo=self.zone, locale=self.locale))

    def name_of(self, code: str) -> str:
        """What another language is called; its code where nobody knows."""
        return str(self.locale.languages.get(code, code))

    def day(self, when: date) -> str:
        """A date."""
        shown = when.astimezone(self.zone) if isinstance(when, datetime) else when
        return str(format_date(shown, "d MMM y", locale=self.locale))

    def ago(self, then: datetime, now: datetime) -> str:
        """How long ago something was, roughly."""
        if now - then < _JUST_NOW:
            return self.gettext("just now")
        return format_timedelta(then - now, add_direction=True, locale=self.locale)

    def span(self, seconds: float) -> str:
        """How long something takes, roughly."""
        return format_timedelta(timedelta(seconds=seconds), format="short", locale=self.locale)

    def percent(self, share: float) -> str:
        """A probability; what is not quite certain is not called 100 %."""
        if _SURE <= share < 1:
            return f">\N{NO-BREAK SPACE}{format_percent(0.99, locale=self.locale)}"
        if 0 < share < _UNSURE:
            return f"<\N{NO-BREAK SPACE}{format_percent(0.01, locale=self.locale)}"
        return str(format_percent(share, locale=self.locale))

    def number(self, value: float, digits: int = 1) -> str:
        """A number."""
        pattern = "#,##0" if float(value).is_integer() else f"#,##0.{'#' * digits}"
        return str(format_decimal(value, pattern, locale=self.locale))

    def signed(self, value: float) -> str:
        """A number with its sign and one digit."""
        return str(format_decimal(value, "+0.0;−0.0", locale=self.locale))

    def metres(self, distance: float) -> str:
        """A distance."""
        if distance < _KILOMETRE:
            return str(format_unit(round(distance), "length-meter", "short", locale=self.locale))
        shown = round(distance / _KILOMETRE, 1)
        return str(format_unit(shown, "length-kilometer", "short", locale=self.locale))


def read_languages(time_zone: str) -> Mapping[str, Language]:
    """Every language of the pages, the default first.

    Args:
        time_zone: name of the city's time zone, such as Europe/Paris.

    Raises:
        InvalidConfiguration: there is no such time zone.
    """
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise InvalidConfiguration(f"There is no time zone '{time_zone}'; write one such as Europe/Paris.") from None
    return {code: Language(code, _translations(code), zone) for code in CODES}


def read_catalogue(code: str) -> Catalog:
    """All messages of one language, from every file in its folder; of two for one message the first file's counts."""
    whole = Catalog(code)
    for path in sorted((FOLDER / code).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, code):
                if message.id and whole.get(message.id, message.context) is None:
                    whole[message.id] = message
    return whole


def _translations(code: str) -> gettext.NullTranslations:
    if code == SOURCE:
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, read_catalogue(code))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
