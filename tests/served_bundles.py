"""Bundles that differ from the one that ships in what a test says, so that one can take over from another."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from models.bundle import TAXONOMY, load_bundle, write_manifest
from triage.settings import PROJECT_ROOT
from triage.taxonomy import taxonomy_digest

SHIPPED = PROJECT_ROOT / "models" / "pretrained"
DESCRIPTION = "text/description.json"

Change = Callable[[Path], None]


def another_bundle(folder: Path, version: str, change: Change | None = None, base: Path = SHIPPED) -> Path:
    """A copy with a version of its own, and whatever a test changes in it, sealed anew."""
    shutil.copytree(base, folder)
    if change:
        change(folder)
    fields = load_bundle(base).manifest.model_dump(exclude={"format_version", "files"})
    new = {"version": version, "taxonomy_sha256": taxonomy_digest(folder / TAXONOMY)}
    write_manifest(folder, **(fields | new))
    return folder


def cooled(by: float) -> Change:
    """Other confidences of the category, as close as golden answers allow."""

    def change(folder: Path) -> None:
        description: dict[str, Any] = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        description["calibration"]["temperatures"]["category"] *= by
        (folder / DESCRIPTION).write_text(json.dumps(description), encoding="utf-8")

    return change
