import re
from collections.abc import Callable

import pytest

from training.corpus_checks.balance import CategoryCoverage, UniqueIds
from training.corpus_checks.check import Finding, listed
from training.corpus_checks.registry import CHECKS, run_checks
from training.corpus_checks.summary import summarise
from triage.corpus import LabelledAlert
from triage.taxonomy import Taxonomy

MakeRow = Callable[..., LabelledAlert]


def test_codes_are_in_order_and_belong_to_one_check_each() -> None:
    codes = [check.code for check in CHECKS]
    assert codes == sorted(set(codes))
    assert all(re.fullmatch(r"DAT\d{3}", code) for code in codes)


def test_every_check_has_a_title_of_its_own() -> None:
    assert len({check.title for check in CHECKS}) == len(CHECKS)


def test_findings_carry_the_code_and_the_title_of_their_check(row: MakeRow, taxonomy: Taxonomy) -> None:
    rows = [row(id="a"), row(id="a", category="autre")]
    assert run_checks(rows, taxonomy, [CategoryCoverage(minimum=1), UniqueIds()]) == (
        Finding("DAT001", "every id occurs once", "The id a is given to 2 rows; give each row an id of its own."),
    )


def test_an_empty_corpus_is_refused_without_a_crash(taxonomy: Taxonomy) -> None:
    codes = {finding.code for finding in run_checks([], taxonomy)}
    assert {"DAT002", "DAT003", "DAT004"} <= codes


def test_every_finding_is_a_full_sentence(row: MakeRow, taxonomy: Taxonomy) -> None:
    rows = [row("trou"), row("trou", priority="critique", split="test"), row("trou", id="r1")]
    messages = [finding.message for finding in run_checks(rows, taxonomy)]
    assert len(messages) > 5
    assert all(re.match(r"[A-Z0-9].*\.$", message) for message in messages)


def test_the_summary_counts_rows_by_split_and_code(row: MakeRow, taxonomy: Taxonomy) -> None:
    summary = summarise([row("Égout ouvert rue Monge"), row("egout bouche", split="test", lang="mul")], taxonomy)
    assert summary.rows == 2
    assert summary.splits == {"train": 1, "validation": 0, "test": 1}
    assert summary.categories["voirie"] == {"train": 1, "validation": 0, "test": 1}
    assert summary.departments == {"routes": 2, "accueil": 0}
    assert summary.priorities == {"critique": 0, "basse": 2}
    assert summary.languages == {"fr": 1, "mul": 1}
    assert summary.accentless_share == 0.5
    assert summary.median_words == 3
    assert summary.recurring_five_gram_share == 0
    assert summary.frequent_openings == {"egout ouvert rue": 1}


@pytest.mark.parametrize(
    ("names", "expected"),
    [("", ""), ("a", "a"), ("ab", "a and b"), ("abc", "a, b and c"), ("abcde", "a, b and 3 more")],
)
def test_names_are_listed_as_a_phrase(names: str, expected: object) -> None:
    assert listed(names, limit=None if len(names) < 4 else 2) == expected
