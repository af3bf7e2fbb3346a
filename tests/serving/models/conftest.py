"""A folder of models and a service that watches it, with models made by hand in place of loaded ones."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from models.bundle import RULES, TAXONOMY, Bundle, Origin, load_bundle, write_manifest
from models.folder import ModelFolder
from models.promotions import Challenger
from serving.engine import Engine, Engines
from serving.models.loading import fitting_taxonomy
from serving.models.shadow import Trial
from serving.models.watching import ModelWatch
from serving.runtime import Runtime
from tests.serving.alerts.hand_made import HandMadeModel
from triage.settings import PROJECT_ROOT, Settings
from triage.store.personal import PersonalKeys
from triage.taxonomy import Taxonomy, load_taxonomy, taxonomy_digest

DATASETS = PROJECT_ROOT / "datasets"
SHIPPED = PROJECT_ROOT / "models" / "pretrained"
MadeBundle = Callable[..., Path]


@pytest.fixture
def made(tmp_path: Path) -> MadeBundle:
    """Makes a bundle that is whole but for its models; `taxonomy` changes its words."""

    def make(version: str, taxonomy: Callable[[str], str] = str) -> Path:
        folder = tmp_path / "bundles" / version
        (folder / "text").mkdir(parents=True)
        shutil.copy(SHIPPED / RULES, folder / RULES)
        words = (DATASETS / "taxonomy.yaml").read_text(encoding="utf-8")
        (folder / TAXONOMY).write_text(taxonomy(words), encoding="utf-8")
        (folder / "text" / "model.onnx").write_bytes(version.encode())
        fields = load_bundle(SHIPPED).manifest.model_dump(exclude={"format_version", "files"})
        new = {
            "version": version,
            "parts": ("text",),
            "taxonomy_sha256": taxonomy_digest(folder / TAXONOMY),
            "origin": Origin(command="pytest", commit="a", run_id="b", created_at=datetime(2026, 1, 1, tzinfo=UTC)),
        }
        write_manifest(folder, **(fields | new))
        return folder

    return make


class Watched:
    """A service, the folder that it watches, and what it loaded."""

    def __init__(self, folder: Path, settings: Settings, keys: PersonalKeys, first: Path) -> None:
        self.models = ModelFolder(folder)
        self.settings = settings
        self.made: list[Any] = []
        self.runtime = Runtime(settings)
        self.engines = Engines(settings, self.runtime.metrics, keys)
        self.model: Any = HandMadeModel(keys.plate_digest)
        self.loaded: list[str] = []
        self.broken: dict[str, Exception] = {}
        self.now = 0.0
        self.runtime.engine = self.engines.make(self.model, load_bundle(first))
        self.watch = ModelWatch(self.runtime, self.models, self, clock=lambda: self.now)

    def next(self, bundle: Bundle, served: Taxonomy) -> Engine:
        version = bundle.manifest.version
        self.loaded.append(version)
        if version in self.broken:
            raise self.broken[version]
        model: Any = HandMadeModel(str.upper)
        model.taxonomy = fitting_taxonomy(load_taxonomy(bundle.path(TAXONOMY)), served)
        self.made.append(model)
        return self.engines.make(model, bundle)

    def challenger(self, bundle: Bundle, served: Taxonomy, named: Challenger) -> Trial:
        engine = self.next(bundle, served)
        return Trial(named, bundle, engine.batcher.predict)

    @property
    def trial(self) -> Trial | None:
        return self.engines.shadow.trial

    def look(self) -> str:
        """One look; returns the version that answers afterwards."""
        asyncio.run(self.watch.look())
        return self.version

    @property
    def version(self) -> str:
        assert self.runtime.engine is not None
        return self.runtime.engine.bundle.manifest.version

    def promote(self, bundle: Path) -> None:
        version = self.models.install(bundle).manifest.version
        self.models.promote(version, by="anne")

    def metric(self, line: str) -> bool:
        return line in self.runtime.metrics.render().decode().splitlines()


@pytest.fixture
def watched(tmp_path: Path, made: MadeBundle) -> Iterator[Watched]:
    """A service whose first bundle is no champion."""
    keys = PersonalKeys([PersonalKeys.new_key()])
    settings = Settings(state_dir=tmp_path / "state")
    service = Watched(tmp_path / "models", settings, keys, made("first"))
    yield service
    asyncio.run(service.watch.stop())
