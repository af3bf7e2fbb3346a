"""Figures of a photo model on labelled pictures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.metrics import f1_score, roc_auc_score

from evaluation.metrics import Floats, Integers
from models.photo import PhotoModel
from triage.photo import decode_photo
from triage.taxonomy import Taxonomy

COVERAGE = 0.55


@dataclass(frozen=True, slots=True)
class PhotoFigures:
    """What was counted, each picture with its weight.

    `f1`: of each label, in order. `accuracy_at_coverage`: of the surest `COVERAGE` of pictures. `covered` and
    `covered_accuracy`: share of pictures for which the model does not abstain, and its accuracy there.
    """

    f1: tuple[float, ...]
    accuracy: float
    accuracy_at_coverage: float
    covered: float
    covered_accuracy: float
    relevant_auroc: float

    @property
    def macro_f1(self) -> float:
        """Mean over the labels."""
        return float(np.mean(self.f1))

    def metrics(self, prefix: str) -> dict[str, float]:
        """Flat figures for tracking and manifests; what cannot be counted is left out."""
        figures = {
            f"{prefix}_macro_f1": self.macro_f1,
            f"{prefix}_worst_f1": min(self.f1),
            f"{prefix}_accuracy": self.accuracy,
            f"{prefix}_accuracy_at_{COVERAGE * 100:.0f}": self.accuracy_at_coverage,
            f"{prefix}_covered": self.covered,
            f"{prefix}_covered_accuracy": self.covered_accuracy,
            f"{prefix}_relevant_auroc": self.relevant_auroc,
        }
        return {name: value for name, value in figures.items() if not np.isnan(value)}


def photo_figures(
    probabilities: Floats, truth: Integers, irrelevant: int, abstains_below: float, weights: npt.NDArray[np.float64]
) -> PhotoFigures:
    """Count figures.

    Args:
        probabilities: calibrated, shape (pictures, labels).
        truth: numbers of the true labels, shape (pictures,).
        irrelevant: number of the label of irrelevant pictures.
        abstains_below: the least probability that is relied on.
        weights: of each picture, shape (pictures,).
    """
    predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    correct = predicted == truth
    order = np.argsort(-confidence, kind="stable")
    surest = order[np.cumsum(weights[order]) <= COVERAGE * weights.sum()]
    covered = confidence >= abstains_below
    return PhotoFigures(
        f1=tuple(
            f1_score(
                truth,
                predicted,
                labels=range(probabilities.shape[1]),
                average=None,
                sample_weight=weights,
                zero_division=0,
            ).tolist()
        ),
        accuracy=float(np.average(correct, weights=weights)),
        accuracy_at_coverage=_accuracy(correct, weights, surest),
        covered=float(np.average(covered, weights=weights)),
        covered_accuracy=_accuracy(correct, weights, np.flatnonzero(covered)),
        relevant_auroc=float(roc_auc_score(truth == irrelevant, probabilities[:, irrelevant], sample_weight=weights))
        if 0 < (truth == irrelevant).sum() < len(truth)
        else float("nan"),
    )


def measure_photos(
    model: PhotoModel, paths: Sequence[Path], truth: Integers, taxonomy: Taxonomy, advance: Callable[[], None]
) -> PhotoFigures:
    """Read pictures as the service reads them and count figures, every label alike.

    Args:
        model: the photo model.
        paths: of pictures.
        truth: numbers of the true labels, shape (pictures,).
        taxonomy: the bundle's own.
        advance: called after each picture, for a progress bar.
    """
    found = []
    for path in paths:
        found.append(model.predict([model.prepare(decode_photo(path.read_bytes()).image)]).probabilities[0])
        advance()
    labels = model.description.labels
    irrelevant = next(number for number, code in enumerate(labels) if taxonomy.photo_labels[code].irrelevant)
    weights = 1 / np.bincount(truth, minlength=len(labels))[truth]
    return photo_figures(np.array(found), truth, irrelevant, model.description.abstains_below, weights)


def _accuracy(correct: npt.NDArray[np.bool_], weights: npt.NDArray[np.float64], rows: npt.NDArray[np.int64]) -> float:
    return float(np.average(correct[rows], weights=weights[rows])) if len(rows) else 0.0
