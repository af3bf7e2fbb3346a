"""Figures in the reader's language."""

from dataclasses import dataclass

from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from evaluation.live.intervals import Share
from serving.desk.languages import Language

# Below this a tenth of a second tells quick decisions apart.
_EXACT_S = 10
_MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Wording:
    """Writes figures as templates and charts show them."""

    language: Language

    def share(self, value: float) -> str:
        """A share with one digit."""
        locale = self.language.locale
        pattern = locale.percent_formats[None].pattern.replace("#,##0", "#,##0.0")
        return str(format_percent(value, pattern, locale=locale))

    def whole_percent(self, value: float) -> str:
        """A share on an axis, with a digit only where it needs one."""
        return str(format_percent(round(value, 3), locale=self.language.locale, decimal_quantization=False))

    def interval(self, share: Share) -> str:
        """The bounds of a share."""
        return self.language.gettext("%(low)s to %(high)s") % {
            "low": self.share(share.lower),
            "high": self.share(share.upper),
        }

    def counted(self, share: Share) -> str:
        """How many of how many."""
        return self.language.gettext("%(hits)s of %(total)s") % {
            "hits": self.language.number(share.hits),
            "total": self.language.number(share.total),
        }

    def whole(self, value: float) -> str:
        """A number that is a count, or nearly one."""
        return self.language.number(round(value, 1) if value < _EXACT_S else round(value))

    def fraction(self, value: float) -> str:
        """A number of two digits, such as a coefficient."""
        return str(format_decimal(value, "#,##0.00", locale=self.language.locale))

    def seconds(self, value: float) -> str:
        """A short time."""
        locale = self.language.locale
        if value >= _MINUTE_S:
            return str(format_unit(round(value / _MINUTE_S, 1), "duration-minute", "short", locale=locale))
        return str(format_unit(round(value, 1 if value < _EXACT_S else 0), "duration-second", "short", locale=locale))
