"""Writes the photo part of a bundle: graph, calibration, abstention, proofs, held-out answers and card."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evaluation.metrics import Floats, Integers
from evaluation.photo_figures import PhotoFigures, photo_figures
from models.calibration import softmax
from models.held_out import HELD_OUT, HeldOutPhotos
from models.networks.photo import PhotoNetwork
from models.photo import DESCRIPTION, MODEL, PART, PhotoDescription, PhotoModel, Picture
from models.photo_golden import GOLDEN, write_golden_pictures
from training.calibration import Promise, fit_temperature, routing_threshold
from training.photo.config import PhotoConfig
from training.photo.export import export_int8, network_logits, prove_float_export
from training.photo.folds import balanced_weights
from training.photo.pictures import PictureSet

# Enough to fit a fusion on, few enough to weigh little.
KEPT_PER_SOURCE = 80


@dataclass(frozen=True, slots=True)
class HeldOutLogits:
    """Logits of pictures of sources that were left out, shape (pictures, labels), and their positions."""

    rows: Integers
    logits: Floats


@dataclass(frozen=True, slots=True)
class PhotoPart:
    """What was written: description, figures on held-out sources, and how int8 compares with the network."""

    description: PhotoDescription
    figures: PhotoFigures
    parity: dict[str, float]

    def metrics(self) -> dict[str, float]:
        """Flat figures for tracking and the manifest."""
        return self.figures.metrics("photo") | self.parity


class PhotoPartWriter:
    """Fills the photo folder of a bundle."""

    def __init__(self, folder: Path, config: PhotoConfig, pictures: PictureSet, labels: tuple[str, ...]) -> None:
        self._folder = folder
        self._config = config
        self._pictures = pictures
        self._labels = labels

    def write(
        self, network: PhotoNetwork, held_out: HeldOutLogits, irrelevant: int, samples: Sequence[Picture]
    ) -> PhotoPart:
        """Write everything but the card.

        Args:
            network: fitted on all pictures.
            held_out: answers of networks that were fitted without the pictures' sources.
            irrelevant: number of the label of irrelevant pictures.
            samples: prepared pictures for the proof of the export.

        Raises:
            RuntimeError: the export does not answer as the network does.
        """
        (self._folder / PART).mkdir()
        truth = self._pictures.labels[held_out.rows]
        weights = balanced_weights(truth, self._pictures.sources[held_out.rows], self._config.source_power)
        # As many as there are: more would claim a certainty that they cannot give.
        drawn = np.random.default_rng(self._config.seed).choice(len(truth), len(truth), p=weights / weights.sum())
        temperature = fit_temperature(held_out.logits[drawn], truth[drawn])
        probabilities = softmax(held_out.logits / temperature)
        description = PhotoDescription(
            size=self._config.size,
            width=network.head.linear.in_features,
            labels=self._labels,
            temperature=temperature,
            abstains_below=self._abstention(probabilities[drawn], truth[drawn]),
        )
        (self._folder / DESCRIPTION).write_text(description.model_dump_json(indent=2) + "\n", encoding="utf-8")
        parity = self._export(network, samples)
        write_golden_pictures(self._folder / GOLDEN, PhotoModel(self._folder / MODEL, description))
        self._keep(held_out, truth)
        figures = photo_figures(probabilities, truth, irrelevant, description.abstains_below, weights)
        return PhotoPart(description, figures, parity)

    def _abstention(self, probabilities: Floats, truth: Integers) -> float:
        promise = Promise(1 - self._config.least_accuracy, self._config.certainty, urgent_recall=1.0)
        confidence = np.round(probabilities.max(axis=1), 4)
        return routing_threshold(confidence, probabilities.argmax(axis=1) == truth, promise)

    def _export(self, network: PhotoNetwork, samples: Sequence[Picture]) -> dict[str, float]:
        worst = prove_float_export(network, self._config.size, samples[:8])
        export_int8(network, self._config.size, self._folder / MODEL)
        description = PhotoDescription.model_validate_json((self._folder / DESCRIPTION).read_bytes())
        found = PhotoModel(self._folder / MODEL, description).predict(samples).probabilities
        expected = softmax(network_logits(network, samples) / description.temperature)
        return {
            "photo_float_export_worst_logit_difference": worst,
            "photo_int8_mean_probability_change": float(np.abs(found - expected).max(axis=1).mean()),
            "photo_int8_same_label": float((found.argmax(axis=1) == expected.argmax(axis=1)).mean()),
        }

    def _keep(self, held_out: HeldOutLogits, truth: Integers) -> None:
        """Keep a few answers of each label and source."""
        generator = np.random.default_rng(self._config.seed)
        sources = self._pictures.sources[held_out.rows]
        kept: list[int] = []
        for label in np.unique(truth):
            for source in np.unique(sources[truth == label]):
                members = np.flatnonzero((truth == label) & (sources == source))
                kept += generator.permutation(members)[:KEPT_PER_SOURCE].tolist()
        answers = HeldOutPhotos(
            labels=tuple(int(truth[row]) for row in kept),
            logits=tuple(tuple(round(float(value), 2) for value in held_out.logits[row]) for row in kept),
        )
        (self._folder / HELD_OUT).write_text(answers.model_dump_json() + "\n", encoding="utf-8")
