"""Personal data in texts, replaced by typed marks before anything else sees the text.

Training and serving call the same function, so the model learns from exactly what it later
reads. Street names look like names of persons and are kept: only a name that its writer
introduces as such ("je m'appelle …") is masked.
"""

import re
from dataclasses import dataclass

_NAME = r"[A-ZÀ-ÖØ-Þ][\w'’-]+(?:\s+[A-ZÀ-ÖØ-Þ][\w'’-]+){0,2}"
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("EMAIL", re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")),
    ("IBAN", re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){3,7}(?:[ ]?[A-Z0-9]{1,4})?\b")),
    ("NIR", re.compile(r"\b[12][ .]?\d{2}[ .]?(?:0[1-9]|1[0-2])[ .]?(?:\d{2}|2[ABab])[ .]?\d{3}[ .]?\d{3}(?:[ .]?\d{2})?\b")),
    ("TEL", re.compile(r"(?<![\d+])(?:(?:\+|00)33[ .-]?(?:\(0\)[ .-]?)?|0)[1-9](?:[ .\-/]?\d{2}){4}(?!\d)")),
    ("PLAQUE", re.compile(r"\b[A-HJ-NP-TV-Z]{2}[ -]?\d{3}[ -]?[A-HJ-NP-TV-Z]{2}\b", re.IGNORECASE)),
    ("PLAQUE", re.compile(r"\b[1-9]\d{1,3}[ -]?[A-HJ-NP-TV-Z]{2,3}[ -]?(?:0[1-9]|[1-9]\d|2[AB])\b")),
    ("NOM", re.compile(rf"(?<=[Jj]e m'appelle ){_NAME}|(?<=[Jj]e m’appelle ){_NAME}|(?<=[Mm]y name is ){_NAME}")),
)


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without personal data, and which kinds were found in it."""

    text: str
    kinds: frozenset[str]


def redact(text: str) -> Redacted:
    """Replace e-mails, IBAN, NIR, telephone numbers, plates and introduced names by marks.

    A mark is the kind in angle brackets, such as `<PLAQUE>`; marks survive a second pass.
    """
    kinds: set[str] = set()
    for kind, pattern in _PATTERNS:
        text, count = pattern.subn(f"<{kind}>", text)
        if count:
            kinds.add(kind)
    return Redacted(text, frozenset(kinds))
