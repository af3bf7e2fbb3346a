"""`triage predict`: a line out for every line in, in order, whatever a line holds."""

import io
import json
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from evaluation.benchmarks.server import running_server
from triage.alert_files import MAX_LINE_BYTES
from triage.prediction import ExplainedPrediction
from triage.taxonomy import HEADS

RunTriage = Callable[..., "subprocess.CompletedProcess[str]"]
Sentence = Callable[["subprocess.CompletedProcess[str]"], str]
Predict = Callable[..., tuple["subprocess.CompletedProcess[str]", list[dict[str, Any]]]]

GOOD = b'{"id": "good", "text": "Lampadaire \xc3\xa9teint rue Monge"}'


@pytest.fixture
def predict(triage: RunTriage, tmp_path: Path) -> Predict:
    """Writes lines to a file in a folder of its own, predicts it from another folder, and reads the answers."""

    def run(
        *lines: bytes, end: bytes = b"\n", options: Sequence[str] = ()
    ) -> tuple["subprocess.CompletedProcess[str]", list[dict[str, Any]]]:
        source, target = tmp_path / "alerts" / "in.jsonl", tmp_path / "out.jsonl"
        source.parent.mkdir(exist_ok=True)
        source.write_bytes(end.join(lines) + end)
        done = triage("predict", "--input", source, "--output", target, *options)
        assert "Traceback" not in done.stderr, done.stderr
        return done, [json.loads(line) for line in target.read_bytes().splitlines()]

    return run


def alert(name: str, text: str = "Nid-de-poule", **fields: Any) -> bytes:
    return json.dumps({"id": name, "text": text, **fields}).encode()


def picture(path: Path) -> None:
    path.parent.mkdir(exist_ok=True, parents=True)
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "PNG")
    path.write_bytes(stream.getvalue())


def test_good_lines_alone_end_with_status_0(predict: Predict) -> None:
    done, answers = predict(alert("a"), alert("b", lat=47.3, lon=5.04), end=b"\r\n")
    assert done.returncode == 0
    assert [answer["id"] for answer in answers] == ["a", "b"]
    assert "2 predictions and 0 error lines" in done.stderr
    assert done.stdout == ""


def test_an_empty_file_is_no_error(predict: Predict) -> None:
    done, answers = predict(b"")
    assert (done.returncode, answers) == (0, [])


def test_bad_lines_become_error_lines_in_their_place_and_the_status_is_1(predict: Predict) -> None:
    done, answers = predict(
        GOOD,
        b"not JSON",
        b"",
        b"   ",
        b'{"id": "latin-1", "text": "caf\xe9"}',
        b'{"id": "surrogate", "text": "\\ud800"}',
        alert("no words", "🔥"),
        alert("long text", "a" * 100_000),
        b'{"text": "no id"}',
        b'{"id": 7, "text": "number as id"}',
        b"[]",
        b"[" * 100_000,
        b'{"id": "deep", "text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"id": "huge", "text": "t", "lat": ' + b"9" * 5_000 + b', "lon": 5}',
        alert("NaN", lat=float("nan"), lon=5.0),
        alert("calendar", created_at="9999-12-31T23:59:59-12:00"),
        alert("unknown", urgence=1),
        GOOD,
    )
    assert done.returncode == 1
    assert [answer["id"] for answer in answers if "error" not in answer] == ["good", "good"]
    errors = answers[1:-1]
    names = [None, None, "surrogate", "no words", "long text", None, None, None, None, None, None, "NaN", "calendar"]
    assert [error["id"] for error in errors] == [*names, "unknown"]
    for error in errors:
        assert error.keys() == {"id", "error"}
        assert error["error"].keys() == {"code", "message"}
        assert error["error"]["code"] in {"invalid_alert", "invalid_json"}
        assert error["error"]["message"]
    assert "2 predictions and 14 error lines" in done.stderr


@pytest.mark.slow
def test_a_line_over_the_limit_is_one_bad_line(predict: Predict) -> None:
    too_long = b'{"id": "long", "text": "' + b"a" * MAX_LINE_BYTES + b'"}'
    done, answers = predict(alert("before"), too_long, alert("after"))
    assert done.returncode == 1
    assert ["error" in answer for answer in answers] == [False, True, False]


