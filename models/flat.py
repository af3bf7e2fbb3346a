"""Answers as plain columns, for tables: one row in, one row out, whatever is wrong with it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from models.photo import Picture
from models.predictor import Predictor
from triage.alert import parse_alert
from triage.errors import InvalidAlert
from triage.intake import Intake, TakenIn
from triage.prediction import Prediction
from triage.taxonomy import HEADS

# What a row may hold, and whether it must.
INPUTS = {"text": True, "photo": False, "id": False}
CONFIDENCES = tuple(f"{head}_confidence" for head in HEADS)
TEXTS = (*HEADS, "decision", "reasons", "model_version", "error")
COLUMNS = (*(name for pair in zip(HEADS, CONFIDENCES, strict=True) for name in pair), *TEXTS[len(HEADS) :])

FlatRow = dict[str, str | float | None]


def flat_answers(predictor: Predictor, rows: Sequence[Mapping[str, Any]]) -> list[FlatRow]:
    """The likeliest codes, the decision and its reasons, separated by spaces, for each row.

    Args:
        predictor: the model.
        rows: each with a `text`, or a `photo` in base64, or both, and perhaps an `id`. What is not told is None, not a
            number, or left out.

    Returns:
        As many rows with the same columns; where one cannot be answered, all but `error` are empty.
    """
    intake = Intake(predictor.prepare)
    answers = [_empty(predictor) for _ in rows]
    good: list[tuple[int, TakenIn[Picture]]] = []
    for number, row in enumerate(rows):
        try:
            good.append((number, intake.take_in(parse_alert(_as_json(row, number)))))
        except InvalidAlert as error:
            answers[number]["error"] = error.message
    predicted = (
        predictor.predict([item.alert for _, item in good], [item.pictures for _, item in good]) if good else None
    )
    for (number, _), prediction in zip(good, predicted.predictions if predicted else (), strict=True):
        answers[number] = _flat(prediction)
    return answers


def _as_json(row: Mapping[str, Any], number: int) -> str:
    told = {name: row[name] for name in INPUTS if isinstance(row.get(name), str) and row[name]}
    if "photo" in told:
        told["photo"] = {"base64": told["photo"]}
    return json.dumps({"id": f"row {number}"} | told)


def _empty(predictor: Predictor) -> FlatRow:
    return dict.fromkeys(COLUMNS) | {"model_version": predictor.model_info.version}


def _flat(prediction: Prediction) -> FlatRow:
    answers: FlatRow = {}
    for head, confidence in zip(HEADS, CONFIDENCES, strict=True):
        answer = getattr(prediction, head)
        answers |= {head: answer.code, confidence: answer.confidence}
    reasons = " ".join(prediction.reasons)
    return answers | {
        "decision": str(prediction.decision),
        "reasons": reasons,
        "model_version": prediction.model.version,
        "error": None,
    }
