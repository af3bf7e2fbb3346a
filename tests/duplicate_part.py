"""A few shipped scenes of duplicates, and a bundle whose duplicate part was trained on them: all parts are real."""

import fcntl
import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from triage.settings import PROJECT_ROOT

DATASETS = PROJECT_ROOT / "datasets"
SHIPPED = PROJECT_ROOT / "models" / "pretrained"
# So many authors, so that each fold has one, and so many scenes of each: a dozen is read and fitted in seconds.
HANDS, SCENES_EACH = 3, 4


@pytest.fixture(scope="session")
def duplicate_scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the first scenes of a few authors."""
    folder = tmp_path_factory.mktemp("scenes")
    for path in sorted((DATASETS / "duplicates").glob("*.jsonl"))[:HANDS]:
        rows = [(json.loads(line)["fault"].partition("/")[0], line) for line in path.read_text("utf-8").splitlines()]
        kept = list(dict.fromkeys(scene for scene, _ in rows))[:SCENES_EACH]
        (folder / path.name).write_text("".join(f"{line}\n" for scene, line in rows if scene in kept), "utf-8")
    return folder


@pytest.fixture(scope="session")
def duplicate_bundle(tmp_path_factory: pytest.TempPathFactory, duplicate_scenes: Path) -> Path:
    """The shipped bundle with a duplicate part of the smoke configuration, made once for all workers of a session."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    made = shared / "duplicate_bundle"
    with (shared / "duplicate_bundle.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            _make(tmp_path_factory.mktemp("duplicates"), duplicate_scenes).rename(made)
    return made


@pytest.fixture(scope="session")
def bundle_without_duplicates(tmp_path_factory: pytest.TempPathFactory, duplicate_bundle: Path) -> Path:
    """The same bundle before it had its duplicate part."""
    from models.bundle import load_bundle, write_manifest
    from models.duplicates.scorer import PART

    folder = tmp_path_factory.mktemp("apart") / "bundle"
    shutil.copytree(duplicate_bundle, folder, ignore=shutil.ignore_patterns(PART, "manifest.json"))
    fields = load_bundle(duplicate_bundle).manifest.model_dump(exclude={"format_version", "files"})
    write_manifest(folder, **(fields | {"parts": tuple(part for part in fields["parts"] if part != PART)}))
    return folder


def _make(scratch: Path, scenes: Path) -> Path:
    import torch

    from models.bundle import Origin, load_bundle
    from models.duplicates.scorer import PART
    from training.assemble import carry_over, carry_rest, seal
    from training.duplicates.config import SMOKE_CONFIG, load_duplicate_config
    from training.duplicates.pipeline import fit_part
    from training.run import TrainingRequest

    taxonomy, rules = DATASETS / "taxonomy.yaml", DATASETS / "department_rules.yaml"
    folder = scratch / "bundle"
    folder.mkdir()
    request = TrainingRequest(
        DATASETS / "corpus", taxonomy, rules, folder, tracking_uri="", command="pytest", duplicates=scenes
    )
    parts = (*carry_over(SHIPPED, folder, (PART,)), PART)
    carry_rest(SHIPPED, folder)
    shutil.copy(taxonomy, folder / taxonomy.name)
    bundle = load_bundle(SHIPPED)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    metrics = fit_part(load_duplicate_config(SMOKE_CONFIG), request, bundle, folder, scratch).metrics()
    torch.set_num_threads(threads)
    origin = Origin(command="pytest", commit="abc", run_id="duplicates", created_at=datetime(2026, 1, 1, tzinfo=UTC))
    seal(folder, bundle.manifest, origin, parts, metrics)
    return folder
