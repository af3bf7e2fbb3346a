from typing import Any

import pytest

from serving.desk.names import Names
from serving.desk.view.answers import SHOWN_AT_ONCE, Answers, Defaults, answers_of
from tests.serving.desk.made import prediction, ranked, stored_alert
from triage.rules import DepartmentRules, load_rules
from triage.settings import PROJECT_ROOT
from triage.store.records import Json
from triage.taxonomy import Taxonomy


@pytest.fixture(scope="session")
def rules(taxonomy: Taxonomy) -> DepartmentRules:
    return load_rules(PROJECT_ROOT / "datasets" / "department_rules.yaml", taxonomy)


@pytest.fixture
def answers(french: Names, taxonomy: Taxonomy, rules: DepartmentRules) -> Any:
    def make(said: Json | None = None, unbiased: bool = False, **alert: Any) -> Answers:
        said = prediction() if said is None else said or None
        one = stored_alert(prediction=said, **alert)
        return answers_of(one, said, french, Defaults(taxonomy, rules, said), unbiased=unbiased)

    return make


def test_categories_stand_in_the_order_of_their_likelihood(answers: Any, taxonomy: Taxonomy) -> None:
    shown = answers()
    assert [choice.code for choice in shown.categories][:3] == ["proprete", "collecte", "voirie"]
    assert {choice.code for choice in shown.categories} == set(taxonomy.categories)
    assert len(shown.first_categories) == SHOWN_AT_ONCE
    assert len(shown.other_categories) == len(taxonomy.categories) - SHOWN_AT_ONCE


def test_the_first_nine_have_digits_as_keys(answers: Any) -> None:
    assert [choice.key for choice in answers().categories][:11] == [*"123456789", None, None]


def test_the_likeliest_codes_are_chosen_beforehand(answers: Any) -> None:
    shown = answers()
    assert [choice.code for choice in shown.categories if choice.chosen] == ["proprete"]
    assert [choice.code for choice in shown.priorities if choice.chosen] == ["normale"]
    assert shown.department_follows
    assert not any(choice.chosen for choice in shown.departments)


def test_priorities_keep_the_order_of_the_city(answers: Any, taxonomy: Taxonomy) -> None:
    assert tuple(choice.code for choice in answers().priorities) == taxonomy.codes("priority")


def test_bars_are_as_long_as_probabilities(answers: Any) -> None:
    assert [choice.width for choice in answers().categories][:4] == [60.0, 30.0, 10.0, 0]


def test_an_answered_alert_shows_the_answer_of_the_person(answers: Any) -> None:
    shown = answers(review_id=7, category="voirie", department="poste_commandement", priority="haute")
    assert [choice.code for choice in shown.categories if choice.chosen] == ["voirie"]
    assert [choice.code for choice in shown.categories if choice.current] == ["voirie"]
    assert [choice.code for choice in shown.departments if choice.chosen] == ["poste_commandement"]
    assert not shown.department_follows


def test_a_suspected_label_has_nothing_chosen_beforehand(answers: Any) -> None:
    shown = answers(unbiased=True, category="collecte")
    assert not any(choice.chosen for choice in shown.categories)
    assert [choice.code for choice in shown.categories if choice.current] == ["collecte"]


def test_an_alert_that_no_model_read_shows_what_it_came_with(answers: Any, taxonomy: Taxonomy) -> None:
    shown = answers({}, category="graffiti", department="proprete", priority="basse")
    assert [choice.code for choice in shown.categories if choice.chosen] == ["graffiti"]
    assert all(choice.share is None for choice in shown.categories)
    assert tuple(choice.code for choice in shown.categories) == taxonomy.codes("category")


def test_a_code_that_the_city_no_longer_has_is_left_out(answers: Any) -> None:
    said = prediction(category=ranked(("gone", 0.9), ("voirie", 0.1)))
    assert next(choice.code for choice in answers(said, category="gone").categories) == "voirie"


def test_the_department_follows_the_category(taxonomy: Taxonomy, rules: DepartmentRules) -> None:
    defaults = Defaults(taxonomy, rules, prediction())
    assert defaults.department("proprete") == "proprete"
    assert defaults.department("voirie") == "voirie"


def test_a_department_with_a_reason_of_its_own_stays(taxonomy: Taxonomy, rules: DepartmentRules) -> None:
    """What lies in a park is the park's, whatever it is."""
    defaults = Defaults(taxonomy, rules, prediction(department=ranked(("espaces_verts", 0.9), ("proprete", 0.1))))
    assert defaults.department("proprete") == "espaces_verts"
    assert defaults.department("mobilier_urbain") == "espaces_verts"
    assert defaults.department("tranquillite") == "police_municipale"  # no rule gives these to the parks


def test_a_department_that_the_model_doubts_is_not_carried_over(taxonomy: Taxonomy, rules: DepartmentRules) -> None:
    defaults = Defaults(taxonomy, rules, prediction(department=ranked(("espaces_verts", 0.4), ("proprete", 0.3))))
    assert defaults.department("proprete") == "espaces_verts"
    assert defaults.department("mobilier_urbain") == "espace_public"


def test_without_a_model_the_department_is_the_usual_one(taxonomy: Taxonomy, rules: DepartmentRules) -> None:
    assert Defaults(taxonomy, rules, None).department("graffiti") == "proprete"
