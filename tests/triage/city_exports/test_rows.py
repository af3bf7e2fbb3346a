"""Rows are masked and labelled by the mapping alone, and whatever gives no row is told without its text."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import pytest

from triage.city_exports.mapping import LabelMapping
from triage.city_exports.report import ForeignReport, Refusal
from triage.city_exports.rows import Labelled, Labeller
from triage.corpus import Split
from triage.rules import DepartmentRules
from triage.taxonomy import Taxonomy

MakeMapping = Callable[..., LabelMapping]
Label = Callable[..., Labelled]


@pytest.fixture
def label(make_mapping: MakeMapping, taxonomy: Taxonomy, rules: DepartmentRules) -> Label:
    def run(found: Iterable[ForeignReport | Refusal], **fields: Any) -> Labelled:
        mapping = make_mapping(**fields)
        return Labeller(mapping, taxonomy, rules, Split.TRAIN, "csv", lambda _text: "nl").label(found)

    return run


def report(place: int = 1, text: str = "Lampadaire éteint", category: str = "Lampes", **fields: Any) -> ForeignReport:
    return ForeignReport(place=place, id=fields.pop("id", str(place)), text=text, categories=(category,), **fields)


def test_a_row_says_where_each_label_comes_from(label: Label) -> None:
    [row] = label([report(reported_on=date(2026, 3, 2))]).rows
    assert (row.id, row.category, row.department, row.priority, row.lang, row.split) == (
        "elsewhere-1",
        "eclairage_public",
        "eclairage",
        "normale",
        "fr",
        Split.TRAIN,
    )
    assert row.provenance.model_dump(mode="json") == {
        "source": "elsewhere",
        "licence": "CC BY 4.0",
        "format": "csv",
        "category": "Lampes",
        "labels": {"category": "category mapping", "department": "default", "priority": "default"},
        "reported_on": "2026-03-02",
    }


def test_personal_data_is_masked_and_what_may_be_left_over_is_refused(label: Label) -> None:
    done = label(
        [
            report(1, "Lampadaire éteint, appelez le 06 12 34 56 78 ou a.b@example.org"),
            report(2, "Lampadaire éteint devant chez Mme Xyz"),
        ]
    )
    assert [row.text for row in done.rows] == ["Lampadaire éteint, appelez le <TEL> ou <EMAIL>"]
    assert done.refused == [Refusal(2, "personal", "The text may still hold personal data (name).")]


def test_the_more_exact_name_of_a_category_goes_first_and_case_does_not_matter(label: Label) -> None:
    meanings = {"afval": "proprete", "AFVAL/Papier": "collecte"}
    exact = ForeignReport(1, "1", "De papierbak is vol", ("afval/papier", "papier", "afval"))
    other = ForeignReport(2, "2", "Grofvuil op de stoep", ("afval/grofvuil", "grofvuil", "afval"))
    assert [row.category for row in label([exact, other], categories=meanings).rows] == ["collecte", "proprete"]


def test_a_department_that_no_rule_allows_gives_the_default_and_is_counted(label: Label) -> None:
    done = label(
        [report(1, department="Parcs"), report(2, "Ampoule cassée", department="Espaces")],
        departments={"Parcs": "collecte", "Espaces": "police_municipale"},
    )
    assert [row.department for row in done.rows] == ["eclairage", "police_municipale"]
    assert done.against_rules == 1


def test_priorities_are_mapped_and_the_category_goes_before_them(label: Label) -> None:
    done = label(
        [report(1, priority="HIGH"), report(2, "Sac éventré", category="Ordures", priority="high")],
        priorities={"high": "haute"},
        categories={"Lampes": "eclairage_public", "Ordures": {"category": "proprete", "priority": "basse"}},
    )
    assert [row.priority for row in done.rows] == ["haute", "basse"]


def test_unmapped_categories_are_counted_and_null_leaves_out(label: Label) -> None:
    done = label(
        [report(1, category="Autre"), report(2, category="Autre"), report(3, category="Merci"), report(4)],
        categories={"Lampes": "eclairage_public", "Merci": None},
    )
    assert (dict(done.unmapped), done.left_out, len(done.rows)) == ({"Autre": 2}, 1, 1)


def test_equal_texts_give_one_row_or_none_where_their_labels_differ(label: Label) -> None:
    done = label(
        [
            report(1, "Lampe cassée"),
            report(2, "lampe cassee !"),
            report(3, "Tout est sale"),
            report(4, "tout est sale.", category="Ordures"),
        ]
    )
    assert [row.id for row in done.rows] == ["elsewhere-1"]
    assert done.repeated == 1
    assert [(item.place, item.code) for item in done.refused] == [(3, "contradiction"), (4, "contradiction")]


def test_bad_records_are_told_by_place_and_code(label: Label) -> None:
    done = label(
        [
            Refusal(1, "broken_record", "The record is no JSON."),
            report(2, "???"),
            report(3, "a" * 5001),
            report(4, id="9"),
            report(5, "Une autre lampe éteinte", id="9"),
            report(6, "Encore une lampe", language="no such language"),
        ]
    )
    assert [(item.place, item.code) for item in done.refused] == [
        (1, "broken_record"),
        (2, "no_words"),
        (3, "too_long"),
        (5, "repeated_id"),
        (6, "unusable"),
    ]
    assert [row.id for row in done.rows] == ["elsewhere-9"]


def test_a_language_is_told_where_the_mapping_says_so_unless_the_record_knows_it(label: Label) -> None:
    done = label([report(1), report(2, "Lantaarn kapot", language="de")], language="told")
    assert [row.lang for row in done.rows] == ["nl", "de"]


def test_a_report_without_an_id_keeps_its_own_from_export_to_export(label: Label) -> None:
    first = label([report(1, id="")]).rows[0].id
    second = label([report(9, "Autre chose ici", id=""), report(12, id="")]).rows[1].id
    assert first == second
    assert first.startswith("elsewhere-")
