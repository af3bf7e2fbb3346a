"""`triage data import`: from another system's export to rows that a training can read."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from triage.corpus import read_corpus
from triage.settings import PROJECT_ROOT
from triage.taxonomy import load_taxonomy

RunTriage = Callable[..., "subprocess.CompletedProcess[str]"]
Sentence = Callable[["subprocess.CompletedProcess[str]"], str]
ImportRows = Callable[..., "subprocess.CompletedProcess[str]"]

DATASETS = PROJECT_ROOT / "datasets"
TABLE = """Nr,Texte,Rubrique
1,"Le lampadaire du 12 clignote, rappelez le 06 12 34 56 78",Lampes
2,Trois sacs éventrés devant la gare depuis lundi,Ordures
3,???,Lampes
4,Merci pour tout,Divers
5,Un matelas et deux chaises abandonnés sous le pont,Ordures
6,Un matelas et deux chaises abandonnés sous le pont !,Ordures
"""
MAPPING = """source: bourg
licence: CC BY 4.0
language: fr
priority: normale
columns: {id: Nr, text: Texte, category: Rubrique}
"""
CATEGORIES = 'categories: {"Lampes": eclairage_public, "Ordures": proprete}\n'


@pytest.fixture
def import_rows(triage: RunTriage, tmp_path: Path) -> ImportRows:
    """Runs the command on a table with a mapping."""
    (tmp_path / "table.csv").write_text(TABLE, encoding="utf-8")

    def run(mapping: str, *options: str | Path) -> "subprocess.CompletedProcess[str]":
        (tmp_path / "mapping.yaml").write_text(mapping, encoding="utf-8")
        codes = ("--taxonomy", DATASETS / "taxonomy.yaml", "--rules", DATASETS / "department_rules.yaml")
        done = triage(
            "data", "import", "--input", "table.csv", "--format", "csv", "--mapping", "mapping.yaml", *codes, *options
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    return run


def test_rows_are_written_masked_and_everything_else_is_told(import_rows: ImportRows, tmp_path: Path) -> None:
    done = import_rows(MAPPING + CATEGORIES, "--output", tmp_path / "rows.jsonl", "--split", "test")
    assert done.returncode == 1
    rows = read_corpus(tmp_path / "rows.jsonl", load_taxonomy(DATASETS / "taxonomy.yaml"))
    assert [(row.id, row.category, row.split.value) for row in rows] == [
        ("bourg-1", "eclairage_public", "test"),
        ("bourg-2", "proprete", "test"),
        ("bourg-5", "proprete", "test"),
    ]
    assert rows[0].text == "Le lampadaire du 12 clignote, rappelez le <TEL>"
    assert [line.split() for line in done.stdout.splitlines()] == [["2", "proprete"], ["1", "eclairage_public"]]
    assert "record 4: no_words: The text has no letter or digit." in done.stderr
    assert '  "Divers": null  # 1 report' in done.stderr
    assert "3 rows are in" in done.stderr
    assert "1 that repeat another text; refused: 1." in done.stderr
    assert "they pass `triage data check`" in done.stderr
    assert "06 12" not in done.stdout + done.stderr


def test_machines_read_the_counts_as_json(import_rows: ImportRows, tmp_path: Path) -> None:
    done = import_rows(MAPPING + CATEGORIES, "--output", tmp_path / "rows.jsonl", "--json")
    told: dict[str, Any] = json.loads(done.stdout)
    assert (told["written"], told["repeated"], told["unmapped"]) == (3, 1, {"Divers": 1})
    assert [refusal["code"] for refusal in told["refused"]] == ["no_words"]
    assert told["findings"] == []


def test_what_repeats_a_corpus_is_left_out(import_rows: ImportRows, tmp_path: Path) -> None:
    known = {"id": "k", "text": "un matelas et deux chaises abandonnes sous le pont", "category": "proprete"}
    (tmp_path / "known.jsonl").write_text(
        json.dumps(known | {"department": "proprete", "priority": "basse", "split": "train"}) + "\n", encoding="utf-8"
    )
    done = import_rows(
        MAPPING + CATEGORIES, "--output", tmp_path / "rows.jsonl", "--beside", tmp_path / "known.jsonl", "--json"
    )
    told = json.loads(done.stdout)
    assert (told["written"], told["repeated"], told["findings"]) == (2, 2, [])


def test_a_suggested_mapping_can_be_imported_with_at_once(import_rows: ImportRows, tmp_path: Path) -> None:
    done = import_rows(MAPPING, "--suggest", tmp_path / "suggested.yaml", "--predict")
    assert done.returncode == 0, done.stderr
    suggested = (tmp_path / "suggested.yaml").read_text(encoding="utf-8")
    assert '"Ordures": proprete  # 3 reports; the model says of 3: proprete 3' in suggested
    assert import_rows(suggested, "--output", tmp_path / "rows.jsonl", "--json").returncode == 1
    again = import_rows(MAPPING, "--suggest", tmp_path / "suggested.yaml")
    assert again.returncode == 2
    assert "suggested.yaml exists; name another file" in again.stderr


@pytest.mark.parametrize(
    ("mapping", "options", "told"),
    [
        (MAPPING + CATEGORIES, (), "Name a --mapping and an --output, or --suggest FILE"),
        (MAPPING + CATEGORIES, ("--output", "table.csv"), "--output would overwrite the input table.csv"),
        (MAPPING + CATEGORIES, ("--output", "no/rows.jsonl"), "The folder no of --output does not exist"),
        (MAPPING + "categories: {Lampes: lampes}\n", ("--output", "rows.jsonl"), "'lampes' is not in the taxonomy"),
        (MAPPING.replace("Texte", "Text"), ("--output", "rows.jsonl"), "lacks the column 'Text'; it has Nr, Texte"),
    ],
)
def test_a_mistake_is_one_sentence(
    import_rows: ImportRows, sentence: Sentence, mapping: str, options: tuple[str, ...], told: str
) -> None:
    assert told in sentence(import_rows(mapping, *options))
