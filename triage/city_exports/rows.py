"""From reports of another system to rows of a corpus: masked, labelled by a mapping, each with where it comes from."""

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from triage.alert import MAX_TEXT_CHARACTERS, has_words, plain_text
from triage.city_exports.mapping import TOLD, LabelMapping, Meaning, folded
from triage.city_exports.report import ForeignReport, Refusal
from triage.corpus import LabelledAlert, Split
from triage.redaction import redact
from triage.review.export import UNKNOWN_LANGUAGE, left_over
from triage.rules import DepartmentRules
from triage.taxonomy import HEADS, Head, Taxonomy

LabelSource = Literal["category mapping", "department mapping", "priority mapping", "default"]

_MAX_ID = 120
# Names that only a person can have told apart; there is nothing to look up in them.
_UNNAMED = "(none)"


class Provenance(BaseModel):
    """Where a row comes from.

    Attributes:
        source: the export, as the mapping names it.
        licence: of its texts, as the mapping states it.
        format: what wrote the export.
        category: what the report was filed under there.
        labels: for each head, which part of the mapping gave the label.
        reported_on: the day of the report. Its hour and its place are left out: they would tell who wrote it.
    """

    model_config = ConfigDict(frozen=True)

    source: str
    licence: str
    format: str
    category: str
    labels: Mapping[Head, LabelSource]
    reported_on: date | None


class ImportedRow(LabelledAlert):
    """A row of a corpus that an export gave."""

    provenance: Provenance


@dataclass(slots=True)
class Labelled:
    """What became of all records.

    Attributes:
        rows: in the order of the export.
        refused: records that give no row, though they should.
        unmapped: how many reports each foreign category has that the mapping does not name.
        left_out: how many reports have a category that the mapping maps to nothing.
        repeated: how many repeat the text of an earlier one, with the same labels.
        against_rules: how many departments no rule gives to their category, so that its default was taken.
    """

    rows: list[ImportedRow] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    unmapped: Counter[str] = field(default_factory=Counter)
    left_out: int = 0
    repeated: int = 0
    against_rules: int = 0


