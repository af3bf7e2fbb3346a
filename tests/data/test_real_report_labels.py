"""The labels of real reports that ship: sound by the guide, and without any text of the cities."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from evaluation.real_reports import CITIES, LABELS
from triage.rules import DepartmentRules, load_rules
from triage.settings import PROJECT_ROOT
from triage.taxonomy import HEADS, Taxonomy, load_taxonomy

DATASETS = PROJECT_ROOT / "datasets"
COLUMNS = ["key", "category", "department", "priority", "split"]
FILES = sorted(LABELS.glob("*.csv"))

each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return load_taxonomy(DATASETS / "taxonomy.yaml")


@pytest.fixture(scope="module")
def rules(taxonomy: Taxonomy) -> DepartmentRules:
    return load_rules(DATASETS / "department_rules.yaml", taxonomy)


def lines_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_city_has_a_file_of_labels_and_no_other_has() -> None:
    assert [file.stem for file in FILES] == sorted(city.name for city in CITIES)


@each_file
def test_a_file_holds_keys_and_codes_and_no_text(file: Path) -> None:
    lines = lines_of(file)
    assert lines
    assert all(list(line) == COLUMNS for line in lines)
    assert all(value and " " not in value and len(value) <= 24 for line in lines for value in line.values())


@each_file
def test_no_report_is_labelled_twice(file: Path) -> None:
    counts = Counter(line["key"] for line in lines_of(file))
    assert [key for key, count in counts.items() if count > 1] == []


@each_file
def test_every_code_is_in_the_taxonomy(file: Path, taxonomy: Taxonomy) -> None:
    unknown = {
        (head, line[head]) for line in lines_of(file) for head in HEADS if line[head] not in taxonomy.codes(head)
    }
    assert unknown == set()


@each_file
def test_every_department_is_the_default_or_given_by_a_rule(
    file: Path, taxonomy: Taxonomy, rules: DepartmentRules
) -> None:
    broken = [
        f"{line['key']}: {line['category']} to {line['department']}"
        for line in lines_of(file)
        if not rules.allows(line["category"], line["department"], taxonomy)
    ]
    assert not broken, "\n".join(broken)


@each_file
def test_reports_are_for_training_or_for_testing_and_most_for_training(file: Path) -> None:
    splits = Counter(line["split"] for line in lines_of(file))
    assert set(splits) == {"train", "test"}
    assert splits["train"] > splits["test"]
