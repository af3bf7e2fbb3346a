"""Everything a run learns from: the corpus, further corpora, real reports and scenes, each with its digest."""

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from evaluation.real_reports import labelled_reports, unlabelled_reports
from training.config import TextConfig
from training.scenes import SceneText, read_scene_texts, scenes_digest
from training.text.examples import Example, category_examples, labelled_examples, unlabelled_examples
from triage.corpus import LabelledAlert, Split, corpus_digest, in_split, read_corpus
from triage.errors import InvalidCorpus
from triage.taxonomy import Taxonomy

REAL_REPORTS = "real_reports"
SCENES = "scenes"

Drawn = TypeVar("Drawn")


@dataclass(frozen=True, slots=True)
class TrainingData:
    """`corpus` has all splits; `others` are train rows by source; `texts` have no labels; `reports` are held out.

    `scenes`: reports of which the category alone is known.
    `weights`: how much a row of each source counts beside a row of the corpus; 1 where none is named.
    """

    corpus: tuple[LabelledAlert, ...]
    others: dict[str, tuple[LabelledAlert, ...]]
    texts: tuple[str, ...]
    reports: tuple[LabelledAlert, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    scenes: tuple[SceneText, ...] = ()

    def split(self, split: Split) -> tuple[LabelledAlert, ...]:
        """Rows of the corpus in one split."""
        return in_split(self.corpus, split)

    @property
    def train(self) -> tuple[LabelledAlert, ...]:
        """Every labelled row that is fitted."""
        return (*self.split(Split.TRAIN), *(row for rows in self.others.values() for row in rows))

    def digest(self) -> str:
        """SHA-256 over all rows, splits and texts, in any order of files."""
        others = [f"{name} {corpus_digest(rows)}" for name, rows in sorted(self.others.items())]
        scenes = [f"{SCENES} {scenes_digest(self.scenes)}"] if self.scenes else []
        lines = [corpus_digest(self.corpus), *others, *scenes, *sorted(self.texts)]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def examples(self, taxonomy: Taxonomy) -> list[Example]:
        """What the trainer reads."""
        others = (
            example
            for name, rows in self.others.items()
            for example in labelled_examples(rows, taxonomy, self.weights.get(name, 1.0))
        )
        told = [(scene.text, scene.category) for scene in self.scenes]
        return [
            *labelled_examples(self.split(Split.TRAIN), taxonomy),
            *others,
            *category_examples(told, taxonomy, self.weights.get(SCENES, 1.0)),
            *unlabelled_examples(self.texts),
        ]

    @property
    def masked_texts(self) -> tuple[str, ...]:
        """Every text that is fitted, with a label or without."""
        return (*(row.masked_text for row in self.train), *(scene.text for scene in self.scenes), *self.texts)


def read_training_data(config: TextConfig, corpus: Path, taxonomy: Taxonomy) -> TrainingData:
    """Read what the configuration names.

    Raises:
        InvalidCorpus: a split of the corpus is empty, or a file is missing or faulty.
    """
    rows = read_corpus(corpus, taxonomy)
    for split in Split:
        if not in_split(rows, split):
            raise InvalidCorpus(f"The corpus {corpus} has no row in the split '{split.value}'; label some.")
    others = {choice.path.as_posix(): _train(read_corpus(choice.path, taxonomy)) for choice in config.corpora}
    weights = {choice.path.as_posix(): choice.weight for choice in config.corpora}
    texts: list[str] = []
    reports: tuple[LabelledAlert, ...] = ()
    if config.reports:
        labelled = labelled_reports(config.reports, taxonomy)
        others[REAL_REPORTS], reports = _train(labelled), in_split(labelled, Split.TEST)
        weights[REAL_REPORTS] = config.reports_weight
        if config.unlabelled_reports:
            texts = unlabelled_reports(config.reports, config.unlabelled_reports, config.seed)
    scenes: tuple[SceneText, ...] = ()
    if config.scenes:
        held_out = [row.masked_text for split in (Split.VALIDATION, Split.TEST) for row in in_split(rows, split)]
        scenes = read_scene_texts(config.scenes, taxonomy, held_out)
        weights[SCENES] = config.scenes_weight
    return _drawn(TrainingData(rows, others, tuple(texts), reports, weights, scenes), config)


def _drawn(data: TrainingData, config: TextConfig) -> TrainingData:
    """As many rows as the configuration allows, each source of train rows by its share."""
    if not config.rows and not config.held_out_rows:
        return data
    generator = random.Random(config.seed)

    def draw(rows: tuple[Drawn, ...], most: float) -> tuple[Drawn, ...]:
        kept = min(len(rows), max(1, round(most)))
        return tuple(rows[position] for position in sorted(generator.sample(range(len(rows)), kept))) if rows else ()

    share = min(1.0, config.rows / len(data.train)) if config.rows else 1.0
    held_out = config.held_out_rows or len(data.corpus)
    train = data.split(Split.TRAIN)
    corpus = (
        *draw(train, len(train) * share),
        *draw(data.split(Split.VALIDATION), held_out),
        *draw(data.split(Split.TEST), held_out),
    )
    others = {name: draw(rows, len(rows) * share) for name, rows in data.others.items()}
    texts = data.texts[: round(len(data.texts) * share)]
    return replace(data, corpus=corpus, others=others, texts=texts, scenes=draw(data.scenes, len(data.scenes) * share))


def _train(rows: Sequence[LabelledAlert]) -> tuple[LabelledAlert, ...]:
    return in_split(rows, Split.TRAIN)
