"""Everything a run learns from: the corpus, further corpora and real reports, each with its digest."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.real_reports import labelled_reports, unlabelled_reports
from training.config import TextConfig
from training.text.examples import Example, labelled_examples, unlabelled_examples
from triage.corpus import LabelledAlert, Split, corpus_digest, in_split, read_corpus
from triage.errors import InvalidCorpus
from triage.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class TrainingData:
    """`corpus` has all splits; `others` are train rows by source; `texts` have no labels; `reports` are held out."""

    corpus: tuple[LabelledAlert, ...]
    others: dict[str, tuple[LabelledAlert, ...]]
    texts: tuple[str, ...]
    reports: tuple[LabelledAlert, ...] = ()

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
        return hashlib.sha256(
            "\n".join([corpus_digest(self.corpus), *others, *sorted(self.texts)]).encode()
        ).hexdigest()

    def examples(self, taxonomy: Taxonomy) -> list[Example]:
        """What the trainer reads."""
        return [*labelled_examples(self.train, taxonomy), *unlabelled_examples(self.texts)]


def read_training_data(config: TextConfig, corpus: Path, taxonomy: Taxonomy) -> TrainingData:
    """Read what the configuration names.

    Raises:
        InvalidCorpus: a split of the corpus is empty, or a file is missing or faulty.
    """
    rows = read_corpus(corpus, taxonomy)
    for split in Split:
        if not in_split(rows, split):
            raise InvalidCorpus(f"The corpus {corpus} has no row in the split '{split.value}'; label some.")
    others = {path.as_posix(): _train(read_corpus(path, taxonomy)) for path in config.corpora}
    texts: list[str] = []
    reports: tuple[LabelledAlert, ...] = ()
    if config.reports:
        labelled = labelled_reports(config.reports, taxonomy)
        others["real_reports"], reports = _train(labelled), in_split(labelled, Split.TEST)
        if config.unlabelled_reports:
            texts = unlabelled_reports(config.reports, config.unlabelled_reports, config.seed)
    return TrainingData(rows, others, tuple(texts), reports)


def _train(rows: Sequence[LabelledAlert]) -> tuple[LabelledAlert, ...]:
    return in_split(rows, Split.TRAIN)
