"""What texts are about, whichever categories they get: where their embeddings lie."""

from dataclasses import dataclass

import numpy as np

from evaluation.live.drift.chance import exceeded_by
from evaluation.live.drift.finding import Curves, Difference, Finding, found, too_few
from evaluation.live.drift.kernel import distance, shift_beside_chance, spread_evenly, to_nearest
from evaluation.live.drift.observed import Observed
from evaluation.live.drift.sentences import N_, Percent, Sentence
from models.reference import Reference

_DRAWN = 40


@dataclass(frozen=True, slots=True)
class EmbeddingShift:
    """How far texts lie from those of the reference."""

    code: str = "DRF003"
    name: str = "embedding_shift"
    title: str = N_("Content of texts")
    least: float = 0.1

    def compare(self, reference: Reference, observed: Observed, rate: float) -> Finding:
        """The distance of both sets of texts, told as the share of alerts that would have to be of a single category.

        The threshold comes from dealing out all texts to two such sets at random.
        """
        if lacking := too_few(self, len(observed.coordinates)):
            return lacking
        known = reference.embeddings
        before, now = known.coordinates(), spread_evenly(observed.coordinates)
        apart = shift_beside_chance(before, now, known.bandwidth)
        value = distance(apart.squared) / known.one_category
        by_chance = distance(exceeded_by(apart.by_chance, rate)) / known.one_category
        message = N_(
            "The texts lie as far from those of the reference as if %(share)s of the alerts had become alerts of a"
            " single category."
        )
        own, other = to_nearest(before), to_nearest(now, before)
        axis = np.linspace(0, max(own.max(), other.max()), _DRAWN)
        near = [tuple((some[:, None] <= axis).mean(axis=0).tolist()) for some in (own, other)]
        sentence = Sentence(message, {"share": Percent(value)})
        what = N_("distance from the nearest text of the reference")
        curves = Curves(what, tuple(axis.tolist()), near[0], near[1], in_percent=False)
        return found(self, Difference(len(now), value, by_chance), sentence, curves)
