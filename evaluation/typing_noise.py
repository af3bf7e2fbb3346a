"""How phones and thumbs change a text: accents and punctuation lost, slips of a finger."""

import random
import re
import unicodedata
from collections.abc import Callable, Sequence

from triage.redaction import MARK

_NEIGHBOURS = {
    "a": "zqs", "z": "aes", "e": "zrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij", "i": "uok", "o": "ipl",
    "p": "om", "q": "asw", "s": "qdz", "d": "sfe", "f": "dgr", "g": "fht", "h": "gjy", "j": "hku", "k": "jli",
    "l": "kmo", "m": "lp", "w": "qxs", "x": "wcs", "c": "xvd", "v": "cbf", "b": "vnh", "n": "bhj",
}  # fmt: skip


def strip_accents(text: str) -> str:
    """The text as typed without accents."""
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if unicodedata.category(c) != "Mn"))


def has_accent(text: str) -> bool:
    """Whether a letter carries an accent; the invisible marks of an emoji are none."""
    return any(unicodedata.combining(character) for character in unicodedata.normalize("NFD", text))


def strip_punctuation(text: str) -> str:
    """The text without punctuation; apostrophes become spaces."""
    return re.sub(r"\s+", " ", re.sub(r"[^\w\s<>@]", " ", text)).strip()


def spaced_without_punctuation(piece: str) -> str:
    """What stands between two redaction marks without punctuation, still apart from what is around it."""
    return f" {strip_punctuation(piece)} "


def add_typos(text: str, rate: float, generator: random.Random) -> str:
    """Change about `rate` of the words of four letters and more by one slip: drop, double, swap or neighbouring key."""
    return " ".join(
        _slip(word, generator) if _can_slip(word) and generator.random() < rate else word for word in text.split(" ")
    )


def slip_words(text: str, share: float, generator: random.Random) -> str:
    """Change `share` of all words by one slip each, as far as there are words of four letters to change.

    The share holds on average: where it is no whole number of words, chance decides on the last one.
    """
    words = text.split(" ")
    long = [position for position, word in enumerate(words) if _can_slip(word)]
    wanted = int(share * sum(map(bool, words)) + generator.random())
    for position in generator.sample(long, min(wanted, len(long))):
        words[position] = _slip(words[position], generator)
    return " ".join(words)


def change_between_marks(text: str, changes: Sequence[Callable[[str], str]]) -> str:
    """Apply changes to what stands between redaction marks such as `<TEL>`, since serving never changes those."""
    pieces = MARK.split(text)
    for change in changes:
        pieces = [piece if MARK.fullmatch(piece) else change(piece) for piece in pieces]
    return "".join(pieces)


def _can_slip(word: str) -> bool:
    return len(word) > 3


def _slip(word: str, generator: random.Random) -> str:
    position = generator.randrange(1, len(word) - 1)
    kind = generator.choice(("drop", "double", "swap", "neighbour"))
    if kind == "drop":
        return word[:position] + word[position + 1 :]
    if kind == "double":
        return word[:position] + word[position] + word[position:]
    if kind == "swap":
        return word[:position] + word[position + 1] + word[position] + word[position + 2 :]
    keys = _NEIGHBOURS.get(word[position].lower())
    return word[:position] + generator.choice(keys) + word[position + 1 :] if keys else word
