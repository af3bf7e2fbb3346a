"""`triage backfill`: the service's answers to a whole archive, from one command."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest

from evaluation.benchmarks.server import running_server
from triage.corpus import read_corpus
from triage.settings import PROJECT_ROOT
from triage.taxonomy import HEADS, load_taxonomy

RunTriage = Callable[..., "subprocess.CompletedProcess[str]"]
Sentence = Callable[["subprocess.CompletedProcess[str]"], str]
WriteParquet = Callable[..., Path]

ROWS = 240
BAD = 17
ray = pytest.mark.xdist_group("ray")


@dataclass(frozen=True, slots=True)
class Answered:
    """A finished start, its command line, and the alerts that it answered."""

    done: "subprocess.CompletedProcess[str]"
    arguments: tuple[str, ...]
    folder: Path
    alerts: list[dict[str, Any]]

    @property
    def answers(self) -> list[dict[str, Any]]:
        return pq.read_table(self.folder / "answers").to_pylist()


@pytest.fixture(scope="module")
def alerts() -> list[dict[str, Any]]:
    """Alerts of the corpus with places inside and outside the city; one says nothing."""
    rows = read_corpus(PROJECT_ROOT / "datasets" / "corpus", load_taxonomy(PROJECT_ROOT / "datasets" / "taxonomy.yaml"))
    texts = [row.text.replace("\r", " ") for row in rows[:: len(rows) // ROWS]][:ROWS]
    places = ((47.32, 5.04), (48.85, 2.35), (None, None))
    found = [
        {"id": f"row-{number}", "text": text, "lat": places[number % 3][0], "lon": places[number % 3][1]}
        for number, text in enumerate(texts)
    ]
    found[BAD]["text"] = "…"
    return found


@pytest.fixture(scope="module")
def answered(
    tmp_path_factory: pytest.TempPathFactory,
    command: str,
    environment: dict[str, str],
    alerts: list[dict[str, Any]],
    scratch: Path,
) -> Answered:
    """One real start over a CSV as a German spreadsheet writes it."""
    folder = tmp_path_factory.mktemp("backfill")
    with (folder / "archive.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(["Nummer", "Straße", "Beschreibung", "Breite", "Länge"])
        for alert in alerts:
            place = ["" if alert[name] is None else str(alert[name]).replace(".", ",") for name in ("lat", "lon")]
            writer.writerow([alert["id"], "egal", alert["text"], *place])
    columns = ("id=Nummer", "text=Beschreibung", "lat=Breite", "lon=Länge")
    options = [word for column in columns for word in ("--column", column)]
    arguments = ("backfill", "--input", "archive.csv", "--output", "answers", *options, "--json")
    done = subprocess.run(
        [command, *arguments],
        cwd=folder,
        env=environment | {"TMPDIR": str(scratch)},
        capture_output=True,
        encoding="utf-8",
        timeout=150,
        check=False,
    )
    return Answered(done, arguments, folder, alerts)


@ray
@pytest.mark.slow
def test_the_figures_are_printed_and_nothing_of_rays(answered: Answered) -> None:
    assert answered.done.returncode == 1
    assert answered.done.stderr == ""
    summary = json.loads(answered.done.stdout)
    assert (summary["rows"], summary["answered"], summary["errors"], summary["parts"]) == (ROWS, ROWS, 1, 1)
    assert summary["rows_per_s"] > 0


@ray
@pytest.mark.slow
def test_no_temporary_file_is_left(answered: Answered, scratch: Path) -> None:
    assert answered.done.stdout
    assert not list(scratch.iterdir())


@ray
@pytest.mark.slow
def test_every_row_is_answered_in_its_order_and_a_bad_one_has_its_error(answered: Answered) -> None:
    assert [answer["row"] for answer in answered.answers] == list(range(1, ROWS + 1))
    assert [answer["id"] for answer in answered.answers] == [alert["id"] for alert in answered.alerts]
    assert [answer["id"] for answer in answered.answers if answer["error_code"]] == [f"row-{BAD}"]


@ray
@pytest.mark.slow
def test_answers_are_exactly_those_of_triage_predict(answered: Answered, triage: RunTriage, tmp_path: Path) -> None:
    lines = (
        json.dumps({name: value for name, value in alert.items() if value is not None}) for alert in answered.alerts
    )
    (tmp_path / "alerts.jsonl").write_text("\n".join(lines), encoding="utf-8")
    triage("predict", "--input", tmp_path / "alerts.jsonl", "--output", tmp_path / "out.jsonl")
    predicted = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert [flat(said) for said in predicted] == [
        {name: answer[name] for name in flat(said)} for answer, said in zip(answered.answers, predicted, strict=True)
    ]


@ray
@pytest.mark.slow
def test_answers_are_those_of_the_service(answered: Answered, bundle: Path) -> None:
    with running_server(bundle) as server, httpx.Client(base_url=server.base, trust_env=False, timeout=90) as client:
        headers = {"Authorization": f"Bearer {server.key}"}
        served = client.post("/v1/predict/batch", json={"alerts": answered.alerts}, headers=headers).json()["results"]
    for answer, said in zip(answered.answers, served, strict=True):
        expected = flat(said)
        for name in [name for name in expected if name.endswith("_confidence")]:
            # The service's batches are others, and the last bits of a sum depend on its order.
            assert answer[name] == pytest.approx(expected.pop(name), abs=0.001)
        assert {name: answer[name] for name in expected} == expected


def flat(said: dict[str, Any]) -> dict[str, Any]:
    """An answer of the contract as columns."""
    if "error" in said:
        return {"id": said["id"], "error_code": said["error"]["code"], "category": None}
    answers = {"id": said["id"], "decision": said["decision"], "reasons": " ".join(said["reasons"]), "error_code": None}
    answers |= {"model_version": said["model"]["version"], "bundle_sha256": said["model"]["bundle_sha256"]}
    for head in HEADS:
        answers |= {head: said[head]["code"], f"{head}_confidence": said[head]["confidence"]}
    return answers


@ray
@pytest.mark.slow
def test_a_second_start_has_nothing_to_do_and_needs_no_ray(
    answered: Answered, command: str, environment: dict[str, str]
) -> None:
    before = {path: path.stat().st_mtime_ns for path in (answered.folder / "answers").glob("part-*")}
    again = subprocess.run(
        [command, *answered.arguments[:-1], "--address", "127.0.0.1:1"],
        cwd=answered.folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert again.returncode == 1
    assert again.stdout == ""
    assert (
        again.stderr
        == f"{ROWS} rows are answered in answers (1 files), 1 of them with an error; 240 were there before.\n"
    )
    assert {path: path.stat().st_mtime_ns for path in before} == before


@ray
@pytest.mark.slow
def test_other_options_are_not_mixed_in(answered: Answered, command: str, environment: dict[str, str]) -> None:
    other = subprocess.run(
        [command, *answered.arguments, "--rows-per-part", "7"],
        cwd=answered.folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert other.returncode == 2
    assert "the options or settings changed" in other.stderr


# What is refused before anything runs


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--column", "text=Nope"), "'Nope'"),
        (("--column", "words=text"), "FIELD=COLUMN"),
        (("--address", "127.0.0.1:1"), "Nothing answers at 127.0.0.1:1"),
        (("--address", "nonsense"), "Nothing answers at nonsense"),
        (("--address", "ray://127.0.0.1:10001"), "ray job submit"),
        (("--bundle", "."), "is no bundle"),
        (("--output", "nope://x"), "--output nope://x cannot be reached"),
        (("--input", "missing.csv"), "--input missing.csv"),
        (("--input", "."), "lies in the folder of --input"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    triage: RunTriage, sentence: Sentence, parquet: WriteParquet, options: Sequence[str], said: str
) -> None:
    parquet([{"id": "a", "text": "trou"}])
    assert said in sentence(triage("backfill", "--input", "archive.parquet", "--output", "answers", *options))


def test_an_archive_without_rows_is_one_sentence(triage: RunTriage, sentence: Sentence, tmp_path: Path) -> None:
    (tmp_path / "archive.csv").write_text("id,text\n")
    assert "no rows" in sentence(triage("backfill", "--input", "archive.csv", "--output", "answers"))
    assert not (tmp_path / "answers").exists()


@pytest.mark.parametrize("library", ["ray", "pyarrow"])
def test_without_the_extra_a_sentence_says_what_to_install(
    command: str, environment: dict[str, str], parquet: WriteParquet, tmp_path: Path, library: str
) -> None:
    parquet([{"id": "a", "text": "trou"}])
    # A module of this name that is not there, found before the one that is.
    (tmp_path / "lacking").mkdir()
    (tmp_path / "lacking" / f"{library}.py").write_text(f"raise ModuleNotFoundError(name={library!r})")
    done = subprocess.run(
        [sys.executable, command, "backfill", "--input", "archive.parquet", "--output", "answers"],
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": str(tmp_path / "lacking")},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"triage: This command needs {library}; install it with: ")
    assert done.stderr.endswith("-e '.[cluster]'\n")
