"""How phones and thumbs change a text: accents lost, capitals, no punctuation, slips of a finger."""

import random
import re
import unicodedata

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
    """One way in which another person could have typed the text; often the text itself."""
    if generator.random() < 0.25:
        text = strip_accents(text)
    if generator.random() < 0.2:
        text = strip_punctuation(text)
    if generator.random() < 0.2:
        text = add_typos(text, 0.15, generator)
    case = generator.random()
    if case < 0.1:
        return text.upper()
    return text.lower() if case < 0.35 else text
