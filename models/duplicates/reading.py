"""Reads texts into what alerts are compared by, and what an older model had read once more, but only once."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.duplicates.scorer import DuplicateScorer
from models.text import TextModel, TextOutput

# Some 3 KB each; the neighbours of the last days are among so many.
MOST_TEXTS = 4_096


@dataclass(frozen=True, slots=True)
class VectorReader:
    """Reads texts without personal data into what alerts are compared by."""

    text_model: TextModel
    scorer: DuplicateScorer

    def read_again(self, texts: Sequence[str]) -> Sequence[bytes]:
        """Vectors of texts, for those stored by an older model."""
        return self.vectors(texts, self.text_model.predict(texts))

    def vectors(self, texts: Sequence[str], output: TextOutput) -> Sequence[bytes]:
        """Vectors of texts that the text model has read."""
        categories = self.text_model.probabilities(output)["category"]
        return [
            self.scorer.read(categories[row], output.embeddings[row], output.states[row][: None if text else 0])
            for row, text in enumerate(texts)
        ]


class Remembering:
    """A reader of texts that keeps the vectors it made last; threads may share it.

    Args:
        read: a vector for each text.
        most: texts whose vectors are kept.
    """

    def __init__(self, read: Callable[[Sequence[str]], Sequence[bytes]], most: int = MOST_TEXTS) -> None:
        self._read = read
        self._most = most
        self._known: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, texts: Sequence[str]) -> Sequence[bytes]:
        """A vector for each text; those that are not known are read together."""
        with self._lock:
            found = {text: self._known[text] for text in texts if text in self._known}
        new = [text for text in dict.fromkeys(texts) if text not in found]
        if new:
            found.update(zip(new, self._read(new), strict=True))
        with self._lock:
            for text, vector in found.items():
                self._known[text] = vector
                self._known.move_to_end(text)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return [found[text] for text in texts]
