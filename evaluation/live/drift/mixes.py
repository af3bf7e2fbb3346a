"""Which kinds of alerts come in: their categories and languages."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluation.live.drift.chance import exceeded_by, of_mixes
from evaluation.live.drift.finding import Bars, Difference, Finding, found, too_few
from evaluation.live.drift.observed import Observed
from evaluation.live.drift.sentences import N_, Category, Language, Percent, Sentence
from models.reference import Reference

_MOST_BARS = 8


@dataclass(frozen=True, slots=True)
class CategoryMix:
    """The categories that the bundle answers."""

    code: str = "DRF001"
    name: str = "category_mix"
    title: str = N_("Categories")
    least: float = 0.1

    def compare(self, reference: Reference, observed: Observed, rate: float) -> Finding:
        """The share of alerts that would need another category."""
        message = N_(
            "%(share)s of the alerts would need another category to come as in the reference; %(name)s differs most,"
            " with %(now)s instead of %(before)s."
        )
        return _compare(self, reference.categories, observed.categories, rate, Category, message)


@dataclass(frozen=True, slots=True)
class LanguageMix:
    """The languages that people write in."""

    code: str = "DRF004"
    name: str = "language"
    title: str = N_("Languages")
    least: float = 0.05

    def compare(self, reference: Reference, observed: Observed, rate: float) -> Finding:
        """The share of texts that would need another language."""
        message = N_(
            "%(share)s of the texts would need another language to come as in the reference; %(name)s differs most,"
            " with %(now)s instead of %(before)s."
        )
        return _compare(self, reference.languages, observed.languages, rate, Language, message)


def _compare(
    measure: CategoryMix | LanguageMix,
    counts: Mapping[str, int],
    codes_now: Sequence[str],
    rate: float,
    kind: type[Category] | type[Language],
    message: str,
) -> Finding:
    if lacking := too_few(measure, len(codes_now)):
        return lacking
    seen = Counter(codes_now)
    codes = sorted({*counts, *seen})
    total, number = sum(counts.values()), len(codes_now)
    shares = {code: (counts.get(code, 0) / total, seen[code] / number) for code in codes}
    ranked = sorted(codes, key=lambda code: -abs(shares[code][1] - shares[code][0]))
    value = sum(abs(now - before) for before, now in shares.values()) / 2
    by_chance = exceeded_by(of_mixes([counts.get(code, 0) for code in codes], number), rate)
    before, now = shares[ranked[0]]
    values = {"share": Percent(value), "name": kind(ranked[0]), "now": Percent(now), "before": Percent(before)}
    bars = Bars(tuple((kind(code), *shares[code]) for code in ranked[:_MOST_BARS]))
    return found(measure, Difference(number, value, by_chance), Sentence(message, values), bars)
