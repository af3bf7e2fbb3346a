import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.data import app
from training.corpus_checks import registry
from training.corpus_checks.balance import CodesPresent
from triage.corpus import LabelledAlert
from triage.errors import InvalidCorpus
from triage.taxonomy import Taxonomy

MakeRow = Callable[..., LabelledAlert]
RunCheck = Callable[..., Result]


@pytest.fixture
def taxonomy_file(tmp_path: Path, taxonomy: Taxonomy) -> Path:
    path = tmp_path / "taxonomy.yaml"
    path.write_text(taxonomy.model_dump_json(), encoding="utf-8")  # JSON is YAML too
    return path


@pytest.fixture
def check(tmp_path: Path, taxonomy_file: Path, monkeypatch: pytest.MonkeyPatch) -> RunCheck:
    """Runs the command with one fast check on a corpus of the given rows."""
    monkeypatch.setattr(registry, "CHECKS", (CodesPresent(),))

    def run(rows: Sequence[LabelledAlert], *options: str) -> Result:
        corpus = tmp_path / "corpus.jsonl"
        corpus.write_text("".join(f"{row.model_dump_json()}\n" for row in rows), encoding="utf-8")
        return CliRunner().invoke(
            app, ["check", "--corpus", str(corpus), "--taxonomy", str(taxonomy_file), *options], env={"COLUMNS": "120"}
        )

    return run


def test_a_sound_corpus_exits_with_0_and_says_so(check: RunCheck, row: MakeRow) -> None:
    result = check([row(), row(department="accueil", priority="critique")])
    assert result.exit_code == 0
    assert "Nothing found: the corpus is fit to train on." in result.stdout


def test_findings_are_printed_with_their_code_and_exit_with_1(check: RunCheck, row: MakeRow) -> None:
    result = check([row("[bold]un trou[/bold] dans la route")])
    assert result.exit_code == 1
    assert "DAT003  No row has the department accueil; write rows that do." in result.stdout
    assert "bold un trou" in result.stdout


def test_json_is_one_object_with_summary_and_findings(check: RunCheck, row: MakeRow) -> None:
    result = check([row()], "--json")
    answer = json.loads(result.stdout)
    assert result.exit_code == 1
    assert answer["summary"]["rows"] == 1
    assert [finding["code"] for finding in answer["findings"]] == ["DAT003", "DAT003"]


def test_an_unknown_code_is_left_to_the_caller_as_an_expected_error(check: RunCheck, row: MakeRow) -> None:
    result = check([row(category="inconnue")])
    assert isinstance(result.exception, InvalidCorpus)
