"""Agreement between people, against another implementation and cases worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from evaluation.live.agreement import agreement, agreement_of_all, krippendorff_alpha

LABELS = st.sampled_from("abc")


def test_kappa_takes_off_what_chance_gives() -> None:
    # 3 of 4 agree; by chance 1/2 · 3/4 + 1/2 · 1/4 = 1/2 would.
    found = agreement(["a", "a", "b", "b"], ["a", "a", "a", "b"])
    assert (found.rows, found.raw) == (4, 0.75)
    assert found.kappa == pytest.approx((0.75 - 0.5) / (1 - 0.5))


def test_where_both_know_one_label_only_they_agree() -> None:
    assert agreement(["a", "a"], ["a", "a"]).kappa == 1.0


@given(st.lists(st.tuples(LABELS, LABELS), min_size=1))
def test_kappa_is_that_of_another_implementation(pairs: list[tuple[str, str]]) -> None:
    first, second = [one for one, _ in pairs], [other for _, other in pairs]
    found = agreement(first, second)
    if len({*first, *second}) > 1:
        assert found.kappa == pytest.approx(cohen_kappa_score(first, second))
    assert found.raw == sum(one == other for one, other in pairs) / len(pairs)


def test_alpha_of_a_published_example() -> None:
    # Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", example C, nominal data: four observers.
    units = ["111", "2232", "3333", "3333", "2222", "1234", "4444", "1121", "2222", "555", "11", "3"]
    assert krippendorff_alpha([list(unit) for unit in units]) == pytest.approx(0.743, abs=0.0005)


def test_where_all_give_one_label_they_agree() -> None:
    assert krippendorff_alpha(["aa", "aaa"]) == 1.0


def test_of_units_with_one_answer_each_alpha_says_nothing() -> None:
    assert krippendorff_alpha(["a", "b"]) is None
    assert agreement_of_all([{"anne": "a"}, {}]).alpha is None


@given(st.lists(st.lists(LABELS, min_size=2, max_size=4), min_size=1))
def test_alpha_is_one_only_where_every_unit_agrees(units: list[list[str]]) -> None:
    alpha = krippendorff_alpha(units)
    assert alpha is not None
    assert alpha <= 1
    assert (alpha == 1) == all(len(set(unit)) == 1 for unit in units)


def test_each_two_people_are_compared_on_the_units_that_both_answered() -> None:
    found = agreement_of_all(
        [
            {"anne": "a", "bob": "a"},
            {"bob": "b", "anne": "a"},
            {"bob": "b", "claire": "b"},
            {"claire": "c"},
        ]
    )
    assert found.units == 3
    assert found.raw == pytest.approx(2 / 3)
    assert list(found.pairs) == [("anne", "bob"), ("bob", "claire")]
    assert (found.pairs["anne", "bob"].rows, found.pairs["anne", "bob"].raw) == (2, 0.5)
    assert found.pairs["bob", "claire"].raw == 1.0
