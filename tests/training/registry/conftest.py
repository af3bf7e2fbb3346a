"""A registry of models in a scratch database, and two light bundles: the shipped text part under two versions."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import mlflow
import pytest

from models.bundle import Bundle, load_bundle, write_manifest
from training.registry.tracking import require_tracking
from triage.settings import PROJECT_ROOT

OpenRun = Callable[[], AbstractContextManager[str]]
MakeBundle = Callable[[str], Bundle]

SHIPPED = PROJECT_ROOT / "models" / "pretrained"


@pytest.fixture(scope="session")
def light_bundle(tmp_path_factory: pytest.TempPathFactory) -> MakeBundle:
    """The shipped text part under a version of its own."""

    def make(version: str) -> Bundle:
        folder = tmp_path_factory.mktemp("light") / "bundle"
        parts = shutil.ignore_patterns("photo", "fusion", "detectors", "duplicates", "reference.json")
        shutil.copytree(SHIPPED, folder, ignore=parts)
        fields = load_bundle(SHIPPED).manifest.model_dump(exclude={"format_version", "files"})
        write_manifest(folder, **(fields | {"parts": ("text",), "version": version}))
        return load_bundle(folder)

    return make


@pytest.fixture
def open_run(tracking_uri: str) -> OpenRun:
    """Opens runs in a scratch database, below the folder of the test."""

    @contextmanager
    def run() -> Iterator[str]:
        mlflow.set_experiment("triage")
        with mlflow.start_run() as opened:
            yield opened.info.run_id

    require_tracking(tracking_uri)
    return run


@pytest.fixture
def artifacts() -> Path:
    """Where the test's runs keep their files."""
    return Path("mlruns")
