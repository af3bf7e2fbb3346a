"""From texts to padded token arrays, the same for training, benchmarks and serving."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from models.reading import as_read
from triage.errors import InvalidBundle

MAX_TOKENS = 128
PREFIX = "query: "  # what multilingual-e5 was trained to expect before a text

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """Padded tokens of some texts: `ids` and `mask` of shape (texts, longest)."""

    positions: list[int]
    ids: Ids
    mask: Ids


class Tokenizers:
    """Tokenizers by the digest of their file: bundles of one vocabulary share one as long as any of them is in use.

    Reading one holds Python's lock for some 60 ms, and no request is answered meanwhile.
    """

    def __init__(self) -> None:
        self._known: WeakValueDictionary[str, TextTokenizer] = WeakValueDictionary()

    def read(self, path: Path, sha256: str) -> "TextTokenizer":
        """The tokenizer of a verified file.

        Raises:
            InvalidBundle: it is none.
        """
        known = self._known.get(sha256)
        if known is None:
            known = self._known[sha256] = TextTokenizer(path)
        return known


class TextTokenizer:
    """A `tokenizer.json` that truncates at `MAX_TOKENS` and pads to the longest of a batch."""

    def __init__(self, path: Path) -> None:
        try:
            self._tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the Rust side raises bare Exception
            raise InvalidBundle(f"The bundle file {path} is no tokenizer: {error}.") from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._padding = self._tokenizer.token_to_id("<pad>") or 0

    @property
    def size(self) -> int:
        """How many tokens the vocabulary holds."""
        return self._tokenizer.get_vocab_size()

    def encode(self, texts: Sequence[str], *, as_typed: bool = True) -> list[list[int]]:
        """Token ids of each text, prefix and special tokens included; texts not as typed were read before."""
        read = map(as_read, texts) if as_typed else texts
        encodings = self._tokenizer.encode_batch_fast([PREFIX + text for text in read])
        return [encoding.ids for encoding in encodings]

    def reading(self, text: str) -> str:
        """What is read of a text: without manners and shouting, and cut where the tokens run out."""
        read = as_read(text)
        offsets = self._tokenizer.encode(PREFIX + read).offsets
        return read[: max((end for _, end in offsets), default=0) - len(PREFIX)]

    def batches(self, rows: Sequence[list[int]], max_batch_tokens: int) -> Iterator[TokenBatch]:
        """Group rows of similar length so that padding stays small.

        Args:
            rows: token ids of each text.
            max_batch_tokens: most tokens of one batch, padding included.
        """
        order = sorted(range(len(rows)), key=lambda index: len(rows[index]))
        start = 0
        while start < len(order):
            end = start + 1
            while end < len(order) and len(rows[order[end]]) * (end + 1 - start) <= max_batch_tokens:
                end += 1
            yield self._pad(order[start:end], rows)
            start = end

    def _pad(self, positions: list[int], rows: Sequence[list[int]]) -> TokenBatch:
        longest = max(len(rows[position]) for position in positions)
        ids = np.full((len(positions), longest), self._padding, dtype=np.int64)
        mask = np.zeros_like(ids)
        for line, position in enumerate(positions):
            row = rows[position]
            ids[line, : len(row)] = row
            mask[line, : len(row)] = 1
        return TokenBatch(positions, ids, mask)
