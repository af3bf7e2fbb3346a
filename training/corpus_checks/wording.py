"""How the texts of a corpus are worded: their words, openings, accents and recurring phrases."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from evaluation.typing_noise import has_accent, strip_accents
from triage.corpus import LabelledAlert


@dataclass(frozen=True, slots=True)
class FiveGrams:
    """How many different five-word phrases a corpus has, and those of several texts with the positions of the rows."""

    total: int
    recurring: Mapping[str, tuple[int, ...]]

    @property
    def recurring_share(self) -> float:
        """Share of the different five-word phrases that occur in more than one text."""
        return len(self.recurring) / self.total if self.total else 0.0


def words(text: str) -> list[str]:
    """The words of a text, accents and case ignored."""
    return re.findall(r"\w+", strip_accents(text).casefold())


def five_grams(rows: Sequence[LabelledAlert]) -> FiveGrams:
    """The five-word phrases of all texts; repeating one within a text does not make it recur."""
    places: defaultdict[str, set[int]] = defaultdict(set)
    for position, row in enumerate(rows):
        tokens = words(row.text)
        for start in range(len(tokens) - 4):
            places[" ".join(tokens[start : start + 5])].add(position)
    several = {phrase: tuple(sorted(found)) for phrase, found in places.items() if len(found) > 1}
    return FiveGrams(len(places), dict(sorted(several.items(), key=lambda item: (-len(item[1]), item[0]))))


def openings(rows: Sequence[LabelledAlert]) -> Counter[str]:
    """How many texts begin with the same three words; shorter texts do not count."""
    return Counter(" ".join(tokens[:3]) for row in rows if len(tokens := words(row.text)) >= 3)


def accentless_share(rows: Sequence[LabelledAlert]) -> float:
    """Share of the texts that have no accent at all."""
    return sum(not has_accent(row.text) for row in rows) / len(rows) if rows else 0.0


def median_words(rows: Sequence[LabelledAlert]) -> float:
    """Median number of words of a text."""
    return float(median(len(words(row.text)) for row in rows)) if rows else 0.0
