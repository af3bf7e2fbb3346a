"""A text in pieces: what is masked in it, and which words spoke for the model's answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from serving.desk.languages import N_
from triage.prediction import ExplainedWord
from triage.redaction import MARK
from triage.taxonomy import Head

Kind = Literal["plain", "mask"]
Mark = Literal["strong", "weak"]

# A word that lowers the answer's logarithm by less says nothing; a strong one has half the weight of the strongest.
_LEAST, _WEAK_SHARE, _STRONG_SHARE = 0.05, 0.2, 0.5

MASKS: Mapping[str, str] = {
    "<EMAIL>": N_("e-mail address masked"),
    "<IBAN>": N_("bank account masked"),
    "<NIR>": N_("social security number masked"),
    "<TEL>": N_("telephone number masked"),
    "<PLAQUE>": N_("number plate masked"),
    "<NOM>": N_("name masked"),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text, and how strongly it decided, if it did; of a mask, `text` is the message that names it."""

    text: str
    kind: Kind = "plain"
    mark: Mark | None = None


def plain_pieces(text: str) -> tuple[Piece, ...]:
    """The text with its masks."""
    return _pieces(text, None)


def in_words(text: str, gettext: Callable[[str], str]) -> str:
    """The text with its masks named, for where no markup can be: in titles and lists."""
    return "".join(f"[{gettext(piece.text)}]" if piece.kind == "mask" else piece.text for piece in plain_pieces(text))


def holds_masks(text: str) -> bool:
    """Whether personal data was taken out of a text."""
    return any(part in MASKS for part in MARK.split(text))


def marked_pieces(text: str, words: Sequence[ExplainedWord], head: Head = "category") -> tuple[Piece, ...]:
    """The text with its masks, and with the words marked that spoke for the answer of a head.

    The model reads a text without greetings and capitals, so its words are looked for one after the other; one that is
    not found is left unmarked.
    """
    folded, strongest = text.lower(), max((word.weights.get(head, 0.0) for word in words), default=0.0)
    if len(folded) != len(text):  # some capitals have longer small letters; then places do not fit
        return plain_pieces(text)
    pieces: list[Piece] = []
    done = read = 0
    for word in words:
        start = folded.find(word.text.lower(), read)
        if start < 0:
            continue
        read = start + len(word.text)
        mark = _mark(word.weights.get(head, 0.0), strongest)
        if mark is not None:
            pieces += (*plain_pieces(text[done:start]), *_pieces(text[start:read], mark))
            done = read
    return (*pieces, *plain_pieces(text[done:]))


def _mark(weight: float, strongest: float) -> Mark | None:
    if weight < max(_LEAST, _WEAK_SHARE * strongest):
        return None
    return "strong" if weight >= _STRONG_SHARE * strongest else "weak"


def _pieces(text: str, mark: Mark | None) -> tuple[Piece, ...]:
    parts = (part for part in MARK.split(text) if part)
    return tuple(Piece(MASKS[part], "mask", mark) if part in MASKS else Piece(part, mark=mark) for part in parts)
