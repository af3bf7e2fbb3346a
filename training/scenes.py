"""Reports of the scenes of duplicates as texts to learn from: short and blunt ones, of which the category is known."""

import hashlib
import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.duplicate_corpus import read_scenes
from training.corpus_checks.duplicates import retelling
from triage.errors import InvalidCorpus
from triage.redaction import redact
from triage.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class SceneText:
    """A report of a scene: its masked text, its true category and its author."""

    id: str
    text: str
    category: str
    hand: str


def read_scene_texts(folder: Path, taxonomy: Taxonomy, held_out: Sequence[str] = ()) -> tuple[SceneText, ...]:
    """The reports of every scene but those that tell a held-out text, which would flatter what is measured on it.

    Args:
        folder: JSON Lines, one file for each author.
        taxonomy: has every category.
        held_out: masked texts that nothing may be learned from.

    Raises:
        InvalidCorpus: there are no scenes, a line is malformed, or a category is not in the taxonomy.
    """
    scenes = [SceneText(row.id, redact(row.text).text, row.category, row.hand) for row in read_scenes(folder)]
    unknown = sorted({scene.category for scene in scenes} - set(taxonomy.codes("category")))
    if unknown:
        raise InvalidCorpus(f"The scenes of {folder} name the category '{unknown[0]}', which is not in the taxonomy.")
    told = retelling([scene.text for scene in scenes], held_out)
    return tuple(itertools.compress(scenes, (not known for known in told)))


def scenes_digest(scenes: Sequence[SceneText]) -> str:
    """SHA-256 over texts and categories, in any order."""
    lines = sorted(json.dumps([scene.id, scene.text, scene.category]) for scene in scenes)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
