"""Drift of each kind is found, and that of no other kind; where there is none, nothing is found."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evaluation.live.drift.finding import Finding, Status
from evaluation.live.drift.observed import Observed
from evaluation.live.drift.report import MEASURES, compare
from evaluation.live.drift.sentences import EnglishWriter
from evaluation.reference import Looked
from models.reference import Answered, Photos, Reference
from tests.evaluation.live.drift.conftest import CATEGORIES, alerts_like_those_of_the_reference, as_observed
from triage.prediction import Decision

Inject = Callable[[Looked], Looked]


def every(step: int, values: Any, other: Any) -> list[Any]:
    """The values, each so many of them replaced."""
    return [other if place % step == 0 else value for place, value in enumerate(values)]


def moved(looked: Looked) -> np.ndarray:
    """Coordinates of which a third lies in one place, as if a new fault had come up."""
    moved = looked.coordinates.copy()
    moved[::3] = moved[0]
    return moved


INJECTED: dict[str, Inject] = {
    "DRF001": lambda looked: replace(looked, categories=every(3, looked.categories, CATEGORIES[0])),
    "DRF002": lambda looked: replace(looked, confidences=[0.8 * value for value in looked.confidences]),
    "DRF003": lambda looked: replace(looked, coordinates=moved(looked)),
    "DRF004": lambda looked: replace(looked, languages=every(5, looked.languages, "pl")),
    "DRF005": lambda looked: replace(looked, lengths=[value // 2 for value in looked.lengths]),
    "DRF007": lambda looked: replace(looked, unseen=every(4, looked.unseen, 0.3)),
    "DRF008": lambda looked: replace(looked, wrong=every(4, looked.wrong, True)),
}


def drifted(reference: Reference, observed: Observed) -> list[str]:
    return [finding.code for finding in compare(reference, observed).drifted]


def finding(reference: Reference, observed: Observed, code: str) -> Finding:
    return next(finding for finding in compare(reference, observed).findings if finding.code == code)


def said(found: Finding) -> str:
    return found.sentence.written(EnglishWriter())


@pytest.mark.parametrize("code", INJECTED)
def test_drift_of_one_kind_is_told_by_its_measure_alone(reference: Reference, alerts: Looked, code: str) -> None:
    assert drifted(reference, as_observed(INJECTED[code](alerts))) == [code]


@pytest.mark.parametrize("share", [0.1, 0.7])
def test_more_or_fewer_photos_than_before_are_told(reference: Reference, alerts: Looked, share: float) -> None:
    assert drifted(reference, as_observed(alerts, with_photo=share)) == ["DRF006"]


@pytest.mark.parametrize("seed", range(10, 14))
@pytest.mark.parametrize("number", [100, 300, 2000])
def test_alerts_like_those_of_the_reference_raise_no_alarm(reference: Reference, seed: int, number: int) -> None:
    report = compare(reference, as_observed(alerts_like_those_of_the_reference(seed, number)))
    assert not report.drifted
    assert all(found.status is Status.STEADY for found in report.findings if found.code != "DRF008" or number > 100)


def test_a_difference_that_is_sure_but_does_not_matter_is_no_drift(reference: Reference) -> None:
    many = alerts_like_those_of_the_reference(seed=3, number=5_000)
    slightly = replace(many, categories=every(25, many.categories, CATEGORIES[0]))
    found = finding(reference, as_observed(slightly), "DRF001")
    assert found.value is not None
    assert found.threshold is not None
    assert 0.02 < found.value < found.threshold


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)
def test_too_few_alerts_are_told_so_and_measure_nothing(reference: Reference, measure: Any) -> None:
    few = as_observed(alerts_like_those_of_the_reference(seed=4, number=40))
    found = measure.compare(reference, few, 0.001)
    assert found.status is Status.UNMEASURED
    assert (found.value, found.threshold, found.plot) == (None, None, None)
    assert "40" in said(found)


def test_nothing_at_all_measures_nothing(reference: Reference) -> None:
    report = compare(reference, Observed(alerts=0))
    assert {found.status for found in report.findings} == {Status.UNMEASURED}


def test_each_measure_has_a_code_a_name_a_title_and_a_sentence(reference: Reference, alerts: Looked) -> None:
    report = compare(reference, as_observed(alerts))
    assert [found.code for found in report.findings] == [f"DRF{number:03}" for number in range(1, 9)]
    assert len({found.name for found in report.findings}) == len({found.title for found in report.findings}) == 8
    for found in report.findings:
        assert said(found)[0].isupper() or said(found)[0].isdigit()
        assert said(found).endswith(".")
        assert found.plot is not None


def test_a_sentence_names_what_differs_most(reference: Reference, alerts: Looked) -> None:
    found = finding(reference, as_observed(INJECTED["DRF004"](alerts)), "DRF004")
    writer = EnglishWriter(languages={"pl": "Polish"})
    assert "Polish differs most, with 20.0% instead of 0.0%" in found.sentence.written(writer)
    assert found.value == pytest.approx(0.2, abs=0.03)


def test_texts_that_gather_in_one_place_lie_further_away(reference: Reference, alerts: Looked) -> None:
    gathered = replace(alerts, coordinates=moved(alerts))
    steady, apart = (finding(reference, as_observed(looked), "DRF003").value for looked in (alerts, gathered))
    assert steady is not None
    assert apart is not None
    assert apart > 3 * max(steady, 0.05)


def test_the_photo_share_of_the_reference_counts_before_that_of_the_weeks_before(
    reference: Reference, alerts: Looked
) -> None:
    own = reference.model_copy(update={"photos": Photos(alerts=1000, with_photo=100)})
    found = finding(own, as_observed(alerts, with_photo=0.4), "DRF006")
    assert said(found) == "40.0% of the alerts come with a photo, instead of 10.0%."
    assert found.status is Status.DRIFTED


@pytest.mark.parametrize("before", [None, Photos(alerts=99, with_photo=1)])
def test_photos_without_anything_to_compare_with_are_not_measured(
    reference: Reference, alerts: Looked, before: Photos | None
) -> None:
    found = finding(reference, replace(as_observed(alerts), photos_before=before), "DRF006")
    assert found.status is Status.UNMEASURED
    assert "too few earlier alerts" in said(found)


def test_photos_that_nobody_counted_are_not_measured(reference: Reference, alerts: Looked) -> None:
    found = finding(reference, replace(as_observed(alerts), photos=None), "DRF006")
    assert said(found) == "Nobody knows which of these alerts came with a photo."


def test_staff_who_see_only_what_the_model_was_unsure_of_are_no_drift(reference: Reference, alerts: Looked) -> None:
    unsure = {Decision.REVIEW: Answered(alerts=400, wrong=200)}
    found = finding(reference, replace(as_observed(alerts), answers=unsure), "DRF008")
    assert found.status is Status.STEADY
    assert said(found).startswith("Staff changed 50.0% of the answers")


def test_answers_of_a_decision_that_the_reference_lacks_are_left_out(reference: Reference, alerts: Looked) -> None:
    answers = {Decision.ROUTE_AND_REVIEW: Answered(alerts=400, wrong=400)}
    found = finding(reference, replace(as_observed(alerts), answers=answers), "DRF008")
    assert (found.status, found.alerts) == (Status.UNMEASURED, 0)
