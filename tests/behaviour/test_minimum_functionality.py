"""Plain, clear alerts that no reader would hesitate over, so the service must never be wrong (MFT)."""

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from triage.corpus import LabelledAlert, read_corpus
from triage.prediction import Decision, Prediction
from triage.settings import PROJECT_ROOT
from triage.taxonomy import HEADS, Head, load_taxonomy

LEAST_ALERTS = 60
TEXTS_PER_CATEGORY = 5

TAXONOMY = load_taxonomy(PROJECT_ROOT / "datasets" / "taxonomy.yaml")
PLAIN_ALERTS = read_corpus(Path(__file__).parent / "minimum_functionality.jsonl", TAXONOMY)
URGENT_ALERTS = tuple(alert for alert in PLAIN_ALERTS if alert.priority == TAXONOMY.urgent_priority)

Predict = Callable[[Iterable[str]], dict[str, Prediction]]

# What the shipped model still gets wrong; strict, so that a model that learns it must take it out of here.
KNOWN_FAILURES = {"mft-stationnement-4": "answered tranquillite with 0.51, which goes to review"}

each_alert = pytest.mark.parametrize("alert", PLAIN_ALERTS, ids=lambda alert: alert.id)
each_category = pytest.mark.parametrize(
    "alert",
    [
        pytest.param(
            alert,
            id=alert.id,
            marks=pytest.mark.xfail(reason=KNOWN_FAILURES[alert.id]) if alert.id in KNOWN_FAILURES else (),
        )
        for alert in PLAIN_ALERTS
    ],
)


@pytest.mark.parametrize("head", HEADS)
def test_the_plain_alerts_cover_every_code_of_the_taxonomy(head: Head) -> None:
    missing = set(TAXONOMY.codes(head)) - {alert.label(head) for alert in PLAIN_ALERTS}
    assert not missing, f"No plain alert has the {head} {', '.join(sorted(missing))}; write one."


def test_there_are_plain_alerts_enough_and_as_many_of_each_category() -> None:
    assert len(PLAIN_ALERTS) >= LEAST_ALERTS
    assert Counter(alert.category for alert in PLAIN_ALERTS) == dict.fromkeys(
        TAXONOMY.codes("category"), TEXTS_PER_CATEGORY
    )


@each_category
def test_a_plain_alert_gets_the_right_category(alert: LabelledAlert, predict: Predict) -> None:
    answer = predict([alert.text])[alert.text].category
    assert answer.code == alert.category, f"{alert.text} (with {answer.confidence:.2f})"


@each_alert
def test_a_plain_alert_is_never_routed_to_the_wrong_department(alert: LabelledAlert, predict: Predict) -> None:
    found = predict([alert.text])[alert.text]
    assert found.decision is not Decision.ROUTE or found.department.code == alert.department, alert.text


@pytest.mark.parametrize("alert", URGENT_ALERTS, ids=lambda alert: alert.id)
def test_a_plain_danger_is_never_left_waiting(alert: LabelledAlert, predict: Predict) -> None:
    assert predict([alert.text])[alert.text].decision is Decision.ROUTE_AND_REVIEW, alert.text
