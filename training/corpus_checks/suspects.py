"""Rows whose label a model that never saw them finds unlikely: candidates for a second look, not faults."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_self_confidence_for_each_label
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_limits

from evaluation.metrics import label_numbers
from triage.corpus import LabelledAlert
from triage.taxonomy import HEADS, Head, Taxonomy

FOLDS = 4


@dataclass(frozen=True, slots=True)
class Suspect:
    """A label in doubt: the row, its label, the likelier one, and the probability of the label."""

    id: str
    head: Head
    label: str
    likelier: str
    probability: float


def find_suspects(
    rows: Sequence[LabelledAlert],
    taxonomy: Taxonomy,
    limit: int,
    advance: Callable[[Head], None],
) -> tuple[Suspect, ...]:
    """The likeliest label errors of each head, worst first (confident learning; Northcutt et al., 2021).

    Args:
        rows: labelled rows; a head with one class, or with fewer than `FOLDS` rows of a class, is left out.
        taxonomy: the codes.
        limit: most suspects of a head.
        advance: told each head before its turn, for a progress bar.
    """
    texts = [row.masked_text for row in rows]
    found: list[Suspect] = []
    for head in HEADS:
        advance(head)
        present, labels = np.unique(label_numbers(rows, head, taxonomy), return_inverse=True)
        if len(present) < 2 or np.bincount(labels).min() < FOLDS:
            continue  # too few to judge by
        probabilities = _out_of_fold(texts, labels)
        issues = find_label_issues(labels, probabilities, filter_by="prune_by_noise_rate", n_jobs=1)
        quality = get_self_confidence_for_each_label(labels, probabilities)
        codes = [taxonomy.codes(head)[number] for number in present]
        worst = sorted(np.flatnonzero(issues).tolist(), key=lambda number: float(quality[number]))[:limit]
        found += [
            Suspect(
                id=rows[number].id,
                head=head,
                label=rows[number].label(head),
                likelier=codes[int(probabilities[number].argmax())],
                probability=float(quality[number]),
            )
            for number in worst
        ]
    return tuple(found)


def _out_of_fold(texts: Sequence[str], labels: np.ndarray) -> np.ndarray:
    model = make_pipeline(
        TfidfVectorizer(strip_accents="unicode", analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
        LogisticRegression(C=20.0, max_iter=300),
    )
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=13)
    with threadpool_limits(limits=1):
        return np.asarray(cross_val_predict(model, texts, labels, cv=folds, method="predict_proba"))
