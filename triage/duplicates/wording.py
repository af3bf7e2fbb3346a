"""What the words of a text say about its fault beyond their meaning: numbers, streets, recurrence, a whole area."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

_STREET = (
    r"rue|ruelle|avenue|av|ave|bd|boulevard|bld|blvd|place|pl|allee|chemin|impasse|quai|square|parc|cours|route|rte|"
    r"faubourg|fbg|passage|rond[ -]point|esplanade|lotissement|residence|pont|arret|station|ecole|college|lycee"
)
# One separator after each: two ways to read the same letters would take exponential time.
_ARTICLE = r"(?:(?:de|du|des|d|la|le|les|l|st|ste|saint|sainte)['\- ]){0,4}"
# Names that many streets share: the word after them tells the street.
_SHARED_NAMES = (
    "jean|victor|general|marechal|docteur|president|albert|paul|pierre|emile|louis|charles|georges|henri|claude|jules|"
    "marie|leon|rene|andre|francois|auguste|gabriel|edouard|professeur|colonel|capitaine|grande|petite|vieille|nouvelle"
)
_NAMED = re.compile(rf"\b(?:{_STREET})\s{_ARTICLE}((?:(?:{_SHARED_NAMES})[ -])?[a-z]{{3,}})")
_NAMED_ENGLISH = re.compile(r"\b([a-z]{3,})\s+(?:street|st|avenue|ave|road|rd|square|sq|drive|dr|lane|ln|court|ct)\b")
_HOUSE = re.compile(
    rf"\b(\d{{1,4}})(?:\s?(?:bis|ter|b))?[\s,]{{1,2}}(?:{_STREET})\b"
    r"|\b(?:au|du|le|n|no|nr|num|numero|number|face au|devant le)\s*[°º.]?\s*(\d{1,4})\b"
)
# Hours, dates, lengths of time and measures are no names of anything.
_QUANTITY = re.compile(
    r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}\s?(?:h|:)\s?\d{0,2}\b|\b\d{1,2}[/.]\d{1,2}(?:[/.]\d{2,4})?\b"
    r"|\b\d+(?:[.,]\d+)?\s*(?:h|heures?|hours?|min|minutes?|mn|jours?|j|days?|semaines?|weeks?|mois|months?|ans?|annees?|years?"
    r"|fois|times|cm|m|mm|metres?|meters?|km|kg|kms|euros?|eur|%|personnes?|pers)\b"
    r"|\b\d{1,2}(?:er)?\s(?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre)(?:\s\d{4})?\b"
)
_MARK = re.compile(r"<[a-z]+>")  # as small letters leave the marks of redaction
_LETTERS = re.compile(r"[a-z]+")
# Words that typing glues to a number.
_GLUED = re.compile(
    "rue|av|ave|bd|le|la|les|au|du|de|des|il|est|et|en|un|une|ce|pas|par|sur|st|pl|bus|min|ans"
    "|mm|cm|km|kg|bis|ter|eme|er|nd|no"
)
_NOT_ALNUM = re.compile(r"[^a-z0-9]")
_READ_PIECES = 150
_NUMBER = re.compile(r"(?<![\w<])(?:[a-z]{0,2}\d[\w-]{0,9}|\d{1,4})(?!\w)")


@dataclass(frozen=True, slots=True)
class Wording:
    """Marks in one text; `codes` are plates, badge and lamp numbers; `flags` names the word lists that matched."""

    houses: frozenset[str]
    codes: frozenset[str]
    numbers: frozenset[str]
    names: frozenset[str]
    flags: frozenset[str]
    words: int


class WordLists:
    """Lists of words, each under a name; a text carries the names of those it matches."""

    def __init__(self, lists: Mapping[str, tuple[str, ...]]) -> None:
        self._patterns = {name: _one_of(words) for name, words in lists.items()}
        self.read = lru_cache(maxsize=16_384)(self._read)

    def _read(self, text: str) -> Wording:
        plain = plain_letters(text)
        countable = _QUANTITY.sub(" ", _MARK.sub(" ", plain))
        houses = frozenset(group for match in _HOUSE.finditer(countable) for group in match.groups() if group)
        return Wording(
            houses=houses,
            codes=_codes(countable),
            numbers=frozenset(_NUMBER.findall(countable)) - houses,
            names=frozenset(_NAMED.findall(plain.replace("-", " "))) | frozenset(_NAMED_ENGLISH.findall(plain)),
            flags=frozenset(name for name, pattern in self._patterns.items() if pattern.search(plain)),
            words=len(re.findall(r"\w+", plain)),
        )


def _codes(text: str) -> frozenset[str]:
    """Letters and digits that name one thing, however they are spaced: "698 kx 2" and "698kx2" are the same."""
    pieces = [_NOT_ALNUM.sub("", piece) for piece in text.split()[:_READ_PIECES]]
    found = set()
    for start in range(len(pieces)):
        for end in range(start + 1, min(start + 3, len(pieces)) + 1):
            run = pieces[start:end]
            joined = "".join(run)
            digits = sum(letter.isdigit() for letter in joined)
            short = all(len(piece) <= 4 and (len(piece) <= 3 or piece.isdigit()) for piece in run)
            words = [letters for piece in run for letters in _LETTERS.findall(piece)]
            plain = all(len(letters) <= 3 and not _GLUED.fullmatch(letters) for letters in words)
            if 5 <= len(joined) <= 8 and 2 <= digits < len(joined) and plain and (short or end == start + 1):
                found.add(joined)
    return frozenset(found)


def plain_letters(text: str) -> str:
    """The text in small letters without accents, with single spaces."""
    letters = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe").replace("’", "'"))
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def _one_of(words: tuple[str, ...]) -> re.Pattern[str]:
    # A trailing asterisk stands for any ending.
    parts = (re.escape(plain_letters(word)).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for word in words)
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)")
