"""A service that began without a bundle tries until one loads."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from models.bundle import RULES, TAXONOMY
from serving.engine import Engine, Engines
from serving.models.mending import Mending
from serving.models.unloaded import NoBundle, words_and_rules
from serving.runtime import Runtime
from tests.serving.models.conftest import Watched
from triage.errors import InvalidBundle, InvalidTaxonomy
from triage.settings import PROJECT_ROOT, Settings
from triage.store.personal import PersonalKeys

DATASETS = PROJECT_ROOT / "datasets"


class Loading:
    """Fails with what it is told to fail with, then gives an engine."""

    def __init__(self, engine: Engine, *errors: Exception) -> None:
        self.engine = engine
        self.errors = list(errors)
        self.tries = 0

    def __call__(self) -> Engine:
        self.tries += 1
        if self.errors:
            raise self.errors.pop(0)
        return self.engine


def test_it_tries_until_a_bundle_loads_says_each_reason_once_and_then_begins_to_watch(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    engine = watched.runtime.engine
    assert engine is not None
    runtime, begun = Runtime(watched.settings), []
    truncated = InvalidBundle("The file is truncated.")
    loading = Loading(engine, truncated, truncated, MemoryError())

    async def scenario() -> None:
        mending = Mending(runtime, loading, lambda: begun.append(True), soonest_s=0.001)
        mending.start()
        while runtime.engine is None:
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.02)
        await mending.stop()

    with caplog.at_level(logging.WARNING, "triage.serving"):
        asyncio.run(asyncio.wait_for(scenario(), 20))
    assert (runtime.engine, loading.tries, begun) == (engine, 4, [True])
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        "there is still no bundle: The file is truncated.",
        "there is still no bundle: It cannot be loaded (MemoryError).",
    ]
    assert 'version="first"} 1.0' in runtime.metrics.render().decode()


def test_without_a_bundle_the_desk_has_the_citys_words_and_nothing_is_predicted(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path / "state", bundle=tmp_path / "nowhere")
    keys = PersonalKeys([PersonalKeys.new_key()])
    engine = Engines(settings, Runtime(settings).metrics, keys).without_model()
    assert not engine.has_model
    assert "eclairage_public" in engine.categories
    assert engine.duplicates.finder is None


def test_the_words_are_those_of_the_bundle_that_does_not_load(tmp_path: Path) -> None:
    for name in (TAXONOMY, RULES):
        words = (DATASETS / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(words.replace("Éclairage public", "Lampes"), encoding="utf-8")
    taxonomy, bundle = words_and_rules(Settings(bundle=tmp_path))
    assert bundle.path(TAXONOMY) == tmp_path / TAXONOMY
    assert "Lampes" in str(taxonomy.categories["eclairage_public"])
    with pytest.raises(InvalidBundle):
        bundle.path("text/model.onnx")


def test_a_city_file_that_cannot_be_used_is_refused_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "city.yaml").write_text("no")
    with pytest.raises(InvalidTaxonomy):
        words_and_rules(Settings(taxonomy=tmp_path / "city.yaml", bundle=tmp_path))


def test_a_service_without_a_bundle_takes_the_champion_over_from_nothing(watched: Watched, made: Any) -> None:
    watched.runtime.engine = watched.engines.without_model()
    assert isinstance(watched.runtime.engine.bundle, NoBundle)
    watched.promote(made("second"))
    assert watched.look() == "second"
