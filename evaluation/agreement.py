"""Human agreement: how often a second, blind labelling gives the same label."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from evaluation.live.agreement import Agreement, agreement
from triage.corpus import LabelledAlert
from triage.errors import InvalidCorpus
from triage.settings import PROJECT_ROOT
from triage.taxonomy import HEADS, Head

SECOND_LABELS = PROJECT_ROOT / "datasets" / "second_labels.jsonl"


class _SecondLabel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    category: str
    department: str
    priority: str
    first: dict[Head, str] = {}  # first labels that were mended after the two had disagreed


def read_agreement(file: Path, rows: Sequence[LabelledAlert]) -> dict[Head, Agreement]:
    """Agreement of the second labels in a file with those of the corpus, per head.

    Args:
        file: one JSON object a line, `{"id", "category", "department", "priority"}`; it need not exist. `first`
            holds labels as they were before a disagreement was settled, so that settling hides nothing.
        rows: the corpus; rows without a second label are left out, and so are labels of rows that are not there.

    Returns:
        Nothing where no row has a second label.

    Raises:
        InvalidCorpus: a line is no label.
    """
    second = {label.id: label for label in _read(file)} if file.exists() else {}
    twice = [row for row in rows if row.id in second]
    if not twice:
        return {}
    return {
        head: agreement(
            [second[row.id].first.get(head, row.label(head)) for row in twice],
            [getattr(second[row.id], head) for row in twice],
        )
        for head in HEADS
    }


def _read(file: Path) -> list[_SecondLabel]:
    labels = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            try:
                labels.append(_SecondLabel.model_validate_json(line))
            except ValidationError as error:
                raise InvalidCorpus(f"{file}, line {number}: {error.errors()[0]['msg']}.") from error
    return labels
