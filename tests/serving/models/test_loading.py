"""Real bundles that take over: proved, fitted to the words in use, and gone from memory when they are done."""

import gc
import json
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.bundle import TAXONOMY, load_bundle
from serving.engine import Engines
from serving.metrics import Metrics
from serving.models.loading import Loader
from tests.served_bundles import SHIPPED, another_bundle, cooled
from triage.errors import InvalidBundle, InvalidModelFolder, InvalidTaxonomy
from triage.settings import Settings
from triage.store.personal import PersonalKeys
from triage.taxonomy import Taxonomy, load_taxonomy

ADDED = "  velos:\n    fr: Vélos\n    en: Bicycles\n    default_department: voirie\n"


@pytest.fixture
def loader(tmp_path: Path) -> Callable[..., Loader]:
    def make(**chosen: Any) -> Loader:
        settings = Settings(state_dir=tmp_path / "state", threads=1, **chosen)
        keys = PersonalKeys([PersonalKeys.new_key()])
        return Loader(settings, keys, Engines(settings, Metrics(), keys))

    return make


@pytest.fixture(scope="module")
def served() -> Taxonomy:
    return load_taxonomy(SHIPPED / TAXONOMY)


def with_words(change: Callable[[str], str]) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        path = folder / TAXONOMY
        path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")

    return edit


def added(words: str) -> str:
    return words.replace("categories:\n", f"categories:\n{ADDED}", 1)


def test_the_engine_of_another_bundle_is_that_bundles_in_every_part(
    loader: Callable[..., Loader], tmp_path: Path, served: Taxonomy
) -> None:
    bundle = load_bundle(another_bundle(tmp_path / "next", "next", cooled(1.01)))
    engine = loader(photo_store=str(tmp_path / "photos")).next(bundle, served)
    assert engine.bundle.sha256 == engine.desk.bundle_sha256 == bundle.sha256
    assert engine.archive.keeps
    assert engine.duplicates.finder is not None


def test_a_bundle_is_proved_before_it_answers(loader: Callable[..., Loader], tmp_path: Path, served: Taxonomy) -> None:
    bundle = load_bundle(another_bundle(tmp_path / "hot", "hot", cooled(3.0)))
    with pytest.raises(InvalidBundle, match="golden"):
        loader().next(bundle, served)


def test_a_bundle_that_was_replaced_after_it_was_checked_is_refused(
    loader: Callable[..., Loader], tmp_path: Path, served: Taxonomy
) -> None:
    bundle = load_bundle(another_bundle(tmp_path / "next", "next"))
    manifest = tmp_path / "next" / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"version": "other"}))
    with pytest.raises(InvalidModelFolder, match="replaced"):
        loader().next(bundle, served)


def test_a_bundle_with_another_category_brings_its_words(
    loader: Callable[..., Loader], tmp_path: Path, served: Taxonomy
) -> None:
    bundle = load_bundle(another_bundle(tmp_path / "next", "next", with_words(added)))
    assert "velos" in loader().next(bundle, served).categories


def test_a_bundle_from_before_a_category_was_added_keeps_the_words_in_use(
    loader: Callable[..., Loader], tmp_path: Path
) -> None:
    words = tmp_path / "taxonomy.yaml"
    words.write_text(added((SHIPPED / TAXONOMY).read_text(encoding="utf-8")), encoding="utf-8")
    engine = loader().next(load_bundle(SHIPPED), load_taxonomy(words))
    assert "velos" in engine.categories
    assert engine.desk.names["fr"].category("velos") == "Vélos"


def test_a_bundle_of_another_citys_words_is_refused(loader: Callable[..., Loader], tmp_path: Path) -> None:
    """It answers what is unknown here, and knows not what is answered here."""
    foreign = tmp_path / "taxonomy.yaml"
    words = (SHIPPED / TAXONOMY).read_text(encoding="utf-8")
    foreign.write_text(added(words).replace("animaux", "betes"), encoding="utf-8")
    with pytest.raises(InvalidTaxonomy, match="lacks the category animaux"):
        loader().next(load_bundle(SHIPPED), load_taxonomy(foreign))


def test_the_citys_own_words_count_where_they_fit(
    loader: Callable[..., Loader], tmp_path: Path, served: Taxonomy
) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(added((SHIPPED / TAXONOMY).read_text(encoding="utf-8")), encoding="utf-8")
    assert "velos" in loader(taxonomy=own).next(load_bundle(SHIPPED), served).categories


def test_a_bundle_that_is_done_leaves_the_memory_by_itself(loader: Callable[..., Loader], served: Taxonomy) -> None:
    """Waiting for the collector would hold hundreds of megabytes, and running it would stop all requests."""
    making = loader()
    engine = making.next(load_bundle(SHIPPED), served)
    gone = weakref.ref(engine.batcher.predict)
    gc.disable()
    try:
        del engine
        assert gone() is None
    finally:
        gc.enable()
