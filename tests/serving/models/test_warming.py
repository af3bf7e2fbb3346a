"""What a model reads before it takes over: the newest alerts that another had read, and no others."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from serving.engine import Engine
from serving.models.warming import MOST_TEXTS, warm
from tests.serving.desk.made import new_alert
from tests.serving.models.conftest import MadeBundle, Watched
from triage.store.store import Store

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def engine(watched: Watched) -> Engine:
    assert watched.runtime.engine is not None
    return watched.runtime.engine


@pytest.fixture
def put(watched: Watched) -> Callable[..., None]:
    """Stores alerts that a model has read; the first is the newest."""

    def store(*texts: str, version: str = "older", **fields: Any) -> None:
        with Store.open(watched.settings.store_url) as opened:
            times = [NOON - timedelta(minutes=number) for number in range(len(texts))]
            alerts = [
                new_alert(f"{text} {version}", text, vector_version=version, created_at=at, **fields)
                for text, at in zip(texts, times, strict=True)
            ]
            opened.import_many(alerts)

    return store


def warmed(engine: Engine) -> int:
    async def whole() -> int:
        with ThreadPoolExecutor(1) as thread:
            return await warm(engine, thread)

    return asyncio.run(whole())


def test_texts_that_another_model_read_are_read_once_the_newest_first(
    engine: Engine, watched: Watched, put: Callable[..., None]
) -> None:
    put("trou", "lampe", "banc", "arbre", "tag")
    put("trou", version="oldest")
    put("neuf", version="hand-made-1")
    put("sans lieu", lat=None, lon=None)
    assert warmed(engine) == 5
    assert watched.model.finder.prepared == ["trou", "lampe", "banc", "arbre", "tag"]


def test_there_is_an_end_to_what_is_read(engine: Engine, put: Callable[..., None]) -> None:
    put(*(f"trou {number}" for number in range(MOST_TEXTS + 40)))
    assert warmed(engine) == MOST_TEXTS


def test_a_bundle_that_compares_nothing_reads_nothing(watched: Watched, engine: Engine) -> None:
    watched.model.finder = None
    assert warmed(watched.engines.make(watched.model, engine.bundle)) == 0


def test_a_store_that_cannot_be_asked_keeps_no_model_from_taking_over(watched: Watched, made: MadeBundle) -> None:
    watched.settings.state_dir.mkdir(parents=True)
    (watched.settings.state_dir / "alerts.db").write_bytes(b"no database at all" * 100)
    watched.promote(made("second"))
    assert watched.look() == "second"


def test_a_champion_has_read_before_it_answers_and_a_rollback_reads_nothing(
    watched: Watched, made: MadeBundle, put: Callable[..., None]
) -> None:
    put("trou")
    for version in ("second", "third"):
        watched.promote(made(version))
        watched.look()
    assert [model.finder.prepared for model in watched.made] == [["trou"], ["trou"]]
    watched.models.rollback(by="bob")
    assert watched.look() == "second"
    assert [model.finder.prepared for model in watched.made] == [["trou"], ["trou"]]
