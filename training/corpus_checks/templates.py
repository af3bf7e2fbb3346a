"""Whether texts look as if templates had made them, or one person in one mood."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from training.corpus_checks.check import listed
from training.corpus_checks.wording import accentless_share, five_grams, median_words, openings, words
from triage.corpus import LabelledAlert
from triage.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class RecurringPhrases:
    """Of all different five-word phrases, few occur in more than one text."""

    code: ClassVar[str] = "DAT008"
    title: ClassVar[str] = "phrases of five words do not recur"
    maximum: float = 0.01
    shown: int = 20

    def find(self, rows: Sequence[LabelledAlert], _taxonomy: Taxonomy) -> list[str]:
        """One sentence with the share and the most frequent phrases, or none."""
        phrases = five_grams(rows)
        if phrases.recurring_share <= self.maximum:
            return []
        worst = (
            f"“{phrase}” ({listed(rows[place].id for place in places)})" for phrase, places in phrases.recurring.items()
        )
        return [
            f"{len(phrases.recurring)} of {phrases.total} phrases of five words ({phrases.recurring_share:.2%}) occur"
            f" in several texts, more than {self.maximum:.2%}; rewrite first {listed(worst, limit=self.shown)}."
        ]


@dataclass(frozen=True, slots=True)
class FrequentOpenings:
    """No three-word opening is frequent; two texts that begin alike are no template, however small the corpus."""

    code: ClassVar[str] = "DAT009"
    title: ClassVar[str] = "texts begin in different ways"
    maximum: float = 0.005

    def find(self, rows: Sequence[LabelledAlert], _taxonomy: Taxonomy) -> list[str]:
        """One sentence for each opening that is too frequent."""
        return [
            f"{count} of {len(rows)} texts begin with “{opening}”, more than {self.maximum:.1%}; begin differently in"
            f" some of the rows {listed(row.id for row in rows if ' '.join(words(row.text)[:3]) == opening)}."
            for opening, count in openings(rows).most_common()
            if count > max(2, self.maximum * len(rows))
        ]


@dataclass(frozen=True, slots=True)
class AccentlessShare:
    """About a quarter of the texts are typed without accents, as on a phone."""

    code: ClassVar[str] = "DAT010"
    title: ClassVar[str] = "a realistic share of texts has no accent"
    minimum: float = 0.15
    maximum: float = 0.35

    def find(self, rows: Sequence[LabelledAlert], _taxonomy: Taxonomy) -> list[str]:
        """One sentence with the share, or none."""
        share = accentless_share(rows)
        if self.minimum <= share <= self.maximum:
            return []
        remedy = "more" if share < self.minimum else "fewer"
        return [
            f"{share:.1%} of the texts have no accent, outside {self.minimum:.0%} to {self.maximum:.0%};"
            f" write {remedy} texts without accents."
        ]


@dataclass(frozen=True, slots=True)
class MedianLength:
    """Texts are as long as what people type on a phone."""

    code: ClassVar[str] = "DAT011"
    title: ClassVar[str] = "texts have a realistic length"
    minimum: float = 14
    maximum: float = 22

    def find(self, rows: Sequence[LabelledAlert], _taxonomy: Taxonomy) -> list[str]:
        """One sentence with the median, or none."""
        length = median_words(rows)
        if self.minimum <= length <= self.maximum:
            return []
        remedy = "longer" if length < self.minimum else "shorter"
        return [
            f"The median text has {length:g} words, outside {self.minimum:g} to {self.maximum:g}; write {remedy} texts."
        ]
