"""The watch over drift: its gauges, how often it looks, and what it does where it cannot."""

import asyncio
import contextlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from models.bundle import Bundle
from models.reference import REFERENCE
from serving.drift import EVERY, DriftWatch, Look
from serving.engine import Engine
from serving.problems import Problem
from tests.serving.staff.conftest import desk, keys, start
from tests.serving.staff.desk_client import NOON, Desk
from triage.store.records import NewAlert

__all__ = ["desk", "keys", "start"]


def store_alerts(desk: Desk, number: int, language: str = "fr") -> None:
    """Store alerts that the bundle in use has answered, all of one category."""
    codes = {"category": "voirie", "department": "voirie", "priority": "normale"}
    answers: dict[str, Any] = {
        head: {"code": code, "confidence": 0.9, "alternatives": []} for head, code in codes.items()
    }
    answers |= {"decision": "route", "reasons": [], "model": {"bundle_sha256": desk.engine.bundle.sha256}}
    with desk.store() as store:
        for place in range(number):
            at = NOON - timedelta(hours=1, seconds=place)
            alert = NewAlert(
                f"{language}-{place}", f"Un trou au {place} rue Monge", None, None, None, at, at, None, **codes,
                decision="route", reasons=(), photos=(), plates=(), vector=None, vector_version="", prediction=answers,
                content_sha256=f"{language}-{place}", language=language,
            )  # fmt: skip
            store.add(alert)


def look(desk: Desk, engine: Engine | None = None) -> Look:
    return desk.portal.call(desk.runtime.drift.look, engine or desk.engine)


def samples(desk: Desk, name: str) -> dict[str, float]:
    """The values of a gauge by the code of the measure."""
    text = desk.runtime.metrics.render().decode()
    return {
        sample.labels["code"]: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == f"triage_drift_{name}"
    }


def test_what_drifted_is_shown_as_metrics(desk: Desk) -> None:
    assert samples(desk, "detected") == {}
    store_alerts(desk, 120)
    report = look(desk).report
    assert report is not None
    assert report.alerts == 120
    detected, values, thresholds = (samples(desk, name) for name in ("detected", "value", "threshold"))
    assert detected["DRF001"] == 1
    assert values["DRF001"] > thresholds["DRF001"] >= 0.1
    assert values.keys() == thresholds.keys() == detected.keys()
    # Nobody has answered any, there are no vectors and no earlier alerts: nothing is told of these.
    assert detected.keys() == {"DRF001", "DRF002", "DRF004", "DRF005", "DRF007"}
    assert samples(desk, "alerts")["DRF008"] == 0
    assert len(samples(desk, "alerts")) == 8


def test_the_store_is_not_read_again_before_some_minutes_have_passed(desk: Desk) -> None:
    store_alerts(desk, 120)
    first = look(desk)
    store_alerts(desk, 30, language="de")
    desk.clock.move(seconds=EVERY.total_seconds() - 1)
    assert look(desk) is first
    desk.clock.move(seconds=1)
    again = look(desk).report
    assert again is not None
    assert again.alerts == 150
    assert samples(desk, "alerts")["DRF004"] == 150


def test_another_bundle_is_looked_at_at_once(desk: Desk) -> None:
    store_alerts(desk, 120)
    look(desk)
    engine = replace(desk.engine, bundle=Bundle(desk.engine.bundle.folder, desk.engine.bundle.manifest, "f" * 64))
    report = look(desk, engine).report
    assert report is not None
    # The alerts came in all the same; only the other bundle has answered none of them.
    assert samples(desk, "alerts")["DRF001"] == 0
    assert samples(desk, "alerts")["DRF005"] == 120


def without_reference(desk: Desk) -> Engine:
    manifest = desk.engine.bundle.manifest
    files = {name: entry for name, entry in manifest.files.items() if name != REFERENCE}
    older = manifest.model_copy(update={"files": files})
    return replace(desk.engine, bundle=Bundle(desk.engine.bundle.folder, older, "e" * 64))


def test_a_bundle_without_a_reference_has_no_samples(desk: Desk) -> None:
    store_alerts(desk, 120)
    look(desk)
    found = look(desk, without_reference(desk))
    assert (found.reference, found.report) == (None, None)
    assert samples(desk, "alerts") == samples(desk, "value") == {}


def test_a_broken_reference_costs_the_measures_and_one_line_of_log(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / REFERENCE).write_text("{}", encoding="utf-8")
    broken = Bundle(tmp_path, desk.engine.bundle.manifest, "d" * 64)
    for _ in range(2):
        assert look(desk, replace(desk.engine, bundle=broken)).report is None
        desk.clock.move(seconds=EVERY.total_seconds())
    [record] = caplog.records
    assert "drift is not measured: The bundle file" in record.getMessage()


def test_a_store_that_cannot_be_used_is_told_and_keeps_what_was_found(desk: Desk) -> None:
    store_alerts(desk, 120)
    look(desk)
    before = samples(desk, "value")
    desk.portal.call(desk.engine.door.stop)
    desk.clock.move(hours=1)
    with pytest.raises((Problem, RuntimeError)):
        look(desk)
    assert samples(desk, "value") == before


def test_a_watch_begins_and_ends_with_the_service(desk: Desk) -> None:
    async def life() -> bool:
        watch = DriftWatch(lambda: None, desk.runtime.metrics)
        watch.start()
        await asyncio.sleep(0)
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait_for(watch.stop(), 5)
        return all(task.get_name() != "drift" for task in asyncio.all_tasks())

    assert desk.portal.call(life)
