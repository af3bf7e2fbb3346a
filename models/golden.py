"""Golden answers: texts whose answers a bundle must reproduce wherever it is loaded."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from models.text import TextModel
from triage.errors import InvalidBundle
from triage.taxonomy import HEADS, Head

TOLERANCE = 0.02  # int8 kernels differ between processors by less than this


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GoldenAnswer(_Frozen):
    """The likeliest code of a head and its probability."""

    code: str
    confidence: float


class GoldenRow(_Frozen):
    """A masked text and the answers to it."""

    text: str
    answers: dict[Head, GoldenAnswer]


_ROWS: TypeAdapter[list[GoldenRow]] = TypeAdapter(Annotated[list[GoldenRow], Field(min_length=1)])


def answer_golden(model: TextModel, texts: Sequence[str]) -> list[GoldenRow]:
    """The model's answers to masked texts."""
    probabilities = model.probabilities(model.predict(texts))
    rows = []
    for number, text in enumerate(texts):
        answers = {}
        for head in HEADS:
            best = int(probabilities[head][number].argmax())
            confidence = round(float(probabilities[head][number][best]), 4)
            answers[head] = GoldenAnswer(code=model.description.codes[head][best], confidence=confidence)
        rows.append(GoldenRow(text=text, answers=answers))
    return rows


def write_golden(path: Path, rows: Sequence[GoldenRow]) -> None:
    """Write golden rows as JSON."""
    path.write_bytes(_ROWS.dump_json(list(rows), indent=1) + b"\n")


def check_golden(path: Path, model: TextModel) -> None:
    """Prove that this machine answers as the one that trained: same codes, close probabilities.

    Raises:
        InvalidBundle: the file is broken, or naming the first text whose answer differs.
    """
    try:
        expected = _ROWS.validate_json(path.read_bytes())
    except ValidationError as error:
        raise InvalidBundle(f"The bundle file {path} holds no golden answers: {error.errors()[0]['msg']}.") from error
    found = answer_golden(model, [row.text for row in expected])
    for number, (wanted, got) in enumerate(zip(expected, found, strict=True)):
        for head in HEADS:
            want, have = wanted.answers[head], got.answers[head]
            if want.code != have.code or not abs(want.confidence - have.confidence) <= TOLERANCE:
                raise InvalidBundle(
                    f"The golden text {number} of {path} is answered {have.code} ({have.confidence:.3f}) for {head}"
                    f" instead of {want.code} ({want.confidence:.3f}). The model does not compute here what it"
                    " computed where it was made; do not serve it."
                )
