import math
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.desk.view.evidence import GROUPS, OTHER, PHRASES, phrases, waterfall
from tests.serving.desk.made import evidence
from triage.duplicates.evidence import CONTEXT, MEASURES, levels

SHIPPED = {"picture", "photo"}


def logit(share: float) -> float:
    return math.log(share / (1 - share))


def test_every_measure_belongs_to_one_group() -> None:
    grouped = [measure for measures in GROUPS.values() for measure in measures]
    assert sorted(grouped) == sorted({*MEASURES, *SHIPPED})
    assert not set(grouped) & set(CONTEXT)


def said_of(value: float) -> Iterator[str]:
    measures = dict.fromkeys(MEASURES, value)
    for distance, gap in ((10, 0.5), (40, 20), (80, 100), (500, 1_000)):
        yield from levels(measures | {"distance": float(distance), "gap": float(gap)}, (0.5, 2.0))


def test_every_phrase_of_the_evidence_is_known_to_the_catalogues() -> None:
    said = {phrase for value in (-1.0, 0.0, 1.0, 3.0) for phrase in said_of(value)}
    assert said <= set(PHRASES)


def test_the_steps_lead_from_the_start_to_the_probability() -> None:
    chart = waterfall(evidence((["distance"], 2.0), (["meaning"], 1.0), (["gap"], -0.5)), 0.8)
    assert chart is not None
    total = chart.start.amount + sum(step.amount for step in chart.steps)
    assert total == pytest.approx(logit(0.8))
    assert [step.speaks_for for step in chart.steps] == [True, False, True]


def test_measures_that_say_much_the_same_are_one_step() -> None:
    chart = waterfall(evidence((["meaning"], 1.0), (["topic"], 0.5), (["gap", "topic"], 0.2)), 0.5)
    assert chart is not None
    assert [(step.label, pytest.approx(step.amount)) for step in chart.steps] == [
        ("Time between them", 0.2),
        ("What the texts say", 1.5),
    ]


def test_a_measure_of_a_later_model_is_shown_as_other_evidence() -> None:
    chart = waterfall(evidence((["moonlight"], 1.0)), 0.5)
    assert chart is not None
    assert [step.label for step in chart.steps] == [OTHER]


def test_a_pair_that_no_model_weighed_has_no_chart() -> None:
    assert waterfall(evidence(said=["same category"]), 1.0) is None
    assert phrases(evidence((["distance"], 1.0), said=["same category"])) == ("same category",)


@given(
    amounts=st.lists(st.floats(-8, 8), min_size=1, max_size=8),
    probability=st.floats(0, 1),
)
def test_bars_never_leave_the_chart(amounts: list[float], probability: float) -> None:
    measures = [group[0] for group in GROUPS.values()]
    chart = waterfall(evidence(*(([measures[n % 8]], amount) for n, amount in enumerate(amounts))), probability)
    assert chart is not None
    for step in (chart.start, *chart.steps):
        assert -1e-6 <= step.left <= 100 + 1e-6
        assert 0 < step.width <= 100 + 1
    assert -1e-6 <= chart.zero <= 100 + 1e-6
