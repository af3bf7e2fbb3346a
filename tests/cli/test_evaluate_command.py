"""`triage evaluate`: the same figures for the bundle and for the baseline, as a table or as JSON."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from triage.settings import PROJECT_ROOT
from triage.taxonomy import HEADS

pytestmark = pytest.mark.slow  # each run imports scikit-learn and trains the baseline

RunTriage = Callable[..., "subprocess.CompletedProcess[str]"]
Sentence = Callable[["subprocess.CompletedProcess[str]"], str]
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
            assert 0 <= figures[f"{head}_{name}"] <= 1
            assert 0 <= figures[f"baseline_{head}_{name}"] <= 1
    assert 0 <= figures["decision_routed_error"] <= 1


def test_the_test_split_is_measured_by_default_and_shown_as_a_table(triage: RunTriage, small_corpus: Path) -> None:
    rows = sum(json.loads(line)["split"] == "test" for line in small_corpus.read_text().splitlines())
    done = triage("evaluate", "--corpus", small_corpus)
    assert done.returncode == 0, done.stderr
    assert f"{rows} alerts" in done.stdout
    for words in (*HEADS, "macro-F1", "tf-idf baseline", "Routed without review"):
        assert words in done.stdout


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
