"""Reads the photos of alerts in one pass and says of each what it shows, in the words of the contract."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np

from models.calibration import Floats
from models.fusion import Fused, Fusion, TextAnswer
from models.heat_map import heat_map
from models.photo import PhotoModel, Picture
from models.photo_hash import Fingerprint, perceptual_hash
from triage.duplicates.report import SeenPhoto
from triage.prediction import ExplainedPhoto, PhotoAlternative, PhotoAnswer
from triage.taxonomy import Taxonomy

UNREADABLE, IRRELEVANT, DISAGREES = "photo_unreadable", "photo_irrelevant", "photo_disagrees"

Pictures = Sequence[Picture | None]


@dataclass(frozen=True, slots=True)
class ReadPhotos:
    """What the photos of one alert show.

    `answers`: one a photo, in order. `joined`: probabilities over the labels, shape (labels,); None where no photo
    can be read. `reliable`: whether a photo can be relied on. `notes`: reasons to give. `seen`: what tells each that
    can be read from others.
    """

    answers: tuple[PhotoAnswer, ...] = ()
    joined: Floats | None = None
    reliable: bool = False
    notes: tuple[str, ...] = ()
    seen: tuple[SeenPhoto, ...] = ()


class PhotoReader:
    """The photo part of a predictor: model, labels and fusion with the text."""

    def __init__(self, model: PhotoModel, fusion: Fusion, taxonomy: Taxonomy) -> None:
        self.model = model
        self._fusion = fusion
        labels = model.description.labels
        self._irrelevant = next(row for row, code in enumerate(labels) if taxonomy.photo_labels[code].irrelevant)

    def read(self, pictures: Sequence[Pictures]) -> list[ReadPhotos]:
        """Read the photos of alerts, those of all in one pass."""
        readable = [picture for group in pictures for picture in group if picture is not None]
        if not readable:
            return [self._describe(group, np.empty((0, 0))) for group in pictures]
        output = self.model.predict(readable)
        found = output.probabilities
        prints = map(Fingerprint, output.embeddings, map(perceptual_hash, readable))
        seen = [print_.seen() for print_ in prints]
        ends = list(accumulate((sum(picture is not None for picture in group) for group in pictures), initial=0))
        return [
            replace(self._describe(group, found[start:end]), seen=tuple(seen[start:end]))
            for group, start, end in zip(pictures, ends[:-1], ends[1:], strict=True)
        ]

    def fuse(self, text: TextAnswer, photos: ReadPhotos) -> tuple[Fused | None, tuple[str, ...]]:
        """The joint answer, if a photo can be read, and the reasons to give."""
        if photos.joined is None:
            return None, photos.notes
        fused = self._fusion.fuse(text, photos.joined)
        apart = photos.reliable and self._fusion.disagrees(photos.joined, fused)
        return fused, (*photos.notes, DISAGREES) if apart else photos.notes

    def explain(self, pictures: Pictures) -> tuple[ExplainedPhoto, ...]:
        """Where each photo shows its likeliest label."""
        labels = self.model.description.labels
        explained = []
        for picture in pictures:
            if picture is None:
                explained.append(ExplainedPhoto(label=self._answer(None).label, heat_map=None))
                continue
            output = self.model.predict([picture])
            best = int(output.probabilities[0].argmax())
            png = heat_map(picture, output.maps[0, best])
            explained.append(ExplainedPhoto(label=labels[best], heat_map=base64.b64encode(png).decode("ascii")))
        return tuple(explained)

    def _describe(self, group: Pictures, probabilities: Floats) -> ReadPhotos:
        rows = iter(probabilities)
        answers = tuple(self._answer(None if picture is None else next(rows)) for picture in group)
        notes = [UNREADABLE] if None in [picture if picture is None else 0 for picture in group] else []
        if not len(probabilities):
            return ReadPhotos(answers, notes=tuple(notes))
        if (probabilities.argmax(axis=1) == self._irrelevant).all():
            notes.append(IRRELEVANT)
        least = self.model.description.abstains_below
        joined = self._fusion.join_photos(probabilities)
        return ReadPhotos(answers, joined, bool(joined.max() >= least), tuple(notes))

    def _answer(self, probabilities: Floats | None) -> PhotoAnswer:
        """The answer to one picture; to one that cannot be read, every label is as likely, and it abstains."""
        description = self.model.description
        labels = description.labels
        if probabilities is None:
            probabilities = np.full(len(labels), 1 / len(labels))
        order = np.argsort(-probabilities, kind="stable")
        ranked = [
            PhotoAlternative.model_construct(
                label=labels[row], code=labels[row], confidence=round(float(probabilities[row]), 4)
            )
            for row in order
        ]
        return PhotoAnswer.model_construct(
            label=ranked[0].code,
            confidence=ranked[0].confidence,
            abstains=not ranked[0].confidence >= description.abstains_below,
            alternatives=tuple(ranked[1:]),
        )
