"""How like two texts are by their words and letters: robust to typing errors, and to words no model has learned."""

import math
import re
import zlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from triage.duplicates.wording import plain_letters

# Words share weights by chance where their digests fall into one place; with this many places that is rare.
PLACES = 8_192

_WORD = re.compile(r"\w+")
_SHORTEST, _LONGEST = 3, 4
_KEPT_WORDS = 400


class WordWeights(BaseModel):
    """Inverse document frequencies of words, hashed (Weinberger et al., 2009, "Feature Hashing")."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weights: Annotated[tuple[FiniteFloat, ...], Field(min_length=PLACES, max_length=PLACES)]

    @classmethod
    def learn(cls, texts: Sequence[str]) -> "WordWeights":
        """Count in how many texts each word stands."""
        counts = [0] * PLACES
        for text in texts:
            for place in {_place(word) for word in words(text)}:
                counts[place] += 1
        return cls(weights=tuple(round(math.log((len(texts) + 1) / (count + 1)), 2) for count in counts))

    def alike(self, one: str, two: str) -> tuple[float, float] | None:
        """Cosine of the weighted words of two texts, and the weight of the rarest word of both; None without words."""
        first, second = words(one), words(two)
        if not first or not second:
            return None
        shared = [self._weight(word) for word in first & second]
        norm = math.sqrt(self._squares(first) * self._squares(second))
        return (sum(weight**2 for weight in shared) / norm if norm else 0.0), max(shared, default=0.0)

    def _squares(self, found: Iterable[str]) -> float:
        return sum(self._weight(word) ** 2 for word in found)

    def _weight(self, word: str) -> float:
        return self.weights[_place(word)]


def alike(one: str, two: str) -> float | None:
    """Cosine of the sets of letter groups of two texts, from 0 to 1; None where one has no word."""
    first, second = _groups(one), _groups(two)
    if not first or not second:
        return None
    return len(first & second) / math.sqrt(len(first) * len(second))


@lru_cache(maxsize=16_384)
def words(text: str) -> frozenset[str]:
    """The different words of a text, in small letters without accents."""
    return frozenset(_WORD.findall(plain_letters(text))[:_KEPT_WORDS])


@lru_cache(maxsize=16_384)
def _groups(text: str) -> frozenset[str]:
    padded = (f" {word} " for word in words(text))
    return frozenset(
        word[start : start + length]
        for word in padded
        for length in range(_SHORTEST, _LONGEST + 1)
        for start in range(max(1, len(word) - length + 1))
    )


@lru_cache(maxsize=65_536)
def _place(word: str) -> int:
    return zlib.crc32(word.encode()) % PLACES
