"""How phones and thumbs change a text: accents lost, capitals, no punctuation, slips of a finger."""

import random
import re
import unicodedata
from collections.abc import Callable

_MARK = re.compile(r"(<[A-Z]+>)")
_NEIGHBOURS = {
    "a": "zqs", "z": "aes", "e": "zrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij", "i": "uok", "o": "ipl",
    "p": "om", "q": "asw", "s": "qdz", "d": "sfe", "f": "dgr", "g": "fht", "h": "gjy", "j": "hku", "k": "jli",
    "l": "kmo", "m": "lp", "w": "qxs", "x": "wcs", "c": "xvd", "v": "cbf", "b": "vnh", "n": "bhj",
}  # fmt: skip


def strip_accents(text: str) -> str:
    """The text as typed without accents."""
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if unicodedata.category(c) != "Mn"))


def strip_punctuation(text: str) -> str:
    """The text without punctuation; apostrophes become spaces."""
    return re.sub(r"\s+", " ", re.sub(r"[^\w\s<>@]", " ", text)).strip()


def add_typos(text: str, rate: float, generator: random.Random) -> str:
    """Change about `rate` of the words by one slip: drop, double, swap or a neighbouring key."""
    return " ".join(
        _slip(word, generator) if len(word) > 3 and generator.random() < rate else word for word in text.split(" ")
    )


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


def augment(text: str, generator: random.Random) -> str:
    """One way in which another person could have typed the text; often the text itself.

    Redaction marks such as `<TEL>` stay as they are, since serving never changes them.
    """
    changes = _draw_changes(generator)
    pieces = _MARK.split(text)
    for change in changes:
        pieces = [piece if _MARK.fullmatch(piece) else change(piece) for piece in pieces]
    return " ".join("".join(pieces).split())


def _draw_changes(generator: random.Random) -> list[Callable[[str], str]]:
    changes: list[Callable[[str], str]] = []
    if generator.random() < 0.25:
        changes.append(strip_accents)
    if generator.random() < 0.2:
        changes.append(_spaced_without_punctuation)
    if generator.random() < 0.2:
        changes.append(lambda piece: add_typos(piece, 0.15, generator))
    case = generator.random()
    if case < 0.15:
        changes.append(str.upper)
    elif case < 0.4:
        changes.append(str.lower)
    return changes


def _spaced_without_punctuation(piece: str) -> str:
    # A piece between two marks must keep the spaces around it.
    return f" {strip_punctuation(piece)} "
