"""Which texts a challenger was trained on: those whose digest is in its manifest."""

from collections.abc import Sequence
from pathlib import Path

from models.bundle import Manifest
from training.config import DEFAULT_CONFIG, TextConfig, load_config
from training.data import read_training_data
from training.promotion.contest import TrainingTexts
from triage.corpus import LabelledAlert, Split, in_split
from triage.errors import InvalidConfiguration, InvalidCorpus
from triage.taxonomy import Taxonomy

_DATA = {"corpora", "rows", "held_out_rows", "reports", "unlabelled_reports", "scenes", "seed"}


def find_training_texts(
    manifest: Manifest, corpus: Path, rows: Sequence[LabelledAlert], taxonomy: Taxonomy, configs: Sequence[Path] = ()
) -> TrainingTexts:
    """The texts that some configuration reads, if together they have the digest of the manifest.

    Args:
        manifest: of the challenger.
        corpus: the corpus that it was trained on, presumably.
        rows: what that corpus holds.
        taxonomy: the challenger's.
        configs: configurations to try; those that come with this project by default.
    """
    most: tuple[str, ...] = ()
    for config in _distinct(configs or sorted(DEFAULT_CONFIG.parent.glob("*.yaml"))):
        try:
            data = read_training_data(config, corpus, taxonomy)
        except InvalidCorpus:
            continue  # what it names is not at hand
        texts = data.masked_texts
        if data.digest() == manifest.data_sha256:
            return TrainingTexts(texts, proven=True)
        most = max(most, texts, key=len)
    doubt = (
        "Whether these are all is not proven: no configuration reads texts with the digest in the challenger's manifest"
        f" ({manifest.data_sha256[:12]}). Name the one that it was trained with, and have its data in place."
    )
    known = most or tuple(row.masked_text for row in in_split(rows, Split.TRAIN))
    return TrainingTexts(known, proven=False, doubts=(doubt,))


def _distinct(paths: Sequence[Path]) -> list[TextConfig]:
    """The configurations of text runs, one for each choice of data."""
    found: dict[str, TextConfig] = {}
    for path in paths:
        try:
            config = load_config(path)
        except InvalidConfiguration:
            continue  # of another part
        found.setdefault(config.model_dump_json(include=_DATA), config)
    return list(found.values())
