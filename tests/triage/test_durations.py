"""Lengths of time as people write them."""

from datetime import timedelta

import pytest

from triage.durations import read_duration
from triage.settings import Settings


def test_days_and_hours_are_read() -> None:
    assert read_duration("90d") == timedelta(days=90)
    assert read_duration(" 12h ") == timedelta(hours=12)


@pytest.mark.parametrize("value", ["", "90", "d", "-1d", "1w", "1.5d", "٣d", "999999d"])
def test_anything_else_is_refused_with_an_example(value: str) -> None:
    with pytest.raises(ValueError, match="90d"):
        read_duration(value)


def test_the_settings_take_them_and_none_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().purge_personal_after == timedelta(days=90)
    monkeypatch.setenv("TRIAGE_PURGE_PERSONAL_AFTER", "none")
    monkeypatch.setenv("TRIAGE_PURGE_PHOTOS_AFTER", "48h")
    settings = Settings()
    assert (settings.purge_personal_after, settings.purge_photos_after) == (None, timedelta(days=2))
