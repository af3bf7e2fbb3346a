"""`triage evaluate`: figures of the bundle and of the baselines, in the terminal, as JSON and as a report."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation.real_reports import CITIES
from triage.settings import PROJECT_ROOT
from triage.taxonomy import HEADS

pytestmark = pytest.mark.slow  # each run imports scikit-learn and trains the baseline

RunTriage = Callable[..., "subprocess.CompletedProcess[str]"]
Sentence = Callable[["subprocess.CompletedProcess[str]"], str]
SECTIONS = ["targets", "figures", "decisions", "thresholds", "risk-coverage", "reliability", "confusion", "slices",
            "robustness", "errors"]  # fmt: skip
CORPUS = PROJECT_ROOT / "datasets" / "corpus"


@pytest.fixture
def small_corpus(tmp_path: Path) -> Path:
    """A few rows of each split of the corpus that ships."""
    lines = [
        line
        for name in ("train", "validation", "test")
        for line in (CORPUS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()[::12]
    ]
    path = tmp_path / "corpus.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """Rows with the least fields that the command asks for."""
    path = tmp_path / "labelled.jsonl"
    fields = ("id", "text", "category", "department", "priority")
    rows = [json.loads(line) for line in (CORPUS / "test.jsonl").read_text(encoding="utf-8").splitlines()[:20]]
    path.write_text("".join(json.dumps({name: row[name] for name in fields}) + "\n" for row in rows))
    return path


def test_figures_come_as_json_for_the_model_and_the_baseline(
    triage: RunTriage, small_corpus: Path, labelled: Path
) -> None:
    done = triage("evaluate", "--data", labelled, "--corpus", small_corpus, "--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["rows"] == 20
    for head in HEADS:
        for name in ("macro_f1", "accuracy", "top_3", "calibration_error"):
            for who in ("", "baseline_", "keyword_", "majority_"):
                assert 0 <= figures[f"{who}{head}_{name}"] <= 1
    assert 0 <= figures["decision_routed_error"] <= 1


def test_the_test_split_is_measured_by_default_and_shown_as_a_table(triage: RunTriage, small_corpus: Path) -> None:
    rows = sum(json.loads(line)["split"] == "test" for line in small_corpus.read_text().splitlines())
    done = triage("evaluate", "--corpus", small_corpus)
    assert done.returncode == 0, done.stderr
    assert f"{rows} alerts" in done.stdout
    for words in (*HEADS, "macro-F1", "tf-idf baseline", "Routed without review", "Targets", "not measured"):
        assert words in done.stdout


def test_a_report_holds_the_figures_and_needs_no_other_file(
    triage: RunTriage, small_corpus: Path, labelled: Path, tmp_path: Path
) -> None:
    rows = [json.loads(line) for line in labelled.read_text().splitlines()]
    rows[0]["text"] += " rappelez le 06 39 98 12 34"
    labelled.write_text("".join(json.dumps(row) + "\n" for row in rows))
    second = small_corpus.with_name("second_labels.jsonl")
    kept = [json.loads(line) for line in small_corpus.read_text(encoding="utf-8").splitlines()[:10]]
    second.write_text("".join(json.dumps(row) + "\n" for row in kept))
    folder = tmp_path / "made" / "report"
    done = triage(
        "evaluate", "--data", labelled, "--corpus", small_corpus, "--second-labels", second, "--report", folder,
        "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    printed, figures = json.loads(done.stdout), json.loads((folder / "report.json").read_text(encoding="utf-8"))
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert str(folder / "report.html") in "".join(done.stderr.split("\n"))
    assert figures["source"]["data"] == labelled.name
    assert figures["figures"]["model"]["category"]["accuracy"]["value"] == printed["category_accuracy"]
    assert figures["human"]["priority"]["rows"] == 10
    assert printed["human_category_kappa"] == 1.0
    assert re.findall(r'<section id="([a-z-]+)">', page) == SECTIONS
    assert not re.search(r"https?:|<script|<link|url\(", page)
    assert set(re.findall(r'src="([^,]*),', page)) == {"data:image/svg+xml;base64"}
    assert "98 12" not in page


def test_without_second_labels_no_human_agreement_is_stated(
    triage: RunTriage, small_corpus: Path, labelled: Path, tmp_path: Path
) -> None:
    (tmp_path / "second.jsonl").touch()
    arguments = ("--data", labelled, "--corpus", small_corpus, "--second-labels", "second.jsonl", "--json")
    done = triage("evaluate", *arguments)
    assert done.returncode == 0, done.stderr
    assert not [name for name in json.loads(done.stdout) if name.startswith("human_")]
    assert not json.loads((tmp_path / "work" / "report" / "report.json").read_text(encoding="utf-8"))["human"]


def test_a_second_label_that_is_none_is_one_sentence_that_names_the_line(
    triage: RunTriage, sentence: Sentence, small_corpus: Path, labelled: Path, tmp_path: Path
) -> None:
    (tmp_path / "second.jsonl").write_text(labelled.read_text() + '{"id": "x", "category": "voirie"}\n')
    arguments = ("--data", labelled, "--corpus", small_corpus, "--second-labels", "second.jsonl")
    assert "second.jsonl, line 21: Field required" in sentence(triage("evaluate", *arguments))


@pytest.mark.parametrize("there", [True, False], ids=["empty_folder", "no_folder"])
def test_a_folder_without_the_real_reports_is_one_sentence_that_says_what_to_name(
    there: bool, triage: RunTriage, sentence: Sentence, small_corpus: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "reports"
    if there:
        folder.mkdir()
    said = sentence(triage("evaluate", "--reports", folder, "--corpus", small_corpus))
    assert f"The reports {folder / CITIES[0].file} cannot be read" in said
    assert "Name the folder that holds them" in said
    assert not (tmp_path / "work").exists()  # nothing was measured


def test_a_report_goes_to_the_work_folder_and_may_leave_texts_out(
    triage: RunTriage, small_corpus: Path, labelled: Path, tmp_path: Path
) -> None:
    done = triage("evaluate", "--data", labelled, "--corpus", small_corpus, "--no-texts", "--alerts-per-day", "1000")
    assert done.returncode == 0, done.stderr
    figures = json.loads((tmp_path / "work" / "report" / "report.json").read_text(encoding="utf-8"))
    assert figures["alerts_per_day"] == 1000
    assert all(error["text"] is None for error in figures["worst_errors"])


def test_no_row_to_measure_is_one_sentence(
    triage: RunTriage, sentence: Sentence, small_corpus: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty.jsonl").write_text("\n")
    said = sentence(triage("evaluate", "--data", "empty.jsonl", "--corpus", small_corpus))
    assert "no row to measure" in said


def test_an_unknown_code_is_one_sentence_that_names_the_line(
    triage: RunTriage, sentence: Sentence, small_corpus: Path, labelled: Path
) -> None:
    lines = labelled.read_text().splitlines()
    lines[4] = json.dumps(json.loads(lines[4]) | {"category": "licorne"})
    labelled.write_text("\n".join(lines) + "\n")
    said = sentence(triage("evaluate", "--data", labelled, "--corpus", small_corpus))
    assert "licorne" in said
    assert "5" in said


def test_missing_data_is_one_sentence(triage: RunTriage, sentence: Sentence, small_corpus: Path) -> None:
    assert "gone.jsonl" in sentence(triage("evaluate", "--data", "gone.jsonl", "--corpus", small_corpus))
