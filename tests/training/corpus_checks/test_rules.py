from collections.abc import Callable

import pytest

from training.corpus_checks.registry import CHECKS, run_checks
from training.corpus_checks.rules import RulesKept
from triage.corpus import LabelledAlert
from triage.rules import DepartmentRule, DepartmentRules
from triage.taxonomy import Taxonomy

MakeRow = Callable[..., LabelledAlert]


def rule(department: str, *categories: str) -> DepartmentRule:
    return DepartmentRule(name="essai", guide=1, department=department, categories=categories, fr="Essai", en="Trial")


@pytest.fixture
def check() -> RulesKept:
    """Roads may go to the desk by a rule; nothing else leaves its default."""
    return RulesKept(DepartmentRules(rules=(rule("accueil", "voirie"),)))


def test_the_default_department_needs_no_rule(row: MakeRow, taxonomy: Taxonomy) -> None:
    rows = [row(), row(category="autre", department="accueil")]
    assert RulesKept(DepartmentRules(rules=())).find(rows, taxonomy) == []


def test_a_department_that_a_rule_gives_passes(check: RulesKept, row: MakeRow, taxonomy: Taxonomy) -> None:
    assert check.find([row(department="accueil")], taxonomy) == []


def test_a_rule_for_another_category_does_not_help(check: RulesKept, row: MakeRow, taxonomy: Taxonomy) -> None:
    rows = [row(), row(category="autre", department="routes"), row(category="autre", department="routes")]
    assert check.find(rows, taxonomy) == [
        "No rule sends 'autre' to 'routes', yet r2 and r3 do; mend the label,"
        " or the rule in datasets/department_rules.yaml."
    ]


def test_each_pair_of_codes_is_one_finding(row: MakeRow, taxonomy: Taxonomy) -> None:
    rows = [row(department="accueil"), row(category="autre", department="routes"), row(department="accueil")]
    first, second = RulesKept(DepartmentRules(rules=())).find(rows, taxonomy)
    assert "'voirie' to 'accueil', yet r1 and r3 do" in first
    assert "'autre' to 'routes', yet r2 do" in second


def test_of_many_rows_five_are_named(row: MakeRow, taxonomy: Taxonomy) -> None:
    (message,) = RulesKept(DepartmentRules(rules=())).find([row(department="accueil") for _ in range(8)], taxonomy)
    assert "yet r1, r2, r3, r4, r5 and 3 more do" in message


def test_a_rule_for_all_categories_allows_every_one(row: MakeRow, taxonomy: Taxonomy) -> None:
    everywhere = rule("routes", "voirie").model_copy(update={"categories": "all"})
    assert (
        RulesKept(DepartmentRules(rules=(everywhere,))).find([row(category="autre", department="routes")], taxonomy)
        == []
    )


def test_its_code_is_no_other_checks_and_travels_with_its_findings(row: MakeRow, taxonomy: Taxonomy) -> None:
    check = RulesKept(DepartmentRules(rules=()))
    assert check.code not in {other.code for other in CHECKS}
    (finding,) = run_checks([row(department="accueil")], taxonomy, [check])
    assert (finding.code, finding.title) == ("DAT012", check.title)
