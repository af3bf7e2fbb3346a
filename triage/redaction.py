"""Personal data in texts, replaced by typed marks before anything else sees the text.

Training and serving call the same function, so the model learns from exactly what it later
reads. Street names look like names of persons and are kept: only a name that its writer
introduces as such ("je m'appelle …") is masked.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import partial

# A mark as it stands in a text; splitting by it keeps the marks, at the odd places.
MARK = re.compile(r"(<[A-Z]+>)")

_SPACE = r"[ \t\u00a0\u2009\u202f\u200b]"
_GAP = rf"(?:{_SPACE}|[.\-\u2010\u2011/]){{0,3}}"

# What stands around a number in ordinary French and has the shape of a plate's letters:
# "le 112 de la rue", "RN 274 en direction", "le 13 dec 25".
_NO_PLATE = (
    r"(?!(?:le|la|les|de|des|et|en|es|est|ce|ces|cet|sa|se|ses|ma|me|mes|ta|te|tes|ne|je|cm|mm|km|kms|kg|rn|rd|rte|ave|"
    r"av|bd|st|ch|pl|apt|bat|tel|ans|ref|par|pas|dec|fev|avr|mar|mars|sec|ans|ma|ha|ex|nb|ml|cl)\b)"
)
_LETTERS = "[A-HJ-NP-TV-Z]"
_DATE = r"(?!\d{2}[/.\-]\d{2}[/.\-](?:19|20)\d{2}(?!\d))"
_NAME = r"[^\W\d_][\w'’-]*(?:[ \t\u00a0]+[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ][\w'’-]*){0,2}"

# In this order: what is longest and strictest first. A group `keep` stays in front of the mark.
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE if fold else 0))
    for kind, pattern, fold in (
        ("EMAIL", r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}", False),
        ("IBAN", rf"\b[A-Z]{{2}}\d{{2}}(?:(?:{_SPACE}|-)?(?=[A-Z]{{0,3}}\d)[A-Z0-9]{{4}}){{3,7}}"
                 rf"(?:(?:{_SPACE}|-)?(?=[A-Z]{{0,3}}\d)[A-Z0-9]{{1,4}})?\b", True),
        ("NIR", rf"\b[12]{_GAP}\d{{2}}{_GAP}(?:0[1-9]|1[0-2]){_GAP}(?:\d{{2}}|2[AB]){_GAP}\d{{3}}{_GAP}\d{{3}}"
                rf"(?:{_GAP}\d{{2}})?\b", True),
        ("TEL", rf"(?<![\d+]){_DATE}(?:(?:\+|00)33{_GAP}(?:\(0\){_GAP})?|0)[1-9](?:{_GAP}\d{{2}}){{4}}(?!\d)", False),
        ("PLAQUE", rf"\b{_LETTERS}{{2}}(?P<gap>-?)\d{{3}}(?P=gap){_LETTERS}{{2}}\b", True),
        ("PLAQUE", rf"\b{_NO_PLATE}{_LETTERS}{{2}}{_SPACE}\d{{3}}{_SPACE}{_NO_PLATE}{_LETTERS}{{2}}\b", True),
        ("PLAQUE", rf"\b[1-9]\d{{1,3}}(?:{_SPACE}|-)?{_NO_PLATE}{_LETTERS}{{2,3}}(?:{_SPACE}|-)?"
                   r"(?:0[1-9]|[1-9]\d|2[AB])\b", True),
        ("NOM", rf"(?P<keep>\b(?i:je{_SPACE}+m{_SPACE}?['’]{_SPACE}?appelle|my{_SPACE}+name{_SPACE}+is){_SPACE}+)"
                rf"{_NAME}", False),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without personal data, and which kinds were found in it."""

    text: str
    kinds: frozenset[str]


def redact(text: str) -> Redacted:
    """Replace e-mails, IBAN, NIR, telephone numbers, plates and introduced names by marks.

    A mark is the kind in angle brackets, such as `<PLAQUE>`. A second pass changes nothing.
    """
    text = unicodedata.normalize("NFC", text)
    kinds: set[str] = set()
    changed = True
    while changed:  # a mark may uncover a number that was glued to it
        changed = False
        for kind, pattern in _PATTERNS:
            replaced = pattern.sub(partial(_mark, kind), text)
            if replaced != text:
                kinds.add(kind)
                text, changed = replaced, True
    return Redacted(text, frozenset(kinds))


def redact_optional(text: str | None) -> str | None:
    """The same for what may be absent, without the kinds."""
    return None if text is None else redact(text).text


def plates(text: str) -> tuple[str, ...]:
    """The plates in a text, as typed; they tell a vehicle from another, so they are kept as keyed digests."""
    text = unicodedata.normalize("NFC", text)
    return tuple(match[0] for kind, pattern in _PATTERNS if kind == "PLAQUE" for match in pattern.finditer(text))


def _mark(kind: str, match: re.Match[str]) -> str:
    return f"{match.groupdict().get('keep') or ''}<{kind}>"
