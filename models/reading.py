"""What the text model reads of a text: without capitals, greetings and polite formulas.

By the labelling guide politeness and capitals change no label; yet a greeting that is rare in the
corpus cost up to twelve points of accuracy, and capitals break words into single letters. The same
function serves training and prediction.
"""

import re

from triage.redaction import MARK

LEAST_WORDS = 3  # less than this is no message: "bonjour" alone stays what it is

_TO = r"(?:madame|mesdames|messieurs|monsieur|mme|mr|et|ou|à toutes?|à tous|a tous|la mairie|les services)"
_GREETING = (
    rf"(?:bonjour|bonsoir|salut|slt|bjr|bsr|hello|coucou|madame|monsieur|mesdames|messieurs)\b(?:[\s,]*{_TO}\b)*"
)
_ANNOUNCEMENT = (
    r"je (?:vous )?signale\b(?: que\b)?"
    r"|je (?:voudrais|souhaite|souhaiterais|tiens à|me permets de|viens)(?: vous)? (?:signaler|informer)\b(?: que\b)?"
)
_OPENING = re.compile(rf"(?:(?:{_GREETING}|{_ANNOUNCEMENT})[\s,.!;:-]*)+", re.IGNORECASE)
_CLOSING = re.compile(
    r"(?:[\s,.!;:-]+(?:merci(?: d['’]avance| beaucoup| bien| de faire le nécessaire| de votre attention)?"
    r"|cordialement|bien cordialement|bien à vous|bonne journée|bonne soirée|salutations|cdlt|cdt|svp"
    r"|s['’]il vous pla[iî]t))+[\s.!]*$",
    re.IGNORECASE,
)
_CLOSING_LENGTH = 120  # looked for at the end only, so that no text can make the search slow


def as_read(text: str) -> str:
    """The text as the model reads it; redaction marks such as `<TEL>` stay as they are."""
    return _without_shouting(_without_politeness(text))


def _without_politeness(text: str) -> str:
    opening = _OPENING.match(text)
    rest = text[opening.end() :] if opening else text
    rest = rest[:-_CLOSING_LENGTH] + _CLOSING.sub("", rest[-_CLOSING_LENGTH:])
    return rest if len(re.findall(r"\w+", rest)) >= LEAST_WORDS else text


def _without_shouting(text: str) -> str:
    pieces = MARK.split(text)
    if not "".join(pieces[::2]).isupper():
        return text
    return "".join(piece if number % 2 else piece.lower() for number, piece in enumerate(pieces))
