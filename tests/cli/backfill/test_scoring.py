"""Rows are answered as the service answers them, and a bad one costs no other."""

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from PIL import Image

from cli.backfill.run import Plan
from cli.backfill.scoring import SCHEMA, Scorer
from models.predictor import Predictor
from triage.alert import Alert
from triage.area import judge_place
from triage.errors import InvalidBundle
from triage.settings import Settings
from triage.taxonomy import HEADS

WriteParquet = Callable[..., Path]
MakePlan = Callable[..., Plan]


def answered(plan: Plan) -> list[dict[str, Any]]:
    """Every answer of a plan, as it is written."""
    scorer = Scorer(plan.job)
    plan.job.output.prepare(plan.manifest, fresh=False)
    for part in plan.parts:
        report = scorer.run(part)
        assert report.rows == part.piece.rows
        assert report.started <= report.ended
    return pq.read_table(plan.job.archive.folder / "answers").to_pylist()


def test_answers_are_those_of_the_predictor(
    plan: MakePlan, parquet: WriteParquet, texts: Sequence[str], bundle: Path
) -> None:
    places = ((47.32, 5.04), (48.85, 2.35), (None, None))
    rows = [
        {"id": f"a{number}", "text": text, "lat": places[number % 3][0], "lon": places[number % 3][1]}
        for number, text in enumerate(texts)
    ]
    found = answered(plan(parquet(rows)))
    predictor = Predictor.load(bundle, threads=1)
    said = predictor.predict([Alert(**row) for row in rows]).predictions
    for number, (answer, row, prediction) in enumerate(zip(found, rows, said, strict=True), 1):
        expected = judge_place(prediction, row["lat"], row["lon"], Settings().area)
        assert list(answer) == SCHEMA.names
        assert (answer["row"], answer["id"]) == (number, row["id"])
        for head in HEADS:
            given = getattr(expected, head)
            assert (answer[head], answer[f"{head}_confidence"]) == (given.code, given.confidence)
        assert answer["decision"] == expected.decision
        assert answer["reasons"].split() == list(expected.reasons)
        assert answer["model_version"] == expected.model.version
        assert answer["bundle_sha256"] == expected.model.bundle_sha256
        assert (answer["error_code"], answer["error_message"]) == (None, None)


def test_a_bad_row_gets_its_error_and_costs_no_other(plan: MakePlan, parquet: WriteParquet) -> None:
    rows = [
        {"id": "good", "text": "trou dans la chaussée", "lat": "47,32", "lon": "5,04"},
        {"id": "empty", "text": "🔥"},
        {"id": None, "text": "sans identifiant"},
        {"id": "place", "text": "trou", "lat": "91", "lon": "5"},
        {"id": "half", "text": "trou", "lat": "47.3"},
        {"id": "good too", "text": "banc cassé"},
    ]
    found = answered(plan(parquet(rows), rows_per_part=4))
    assert [answer["id"] for answer in found] == [row["id"] for row in rows]
    assert [answer["row"] for answer in found] == [1, 2, 3, 4, 5, 6]
    assert [answer["error_code"] for answer in found] == [None, *["invalid_alert"] * 4, None]
    for answer in found[1:5]:
        assert answer["category"] is answer["decision"] is answer["priority_confidence"] is None
        assert answer["error_message"]
        assert answer["model_version"]
    assert found[0]["category"] == "voirie"
    assert "no_place" not in found[0]["reasons"]


def test_an_archive_of_bad_rows_alone_is_answered(plan: MakePlan, parquet: WriteParquet) -> None:
    found = answered(plan(parquet([{"id": "a", "text": ""}, {"id": "b", "text": "!"}])))
    assert [answer["error_code"] for answer in found] == ["invalid_alert"] * 2


@pytest.mark.parametrize("elsewhere", [False, True])
def test_photos_are_read_beside_the_archive_or_from_a_folder(
    plan: MakePlan, parquet: WriteParquet, paint: Callable[..., Image.Image], tmp_path: Path, *, elsewhere: bool
) -> None:
    folder = tmp_path / "photos" if elsewhere else tmp_path
    folder.mkdir(exist_ok=True)
    paint("gray").save(folder / "a.png")
    rows = [{"id": "a", "photo": "a.png"}, {"id": "b", "photo": "missing.png"}]
    read, missing = answered(plan(parquet(rows), photos=folder if elsewhere else None))
    assert read["error_code"] is None
    assert missing["error_code"] == "invalid_alert"


def test_photos_may_lie_in_the_archive(
    plan: MakePlan, parquet: WriteParquet, paint: Callable[..., Image.Image]
) -> None:
    stream = io.BytesIO()
    paint("gray").save(stream, "PNG")
    good, bad = answered(plan(parquet([{"id": "a", "photo": stream.getvalue()}, {"id": "b", "photo": b"no photo"}])))
    assert good["error_code"] is None
    assert bad["error_code"] == "invalid_alert"


def test_a_bundle_that_is_another_on_this_machine_is_refused(plan: MakePlan, parquet: WriteParquet) -> None:
    job = plan(parquet([{"id": "a", "text": "trou"}])).job
    other = replace(job, bundle_sha256="other")
    with pytest.raises(InvalidBundle, match="another one on this machine"):
        Scorer(other)
