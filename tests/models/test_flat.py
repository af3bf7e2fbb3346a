"""Answers as plain columns: one row out for each row in, whatever is wrong with it."""

import base64
import io
import math
from typing import Any

import pytest
from PIL import Image

from models.flat import COLUMNS, flat_answers
from models.predictor import Predictor
from triage.alert import Alert
from triage.taxonomy import HEADS

LAMP = "Le lampadaire devant le 12 rue Monge est éteint depuis trois jours."


def test_a_row_gets_what_the_predictor_answers(predictor: Predictor) -> None:
    [row] = flat_answers(predictor, [{"text": LAMP}])
    [prediction] = predictor.predict([Alert(id="x", text=LAMP)]).predictions
    assert tuple(row) == COLUMNS
    for head in HEADS:
        answer = getattr(prediction, head)
        assert (row[head], row[f"{head}_confidence"]) == (answer.code, answer.confidence)
    assert (row["decision"], row["reasons"]) == (str(prediction.decision), " ".join(prediction.reasons))
    assert (row["model_version"], row["error"]) == (predictor.model_info.version, None)


@pytest.mark.parametrize("missing", [{}, {"text": ""}, {"text": None}, {"text": math.nan}, {"text": "…"}])
def test_a_row_that_says_nothing_gets_an_error_and_the_others_their_answers(
    predictor: Predictor, missing: dict[str, Any]
) -> None:
    rows = flat_answers(predictor, [{"text": LAMP}, missing, {"text": LAMP}])
    assert [row["category"] for row in rows] == ["eclairage_public", None, "eclairage_public"]
    assert isinstance(rows[1]["error"], str)
    assert set(rows[1]) == set(COLUMNS)


def test_without_rows_there_are_no_answers(predictor: Predictor) -> None:
    assert flat_answers(predictor, []) == []


def test_a_photo_in_base64_is_read(seeing: Predictor, colour_of: dict[str, str]) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (64, 64), colour_of["waste"]).save(stream, "PNG")
    photo = base64.b64encode(stream.getvalue()).decode()
    [answer] = flat_answers(seeing, [{"photo": photo}])
    assert (answer["category"], answer["error"]) == ("proprete", None)


def test_what_is_no_photo_is_noted_or_refused_and_fetches_nothing(seeing: Predictor) -> None:
    for bad in ("/etc/passwd", "http://127.0.0.1:9/photo.jpg", "not base64!"):
        [answer] = flat_answers(seeing, [{"photo": bad}])
        assert answer["category"] is None or "photo_unreadable" in str(answer["reasons"])