def test_more_lines_than_a_chunk_keep_their_order(predict: Predict) -> None:
    names = [str(number) for number in range(300)]
    _, answers = predict(
        *(alert(name) if number % 7 else b'{"id": "%d"}' % number for number, name in enumerate(names))
    )
    assert [answer["id"] for answer in answers] == names


def test_explained_lines_are_the_plain_ones_with_an_explanation(predict: Predict) -> None:
    lines = [GOOD, b"not JSON", *(alert(str(number), f"trou numéro {number}") for number in range(20))]
    _, plain = predict(*lines)
    done, explained = predict(*lines, options=["--explain"])
    assert done.returncode == 1
    assert "21 predictions and 1 error lines" in done.stderr
    assert explained[1] == plain[1]
    for one, other in zip(plain, explained, strict=True):
        assert one["id"] == other["id"]
        if "error" not in one:
            ExplainedPrediction.model_validate_json(json.dumps(other))
            assert other.keys() == one.keys() | {"explanation"}
    assert [word["text"] for word in explained[0]["explanation"]["words"]] == ["Lampadaire", "éteint", "rue", "Monge"]


def test_a_photo_without_words_is_explained_by_no_words(predict: Predict, tmp_path: Path) -> None:
    picture(tmp_path / "alerts" / "near.png")
    done, [answer] = predict(json.dumps({"id": "alone", "photo": "near.png"}).encode(), options=["--explain"])
    assert done.returncode == 0
    assert answer["explanation"]["words"] == []
    assert [photo["label"] for photo in answer["explanation"]["photos"]] == [answer["photos"][0]["label"]]


def test_a_photo_is_found_beside_the_input_file(predict: Predict, tmp_path: Path) -> None:
    picture(tmp_path / "alerts" / "photos" / "near.png")
    picture(tmp_path / "elsewhere.png")
    done, answers = predict(
        alert("bare", photo="photos/near.png"),
        alert("relative", photo={"path": "photos/near.png"}),
        alert("absolute", photo=[{"path": str(tmp_path / "elsewhere.png")}]),
        json.dumps({"id": "alone", "photo": "photos/near.png"}).encode(),
    )
    assert done.returncode == 0
    assert [len(answer["photos"]) for answer in answers] == [1] * 4
    assert not any("photo_unreadable" in answer["reasons"] for answer in answers)


@pytest.mark.parametrize("path", ["gone.png", ".", "in.jsonl", "a\x00b", "x" * 5_000])
def test_an_unreadable_photo_costs_the_answer_only_where_there_is_no_text(predict: Predict, path: str) -> None:
    done, answers = predict(alert("text", photo=path), json.dumps({"id": "alone", "photo": path}).encode())
    assert done.returncode == 1
    assert "photo_unreadable" in answers[0]["reasons"]
    assert [photo["abstains"] for photo in answers[0]["photos"]] == [True]
    assert answers[1]["error"]["code"] == "invalid_alert"
    assert "photo[0]" in answers[1]["error"]["message"]


@pytest.mark.slow
def test_predictions_equal_those_of_the_service(predict: Predict, bundle: Path) -> None:
    texts = [
        "Lampadaire éteint rue Monge",
        "nid de poule énorme",
        "fuite d'eau place Wilson",
        "🔥 poubelle en feu",
        "x",
    ]
    _, answers = predict(*(alert(f"equal-{number}", text) for number, text in enumerate(texts)))
    with running_server(bundle) as server, httpx.Client(base_url=server.base, trust_env=False) as client:
        headers = {"X-API-Key": server.key}
        for answer, text in zip(answers, texts, strict=True):
            served = client.post("/v1/predict", json={"id": answer["id"], "text": text}, headers=headers).json()
            assert answer.keys() == served.keys()
            assert answer["model"] == served["model"]
            for head in HEADS:
                assert confidences(answer[head]) == pytest.approx(confidences(served[head]), abs=0.02)


def confidences(answer: dict[str, Any]) -> dict[str, float]:
    return {item["code"]: item["confidence"] for item in (answer, *answer["alternatives"])}


