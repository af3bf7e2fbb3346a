"""Brings champion, challenger and everything that they are compared on together."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from models.predictor import Predictor
from training.promotion.contest import Contest
from training.promotion.newest_reviews import newest_reviews
from training.promotion.training_texts import find_training_texts
from triage.corpus import Split, in_split, read_corpus
from triage.errors import InvalidCorpus
from triage.taxonomy import Taxonomy, load_taxonomy

_THREADS = 1  # times are compared, and other work on the machine disturbs one thread least


@dataclass(frozen=True, slots=True)
class Sources:
    """What models are compared on.

    Attributes:
        corpus: whose test split is frozen.
        store_url: the alert store, for the newest reviews.
        taxonomy: the city's own file; the challenger's copy where there is none.
        configs: configurations of text runs, one of which trained the challenger; those of this project by default.
        behaviour: the folder of the behaviour suite; none where it is not installed.
    """

    corpus: Path
    store_url: str
    taxonomy: Path | None = None
    configs: tuple[Path, ...] = ()
    behaviour: Path | None = None


def prepare(champion: Path, challenger: Path, sources: Sources, now: datetime) -> Contest:
    """Load both models and read the rows.

    Raises:
        InvalidBundle: one of the two is broken.
        InvalidCorpus: the corpus cannot be read, or no test row, or a label that neither model knows.
        InvalidTaxonomy: the city's file is broken.
        StoreFailed: the alert store cannot be read.
    """
    before, after = (Predictor.load(folder, threads=_THREADS) for folder in (champion, challenger))
    rows = read_corpus(sources.corpus, _joined(before.taxonomy, after.taxonomy))
    test = in_split(rows, Split.TEST)
    if not test:
        raise InvalidCorpus(f"The corpus {sources.corpus} has no row in the split 'test'; name another with --data.")
    training = find_training_texts(after.bundle.manifest, sources.corpus, rows, after.taxonomy, sources.configs)
    return Contest(
        champion=before,
        challenger=after,
        taxonomy=load_taxonomy(sources.taxonomy) if sources.taxonomy else after.taxonomy,
        test=test,
        training=training,
        reviews=newest_reviews(sources.store_url, after.bundle, after.taxonomy, training, now),
        behaviour=sources.behaviour if sources.behaviour and sources.behaviour.is_dir() else None,
    )


def _joined(one: Taxonomy, other: Taxonomy) -> Taxonomy:
    """All codes of both, so that rows of a category that one of them lacks can be read."""
    groups = ("categories", "departments", "priorities")
    return one.model_copy(update={group: {**getattr(one, group), **getattr(other, group)} for group in groups})
