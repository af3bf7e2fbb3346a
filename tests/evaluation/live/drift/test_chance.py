"""Thresholds are what chance exceeds as rarely as is stated, whatever is compared."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from evaluation.live.drift.chance import exceeded_by, of_mixes
from evaluation.live.drift.finding import Measure, Status
from evaluation.live.drift.mixes import CategoryMix, LanguageMix
from evaluation.live.drift.shares import OverrideRate, PhotoShare, UnseenPieces
from evaluation.live.drift.spreads import Confidence, Length
from evaluation.live.drift.texts import EmbeddingShift
from models.reference import Photos
from tests.evaluation.live.drift.conftest import alerts_like_those_of_the_reference, as_observed, as_reference

RATE, LOOKS = 0.1, 120
# What chance makes of `LOOKS` looks in one case of a thousand.
MOST = 24
# Without the differences that do not matter, chance is all there is.
BARE: tuple[Measure, ...] = (
    CategoryMix(least=0),
    Confidence(least=0),
    LanguageMix(least=0),
    Length(least=0),
    PhotoShare(least=0),
    UnseenPieces(least=0),
    OverrideRate(least=0),
)


def test_the_threshold_lies_at_its_place_among_the_distances() -> None:
    distances = np.arange(1, 1000, dtype=np.float64)
    assert exceeded_by(distances, 0.1) == 900
    assert exceeded_by(distances, 0.001) == 999
    with pytest.raises(ValueError, match="too few draws"):
        exceeded_by(distances, 0.0005)


def test_the_same_counts_give_the_same_distances() -> None:
    assert (of_mixes([3, 5], 10) == of_mixes([3, 5], 10)).all()


def looks(measure: Measure, number: int) -> Iterator[bool]:
    """Whether chance alone exceeds the threshold, time and again with another reference."""
    for seed in range(LOOKS):
        reference = as_reference(alerts_like_those_of_the_reference(2 * seed, 400))
        random = np.random.default_rng(seed)
        photos = [Photos(alerts=number, with_photo=int(random.binomial(number, 0.3))) for _ in range(2)]
        observed = as_observed(alerts_like_those_of_the_reference(2 * seed + 1, number))
        observed = replace(observed, photos=photos[0], photos_before=photos[1])
        yield measure.compare(reference, observed, RATE).status is Status.DRIFTED


@pytest.mark.slow
@pytest.mark.parametrize("measure", [*BARE, EmbeddingShift(least=0)], ids=lambda measure: measure.name)
def test_chance_exceeds_a_threshold_no_oftener_than_stated(measure: Measure) -> None:
    assert sum(looks(measure, 300)) <= MOST


def test_more_alerts_tell_smaller_differences() -> None:
    few, many = (exceeded_by(of_mixes([200, 200, 200], number), 0.01) for number in (100, 2_000))
    assert many < few