# What is refused before anything runs


def no_folder(folder: Path) -> None:
    shutil.rmtree(folder)


def no_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def truncated_manifest(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_bytes(path.read_bytes()[:-50])


def truncated_model(folder: Path) -> None:
    path = folder / "text" / "model.onnx"
    path.write_bytes(path.read_bytes()[:-50])


def changed_tokenizer(folder: Path) -> None:
    path = folder / "text" / "tokenizer.json"
    path.write_bytes(path.read_bytes()[:-1] + b" ")


def missing_golden(folder: Path) -> None:
    (folder / "golden.json").unlink()


def foreign_file(folder: Path) -> None:
    (folder / "text" / "model.pkl").write_bytes(b"")


@pytest.mark.parametrize(
    "break_it",
    [
        no_folder,
        no_manifest,
        truncated_manifest,
        truncated_model,
        changed_tokenizer,
        missing_golden,
        foreign_file,
    ],
)
def test_a_broken_bundle_is_one_sentence(
    triage: RunTriage, sentence: Sentence, bundle: Path, tmp_path: Path, break_it: Callable[[Path], None]
) -> None:
    broken, target = tmp_path / "broken", tmp_path / "out.jsonl"
    shutil.copytree(bundle, broken)
    break_it(broken)
    (tmp_path / "in.jsonl").write_bytes(GOOD)
    arguments: Sequence[str | Path] = ("predict", "--input", tmp_path / "in.jsonl", "--output", target)
    assert "broken" in sentence(triage(*arguments, "--bundle", broken))
    assert "broken" in sentence(triage(*arguments, bundle=broken))
    assert not target.exists()


def test_the_input_is_never_overwritten(triage: RunTriage, sentence: Sentence, tmp_path: Path) -> None:
    source, link = tmp_path / "in.jsonl", tmp_path / "link.jsonl"
    source.write_bytes(GOOD)
    link.symlink_to(source)
    for target in (source, link):
        assert "overwrite" in sentence(triage("predict", "--input", source, "--output", target))
    assert source.read_bytes() == GOOD


def test_an_output_folder_that_does_not_exist_is_one_sentence(
    triage: RunTriage, sentence: Sentence, tmp_path: Path
) -> None:
    (tmp_path / "in.jsonl").write_bytes(GOOD)
    done = triage("predict", "--input", tmp_path / "in.jsonl", "--output", tmp_path / "gone" / "out.jsonl")
    assert "gone" in sentence(done)


@pytest.mark.parametrize("option", ["--input", "--output"])
def test_a_folder_in_place_of_a_file_is_a_wrong_option(triage: RunTriage, tmp_path: Path, option: str) -> None:
    (tmp_path / "in.jsonl").write_bytes(GOOD)
    options = {"--input": tmp_path / "in.jsonl", "--output": tmp_path / "out.jsonl", option: tmp_path}
    done = triage("predict", *(word for pair in options.items() for word in pair))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert option in done.stderr


# Places


def test_a_place_outside_the_city_is_sent_to_staff_and_none_is_said(triage: RunTriage, tmp_path: Path) -> None:
    text = "Lampadaire éteint devant le 12 rue Monge"
    lines = [
        alert("inside", text, lat=47.32, lon=5.04),
        alert("outside", text, lat=48.85, lon=2.35),
        alert("none", text),
    ]
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(lines))
    answers = []
    for area in ("", "2.2,48.8,2.5,48.9"):
        assert triage("predict", "--input", "in.jsonl", "--output", "out.jsonl", area=area).returncode == 0
        answers.append([json.loads(line) for line in (tmp_path / "out.jsonl").read_bytes().splitlines()])
    for inside, outside, none in (answers[0], (answers[1][1], answers[1][0], answers[1][2])):
        assert not {"outside_area", "no_place"} & set(inside["reasons"])
        assert outside["decision"] in {"review", "route_and_review"}
        assert "outside_area" in outside["reasons"]
        assert none["reasons"] == [*inside["reasons"], "no_place"]
        assert none["decision"] == inside["decision"]
