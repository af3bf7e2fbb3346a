"""A whole bundle from parts: those of a base that stay, those that were trained anew."""

import shutil
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path

from models.bundle import MANIFEST, TAXONOMY, Manifest, Origin, load_bundle, write_manifest
from triage.taxonomy import taxonomy_digest


def carry_over(base: Path, folder: Path, replaced: Collection[str]) -> tuple[str, ...]:
    """Copy every part of a verified bundle but those that are replaced; returns their names."""
    bundle = load_bundle(base)
    others = tuple(part for part in bundle.manifest.parts if part not in replaced)
    for part in others:
        shutil.copytree(bundle.folder / part, folder / part)
    return others


def carry_rest(base: Path, folder: Path) -> None:
    """Copy the files of a bundle that belong to no part, such as golden texts and card."""
    for path in base.iterdir():
        if path.is_file() and path.name != MANIFEST:
            shutil.copy(path, folder / path.name)


def version_of(origin: Origin) -> str:
    """The version of a bundle: day and run."""
    made: datetime = origin.created_at
    return f"{made:%Y.%m.%d}-{origin.run_id[:8]}"


def seal(
    folder: Path, base: Manifest, origin: Origin, parts: tuple[str, ...], metrics: Mapping[str, float]
) -> Manifest:
    """Write the manifest of a bundle whose text part, thresholds and taxonomy are the base's.

    Args:
        folder: holds every other file.
        base: the manifest of the bundle that the text part comes from.
        origin: how the new parts were made.
        parts: all parts, old and new.
        metrics: figures of the new parts; they replace those of the same name.
    """
    changed = {"format_version", "files", "parts", "metrics", "origin", "version", "taxonomy_sha256"}
    return write_manifest(
        folder,
        **base.model_dump(exclude=changed),
        taxonomy_sha256=taxonomy_digest(folder / TAXONOMY),
        version=version_of(origin),
        parts=parts,
        metrics=base.metrics | dict(metrics),
        origin=origin,
    )
