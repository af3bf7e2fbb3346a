from collections.abc import Callable
from itertools import product

from training.corpus_checks.balance import CategoryCoverage, CodesPresent, SplitsComplete, UniqueIds
from triage.corpus import LabelledAlert, Split
from triage.taxonomy import Taxonomy

MakeRow = Callable[..., LabelledAlert]


def test_different_ids_pass(row: MakeRow, taxonomy: Taxonomy) -> None:
    assert UniqueIds().find([row(), row()], taxonomy) == []


def test_an_id_given_twice_is_named_once(row: MakeRow, taxonomy: Taxonomy) -> None:
    (message,) = UniqueIds().find([row(id="a"), row(id="b"), row(id="a")], taxonomy)
    assert message == "The id a is given to 2 rows; give each row an id of its own."


def test_a_category_at_the_minimum_passes(row: MakeRow, taxonomy: Taxonomy) -> None:
    rows = [row(category=category) for category in ("voirie", "autre") for _ in range(80)]
    assert CategoryCoverage().find(rows, taxonomy) == []


def test_a_category_below_the_minimum_says_how_many_rows_are_missing(row: MakeRow, taxonomy: Taxonomy) -> None:
    rows = [row(), row(), row(category="autre")]
    (message,) = CategoryCoverage(minimum=2).find(rows, taxonomy)
    assert message == "The category autre has 1 of the 2 rows that it needs; write at least 1 more."


def test_an_empty_corpus_lacks_every_category(taxonomy: Taxonomy) -> None:
    assert len(CategoryCoverage().find([], taxonomy)) == 2


def test_all_departments_and_priorities_pass(row: MakeRow, taxonomy: Taxonomy) -> None:
    rows = [row(), row(department="accueil", priority="critique")]
    assert CodesPresent().find(rows, taxonomy) == []


def test_an_absent_department_and_priority_are_named(row: MakeRow, taxonomy: Taxonomy) -> None:
    department, priority = CodesPresent().find([row()], taxonomy)
    assert department == "No row has the department accueil; write rows that do."
    assert priority == "No row has the priority critique; write rows that do."


def test_every_category_in_every_split_passes(row: MakeRow, taxonomy: Taxonomy) -> None:
    rows = [row(category=category, split=split) for category, split in product(taxonomy.categories, Split)]
    assert SplitsComplete().find(rows, taxonomy) == []


def test_an_empty_split_and_a_split_without_a_category_are_named(row: MakeRow, taxonomy: Taxonomy) -> None:
    rows = [row(), row(category="autre"), row(split="validation")]
    assert SplitsComplete().find(rows, taxonomy) == [
        "The split validation has no row of autre; write rows for it.",
        "The split test has no row; give rows to it.",
    ]
