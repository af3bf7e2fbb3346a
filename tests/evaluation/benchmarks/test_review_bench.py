"""`triage bench review`: queues that are alike but for their length, a browser's form, and figures of a real run."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evaluation.benchmarks.review.alerts import waiting_alerts
from evaluation.benchmarks.review.visitor import DecisionForm
from triage.places import distance_m
from triage.prediction import Prediction
from triage.settings import PROJECT_ROOT
from triage.taxonomy import load_taxonomy

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TAXONOMY = load_taxonomy(PROJECT_ROOT / "datasets" / "taxonomy.yaml")


def test_alerts_are_the_same_in_every_run_and_waited_up_to_a_month() -> None:
    alerts = list(waiting_alerts(200, TAXONOMY, NOW))
    assert alerts == list(waiting_alerts(200, TAXONOMY, NOW))
    assert len({alert.id for alert in alerts}) == 200
    assert all(timedelta(0) < NOW - alert.received_at <= timedelta(days=30) for alert in alerts)
    assert all(alert.queue_place is not None for alert in alerts)


def test_answers_are_whole() -> None:
    for alert in waiting_alerts(20, TAXONOMY, NOW):
        answer = Prediction.model_validate(alert.prediction)
        assert {answer.category.code, *(other.code for other in answer.category.alternatives)} == set(
            TAXONOMY.categories
        )


def test_as_many_alerts_lie_around_each_in_a_short_and_in_a_long_queue() -> None:
    around = []
    for count in (500, 5_000):
        alerts = list(waiting_alerts(count, TAXONOMY, NOW))
        middle = alerts[0].lat, alerts[0].lon
        places = [(alert.lat or 0.0, alert.lon or 0.0) for alert in alerts]
        south, north = min(place[0] for place in places), max(place[0] for place in places)
        west, east = min(place[1] for place in places), max(place[1] for place in places)
        assert None not in middle
        area = distance_m(south, west, north, west) * distance_m(south, west, south, east)
        around.append(count / area)
    assert around[1] == pytest.approx(around[0], rel=0.05)


def test_a_form_is_sent_as_a_browser_would_send_it_unchanged() -> None:
    form = DecisionForm()
    form.feed("""
        <form id="other" action="/elsewhere"><input type="hidden" name="no" value="1"></form>
        <form id="decision" action="/review/alerts/a/decide">
          <input type="hidden" name="csrf" value="t&amp;t">
          <input type="radio" name="category" value="voirie" checked><input type="radio" name="category" value="eau">
          <select name="department"><option value="">–</option><option value="accueil" selected>x</option></select>
          <textarea name="note"></textarea>
        </form>
        <form><input type="hidden" name="after" value="1"></form>
    """)
    assert form.action == "/review/alerts/a/decide"
    assert form.values == {"csrf": "t&t", "category": "voirie", "department": "accueil"}


@pytest.mark.slow
def test_a_real_run_prints_figures_and_writes_them(tmp_path: Path) -> None:
    command = [
        str(Path(sys.executable).with_name("triage")),
        "bench",
        "review",
        "--alerts",
        "1000",
        "--decisions",
        "20",
    ]
    done = subprocess.run(
        [*command, "--output", tmp_path / "review.json"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "target at most 2" in done.stdout
    figures = json.loads((tmp_path / "review.json").read_text())
    assert (figures["few"]["waiting"], figures["many"]["waiting"]) == (500, 1_000)
    assert figures["page_ratio"] > 0
    assert 0 < figures["many"]["decision"]["p50_ms"] <= figures["many"]["decision"]["p95_ms"]
    assert [path.name for path in tmp_path.iterdir()] == ["review.json"]
