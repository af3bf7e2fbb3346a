"""What a step of training reads: texts with the labels that are known of each."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from wordfreq import top_n_list

from triage.corpus import LabelledAlert
from triage.taxonomy import HEADS, Head, Taxonomy

IGNORED: Final = -100  # torch's mark of a label that is not known
KNOWN, UNKNOWN = 0, 1

_KNOWN_LANGUAGES: Final = ("fr", "fr", "fr", "en", "de", "es", "it", "pt", "nl", "tr")
_UNKNOWN_LANGUAGES: Final = (
    "fi", "hu", "cs", "sl", "sh", "sv", "nb", "da", "is", "el", "uk", "ru", "bg", "mk", "vi", "id", "ms", "fil",
    "lv", "lt", "he", "hi", "bn", "ta", "fa", "ur", "ar", "zh", "ja", "ko",
)  # fmt: skip
_FREQUENT_WORDS: Final = 3000
_LONGEST_SALAD: Final = 25


@dataclass(frozen=True, slots=True)
class Example:
    """A masked text, its code per head or `IGNORED`, whether its language is known, and how much it counts."""

    text: str
    labels: Mapping[Head, int]
    language: int = KNOWN
    weight: float = 1.0


def labelled_examples(rows: Sequence[LabelledAlert], taxonomy: Taxonomy, weight: float = 1.0) -> list[Example]:
    """Rows with their labels, each counting so much."""
    position = {head: {code: number for number, code in enumerate(taxonomy.codes(head))} for head in HEADS}
    return [
        Example(row.masked_text, {head: position[head][row.label(head)] for head in HEADS}, weight=weight)
        for row in rows
    ]


def category_examples(texts: Sequence[tuple[str, str]], taxonomy: Taxonomy, weight: float = 1.0) -> list[Example]:
    """Masked texts with their category, of which nothing else is known."""
    position = {code: number for number, code in enumerate(taxonomy.codes("category"))}
    return [
        Example(text, {**dict.fromkeys(HEADS, IGNORED), "category": position[category]}, weight=weight)
        for text, category in texts
    ]


def unlabelled_examples(texts: Sequence[str]) -> list[Example]:
    """Texts that only a teacher can answer."""
    return [Example(text, dict.fromkeys(HEADS, IGNORED)) for text in texts]


class WordSalads:
    """Frequent words in random order, of languages that the corpus holds and of others.

    They teach one thing, whether the language is known; the salads of known languages keep the
    network from taking disorder for a foreign tongue.
    """

    def __init__(self) -> None:
        self._words = {code: top_n_list(code, _FREQUENT_WORDS) for code in {*_KNOWN_LANGUAGES, *_UNKNOWN_LANGUAGES}}

    def draw(self, count: int, generator: random.Random) -> list[Example]:
        """As many examples as asked for, one in three of a known language."""
        return [self._one(generator, number % 3 == 0) for number in range(count)]

    def _one(self, generator: random.Random, known: bool) -> Example:
        words = self._words[generator.choice(_KNOWN_LANGUAGES if known else _UNKNOWN_LANGUAGES)]
        # Half of the draws come from the most frequent hundred, as in any real sentence.
        chosen = [
            generator.choice(words[:100] if generator.random() < 0.5 else words)
            for _ in range(generator.randint(3, _LONGEST_SALAD))
        ]
        return Example(" ".join(chosen).capitalize(), dict.fromkeys(HEADS, IGNORED), KNOWN if known else UNKNOWN)
