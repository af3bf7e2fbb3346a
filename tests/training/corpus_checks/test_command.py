import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.data import app
from training.corpus_checks import registry, suspects
from training.corpus_checks.balance import CodesPresent
from triage.corpus import LabelledAlert
from triage.errors import InvalidCorpus
from triage.taxonomy import Taxonomy

MakeRow = Callable[..., LabelledAlert]
RunCheck = Callable[..., Result]
RULES = {
    "rules": [
        {"name": "essai", "guide": 1, "department": "accueil", "categories": ["voirie"], "fr": "Essai", "en": "Trial"}
    ]
}


@pytest.fixture
def taxonomy_file(tmp_path: Path, taxonomy: Taxonomy) -> Path:
    path = tmp_path / "taxonomy.yaml"
    path.write_text(taxonomy.model_dump_json(), encoding="utf-8")  # JSON is YAML too
    return path


@pytest.fixture
def rules_file(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(json.dumps(RULES), encoding="utf-8")
    return path


@pytest.fixture
def check(tmp_path: Path, taxonomy_file: Path, rules_file: Path, monkeypatch: pytest.MonkeyPatch) -> RunCheck:
    """Runs the command with one fast check on a corpus of the given rows."""
    monkeypatch.setattr(registry, "CHECKS", (CodesPresent(),))

    def run(rows: Sequence[LabelledAlert], *options: str) -> Result:
        corpus = tmp_path / "corpus.jsonl"
        corpus.write_text("".join(f"{row.model_dump_json()}\n" for row in rows), encoding="utf-8")
        files = ["--corpus", str(corpus), "--taxonomy", str(taxonomy_file), "--rules", str(rules_file)]
        return CliRunner().invoke(app, ["check", *files, *options], env={"COLUMNS": "120"})

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


def test_a_department_that_no_rule_gives_is_a_finding_too(check: RunCheck, row: MakeRow) -> None:
    result = check([row(category="autre", department="routes"), row(department="accueil", priority="critique")])
    assert result.exit_code == 1
    assert "No rule sends 'autre' to 'routes', yet r1 do" in result.stdout


def test_an_unknown_code_is_left_to_the_caller_as_an_expected_error(check: RunCheck, row: MakeRow) -> None:
    result = check([row(category="inconnue")])
    assert isinstance(result.exception, InvalidCorpus)


# Suspects


@pytest.fixture
def doubtful(row: MakeRow) -> list[LabelledAlert]:
    """Holes and papers, 24 rows each, that nothing is found in; r4 is a hole with the category of papers."""
    places = [f"{where} {when}" for where in ("rue Monge", "place Darcy", "pres du lac") for when in range(8)]
    rows = [row(f"un trou dans la chaussee {words}", department="accueil") for words in places]
    rows += [row(f"renouveler ma carte {words}", category="autre", department="accueil") for words in places]
    rows[3] = rows[3].model_copy(update={"category": "autre", "text": "un [b]nid de poule[/b], la chaussee a un trou"})
    return [*rows, row(priority="critique")]


def test_suspects_are_listed_in_json_beside_the_findings_and_are_none_of_them(
    check: RunCheck, doubtful: list[LabelledAlert]
) -> None:
    result = check(doubtful, "--suspects", "5", "--json")
    answer = json.loads(result.stdout)
    assert result.exit_code == 0
    assert answer["findings"] == []
    (suspect,) = answer["suspects"]
    assert suspect.pop("probability") < 0.5
    assert suspect == {"id": "r4", "head": "category", "label": "autre", "likelier": "voirie"}


def test_suspects_are_a_table_with_their_texts_as_written(check: RunCheck, doubtful: list[LabelledAlert]) -> None:
    result = check(doubtful, "--suspects", "5")
    assert result.exit_code == 0
    assert "Nothing found: the corpus is fit to train on." in result.stdout
    table = " ".join(result.stdout.partition("Labels worth a second look")[2].split())
    assert "r4" in table
    assert "[b]nid de poule[/b]" in table


def test_the_number_is_the_most_of_each_head(check: RunCheck, row: MakeRow, monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[int] = []

    def count(*arguments: object) -> tuple[()]:
        limits.extend(argument for argument in arguments if isinstance(argument, int))
        return ()

    monkeypatch.setattr(suspects, "find_suspects", count)
    assert json.loads(check([row()], "--suspects", "7", "--json").stdout)["suspects"] == []
    assert limits == [7]


@pytest.mark.parametrize("options", [(), ("--suspects", "0")], ids=["without", "zero"])
def test_without_the_option_no_suspects_are_sought(
    options: tuple[str, ...], check: RunCheck, doubtful: list[LabelledAlert], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("suspects were sought")

    monkeypatch.setattr(suspects, "find_suspects", refuse)
    answer = json.loads(check(doubtful, *options, "--json").stdout)
    assert answer["suspects"] == []
    assert "Labels worth a second look" not in check(doubtful, *options).stdout


def test_a_number_below_zero_is_a_wrong_command_line(check: RunCheck, row: MakeRow) -> None:
    assert check([row()], "--suspects", "-1").exit_code == 2
