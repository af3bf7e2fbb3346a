"""The corpus: labelled alerts, one JSON object a line, with fixed splits."""

import hashlib
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from triage.alert import has_words, plain_text
from triage.errors import InvalidCorpus, first_fault
from triage.redaction import redact
from triage.taxonomy import HEADS, Head, Taxonomy


class Split(StrEnum):
    """Train fits weights, validation fits calibration and thresholds, test is only measured."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


def _with_words(text: str) -> str:
    # The service would refuse it, so it can be neither learned from nor measured.
    if not has_words(text):
        raise PydanticCustomError("no_words", "has no letter or digit; remove the row")
    return text


class LabelledAlert(BaseModel):
    """A text with its label for each head; `lang` is a BCP 47 tag, or `mul` for a mix.

    Fields beyond these are ignored, so that another city's file can be measured as it is.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Annotated[str, Field(min_length=1, max_length=200)]
    text: Annotated[str, AfterValidator(_with_words)]
    category: str
    department: str
    priority: str
    lang: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "fr"
    split: Split = Split.TEST

    @property
    def masked_text(self) -> str:
        """The text as models see it, without personal data."""
        return redact(plain_text(self.text)).text

    def label(self, head: Head) -> str:
        """The label of one head."""
        return {"category": self.category, "department": self.department, "priority": self.priority}[head]


def read_corpus(path: Path, taxonomy: Taxonomy) -> tuple[LabelledAlert, ...]:
    """Read one JSONL file, or every `*.jsonl` of a folder in the order of their names.

    Raises:
        InvalidCorpus: a line is no labelled alert, has a code that the taxonomy lacks, or repeats an id.
    """
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    if not files:
        raise InvalidCorpus(f"{path} holds no .jsonl file; name a corpus file or folder.")
    rows: list[LabelledAlert] = []
    first: dict[str, str] = {}
    for where, line in (found for file in files for found in _lines(file)):
        row = _parse(where, line, taxonomy)
        if row.id in first:
            raise InvalidCorpus(f"{where}: the id '{row.id}' is that of {first[row.id]}; give each alert its own.")
        first[row.id] = where
        rows.append(row)
    return tuple(rows)


def in_split(rows: Iterable[LabelledAlert], split: Split) -> tuple[LabelledAlert, ...]:
    """The rows of one split, in their order."""
    return tuple(row for row in rows if row.split is split)


def corpus_digest(rows: Iterable[LabelledAlert]) -> str:
    """SHA-256 over all rows, sorted; equal for equal content in any order and file layout."""
    total = hashlib.sha256()
    for row in sorted(row.model_dump_json() for row in rows):
        total.update(row.encode())
        total.update(b"\n")
    return total.hexdigest()


def _lines(file: Path) -> Iterator[tuple[str, str]]:
    """Where each line stands, in words, and the line; blank ones are left out."""
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")  # Windows starts a file with a byte-order mark
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidCorpus(f"The corpus file {file} cannot be read: {error}.") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield f"{file}, line {number}", line


def _parse(where: str, line: str, taxonomy: Taxonomy) -> LabelledAlert:
    try:
        row = LabelledAlert.model_validate_json(line)
    except ValidationError as error:
        raise InvalidCorpus(f"{where}: {first_fault(error, 'the line')}.") from error
    for head in HEADS:
        if row.label(head) not in taxonomy.codes(head):
            raise InvalidCorpus(f"{where}: the {head} '{row.label(head)}' is not in the taxonomy; mend the label.")
    return row
