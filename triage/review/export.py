"""Answers of staff as rows of a corpus: without personal data, each with where it comes from.

A row has the fields of `triage.corpus` and `provenance`. What is refused is refused whole and told by the number of its
review; no text is told.
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel, ConfigDict, ValidationError

from triage.corpus import LabelledAlert, Split
from triage.redaction import MARK, redact
from triage.review.answers import LabelledReview
from triage.rules import DepartmentRules
from triage.store.personal import PersonalKeys
from triage.taxonomy import HEADS, Taxonomy

UNKNOWN_LANGUAGE = "und"
_PURPOSE = "pseudonyms in exported reviews 1"
_DIGITS = 16

_DATE = re.compile(r"(?<!\d)\d{1,2}([/.\-])\d{1,2}\1(?:19|20)?\d{2}(?!\d)")
# What may be personal though no pattern of `redact` knows it. A word too many is left out, never a person put in.
_LEFT_OVER: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("address", re.compile(r"\S@\S")),
    ("long number", re.compile(r"\d(?:[\s.\-/()_]{0,3}\d){7,}")),
    (
        "name",
        re.compile(r"\b(?:M\.|MM\.|Mme|Mlle|Mr|Mrs|Ms|Monsieur|Madame)\s+(?!Monsieur|Madame|Mme|Mr|M\.)[A-ZÀ-ÖØ-Þ][\w'’-]"),
    ),
)  # fmt: skip


class Provenance(BaseModel):
    """Where a row comes from.

    Attributes:
        review: number of the answer.
        queue: why the alert was looked at: `sample` rows were drawn at random, all others were chosen.
        action: what the person did.
        model_version: whose answers were shown.
        reviewer: a pseudonym that only this installation's key can make again.
    """

    model_config = ConfigDict(frozen=True)

    review: int
    queue: str | None
    action: str
    model_version: str | None
    reviewer: str
    decided_on: date


class ReviewRow(LabelledAlert):
    """A row of a corpus that an answer of staff gave."""

    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Refusal:
    """A review that gives no row, and why."""

    review: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Export:
    """The rows, what was refused, and how many reviews repeat the text and the codes of another."""

    rows: tuple[ReviewRow, ...]
    refused: tuple[Refusal, ...]
    repeated: int


class Pseudonyms:
    """Names that stand for others, always the same for the same; without the key nobody can try them out."""

    def __init__(self, keys: PersonalKeys) -> None:
        self._key = keys.secret_for(_PURPOSE)

    def of(self, kind: str, name: str) -> str:
        """The pseudonym of a person, or of a thing whose name may tell of one."""
        return f"{kind}-{hmac.digest(self._key, f'{kind} {name}'.encode(), hashlib.sha256).hex()[:_DIGITS]}"


class _Refused(Exception):
    """A review that gives no row."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Exporter:
    """Turns reviews into rows that `triage data check` accepts beside a corpus.

    Args:
        taxonomy: the codes that a row may have.
        rules: which departments a category admits.
        pseudonym: stands for a kind of thing and its name.
    """

    def __init__(self, taxonomy: Taxonomy, rules: DepartmentRules, pseudonym: Callable[[str, str], str]) -> None:
        self._taxonomy = taxonomy
        self._rules = rules
        self._pseudonym = pseudonym

    def export(self, reviews: Iterable[LabelledReview]) -> Export:
        """Rows in the order of the reviews; equal texts give one row, or none where their codes differ."""
        rows: list[ReviewRow] = []
        refused: list[Refusal] = []
        for review in reviews:
            try:
                rows.append(self._row(review))
            except _Refused as error:
                refused.append(Refusal(review.review_id, error.code, error.message))
        groups: dict[str, list[ReviewRow]] = {}
        for row in rows:
            groups.setdefault(_wording(row), []).append(row)
        agreed = [group for group in groups.values() if not _differ(group)]
        refused += [_contradiction(row) for group in groups.values() if _differ(group) for row in group]
        kept = tuple(group[0] for group in agreed)
        repeated = sum(len(group) - 1 for group in agreed)
        return Export(kept, tuple(sorted(refused, key=lambda refusal: refusal.review)), repeated)

    def _row(self, review: LabelledReview) -> ReviewRow:
        codes = {head: getattr(review, head) for head in HEADS}
        for head, code in codes.items():
            if code not in self._taxonomy.codes(head):
                raise _Refused("unknown_code", f"The taxonomy has no {head} that this review gives.")
        if not self._rules.allows(codes["category"], codes["department"], self._taxonomy):
            message = f"No rule sends '{codes['category']}' to '{codes['department']}'."
            raise _Refused("against_rules", message)
        text = redact(review.text).text
        if found := left_over(text):
            raise _Refused("personal", f"The text may still hold personal data ({found}).")
        try:
            return ReviewRow(
                id=self._pseudonym("alert", review.alert_id),
                text=text,
                **codes,
                lang=review.language or UNKNOWN_LANGUAGE,
                split=Split.TRAIN,
                provenance=Provenance(
                    review=review.review_id,
                    queue=review.queue,
                    action=review.action,
                    model_version=review.model_version,
                    reviewer=self._pseudonym("reviewer", review.reviewer),
                    decided_on=review.decided_at.date(),
                ),
            )
        except ValidationError as error:
            field = str(error.errors()[0]["loc"][0])
            raise _Refused("unusable", f"The field '{field}' is nothing that a corpus can hold.") from None


def left_over(text: str) -> str | None:
    """What kind of personal data a redacted text may still hold, if any."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    unmarked = MARK.sub(" ", plain)
    if kinds := redact(unmarked).kinds:
        return min(kinds)
    undated = _DATE.sub(" ; ", unmarked)
    return next((kind for kind, pattern in _LEFT_OVER if pattern.search(undated)), None)


def _wording(row: LabelledAlert) -> str:
    """A text as `triage data check` compares it: accents, case and punctuation make no difference."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", row.text) if not unicodedata.combining(sign))
    return " ".join(re.findall(r"\w+", bare.casefold()))


def _differ(rows: Iterable[LabelledAlert]) -> bool:
    return len({tuple(row.label(head) for head in HEADS) for row in rows}) > 1


def _contradiction(row: ReviewRow) -> Refusal:
    message = "Another alert has the same text and other codes; settle in the review desk which are right."
    return Refusal(row.provenance.review, "contradiction", message)