class _Refused(Exception):
    """A report that gives no row."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Labeller:
    """Gives reports the labels of a mapping.

    Args:
        mapping: checked against the taxonomy and the rules.
        taxonomy: the city's own.
        rules: which departments a category admits.
        split: of all rows.
        export_format: noted in every row.
        tell_language: tells the language of a masked text, none where it cannot; asked where the mapping says `told`.
    """

    def __init__(
        self,
        mapping: LabelMapping,
        taxonomy: Taxonomy,
        rules: DepartmentRules,
        split: Split,
        export_format: str,
        tell_language: Callable[[str], str | None],
    ) -> None:
        self._mapping = mapping
        self._taxonomy = taxonomy
        self._rules = rules
        self._split = split
        self._format = export_format
        self._tell_language = tell_language
        self._categories = {folded(key): meaning for key, meaning in mapping.categories.items()}
        self._departments = {folded(key): code for key, code in mapping.departments.items()}
        self._priorities = {folded(key): code for key, code in mapping.priorities.items()}

    def label(self, found: Iterable[ForeignReport | Refusal]) -> Labelled:
        """Rows of all reports; equal texts give one row, or none where their labels differ."""
        done = Labelled()
        places: dict[str, int] = {}
        for record in found:
            if isinstance(record, Refusal):
                done.refused.append(record)
                continue
            try:
                row = self._row(record, done)
            except _Refused as error:
                done.refused.append(Refusal(record.place, error.code, error.message))
                continue
            if row and row.id in places:
                done.refused.append(_repeated_id(record.place, places[row.id]))
            elif row:
                places[row.id] = record.place
                done.rows.append(row)
        _settle_repeats(done, places)
        done.refused.sort(key=lambda refusal: refusal.place)
        return done

    def _row(self, report: ForeignReport, done: Labelled) -> ImportedRow | None:
        """The row of a report, or none where the mapping leaves it out or does not know its category."""
        key = next((name for name in map(folded, report.categories) if name in self._categories), None)
        if key is None:
            done.unmapped[report.categories[0] if report.categories else _UNNAMED] += 1
            return None
        meaning = self._categories[key]
        if meaning is None:
            done.left_out += 1
            return None
        text = _masked(report.text)
        labels, sources = self._labels(report, meaning, done)
        try:
            return ImportedRow(
                id=self._id(report, text),
                text=text,
                **labels,
                lang=self._language(report, text),
                split=self._split,
                provenance=Provenance(
                    source=self._mapping.source,
                    licence=self._mapping.licence,
                    format=self._format,
                    category=report.categories[0],
                    labels=sources,
                    reported_on=report.reported_on,
                ),
            )
        except ValidationError as error:
            at_fault = str(error.errors()[0]["loc"][0])
            raise _Refused("unusable", f"The field '{at_fault}' is nothing that a corpus can hold.") from None

    def _labels(
        self, report: ForeignReport, meaning: Meaning, done: Labelled
    ) -> tuple[dict[Head, str], dict[Head, LabelSource]]:
        category, department, priority = meaning.category, meaning.department, meaning.priority
        sources: dict[Head, LabelSource] = dict.fromkeys(HEADS, "category mapping")
        if department is None:
            department, sources["department"] = self._department(category, report.department, done)
        if priority is None:
            priority = self._priorities.get(folded(report.priority))
            sources["priority"] = "priority mapping" if priority else "default"
        return {"category": category, "department": department, "priority": priority or self._mapping.priority}, sources

    def _department(self, category: str, foreign: str, done: Labelled) -> tuple[str, LabelSource]:
        found = self._departments.get(folded(foreign))
        if found and self._rules.allows(category, found, self._taxonomy):
            return found, "department mapping"
        done.against_rules += found is not None
        return self._taxonomy.categories[category].default_department, "default"

    def _language(self, report: ForeignReport, text: str) -> str:
        if report.language:
            return report.language
        if self._mapping.language != TOLD:
            return self._mapping.language
        return self._tell_language(text) or UNKNOWN_LANGUAGE

    def _id(self, report: ForeignReport, text: str) -> str:
        # A text has no number of its own where its export has none, and keeps this one in the next export.
        name = report.id or hashlib.sha256(text.encode()).hexdigest()[:16]
        return f"{self._mapping.source}-{name[:_MAX_ID]}"


def _masked(text: str) -> str:
    """A text as a corpus holds it.

    Raises:
        _Refused: it says nothing, is longer than an alert may be, or may still hold personal data.
    """
    plain = plain_text(text)
    if not has_words(plain):
        raise _Refused("no_words", "The text has no letter or digit.")
    if len(plain) > MAX_TEXT_CHARACTERS:
        raise _Refused("too_long", f"The text is longer than {MAX_TEXT_CHARACTERS:,} characters.")
    masked = redact(plain).text
    if kind := left_over(masked):
        raise _Refused("personal", f"The text may still hold personal data ({kind}).")
    return masked


def _settle_repeats(done: Labelled, places: Mapping[str, int]) -> None:
    """Keep one row of each wording, and none where its labels differ."""
    groups: dict[str, list[ImportedRow]] = defaultdict(list)
    for row in done.rows:
        groups[_wording(row.text)].append(row)
    kept = []
    for group in groups.values():
        if len({tuple(map(row.label, HEADS)) for row in group}) == 1:
            kept.append(group[0])
            done.repeated += len(group) - 1
        else:
            done.refused += [_contradiction(places[row.id], len(group)) for row in group]
    done.rows = kept


def _wording(text: str) -> str:
    """A text as `triage data check` compares it: accents, case and punctuation make no difference."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return " ".join(re.findall(r"\w+", bare.casefold()))


def _repeated_id(place: int, first: int) -> Refusal:
    return Refusal(place, "repeated_id", f"Its id is that of the record {first}.")


def _contradiction(place: int, count: int) -> Refusal:
    return Refusal(place, "contradiction", f"{count} records have this text and other labels; none is taken.")
