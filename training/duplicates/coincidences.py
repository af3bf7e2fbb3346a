"""Two faults of two kinds at one place: what a street shows far more often than the scenes do."""

from dataclasses import dataclass, replace

import numpy as np

from training.duplicates.examples import Examples
from training.duplicates.fit import Ints, PairSet
from triage.duplicates.report import Report

_DRAWN = 8


@dataclass(frozen=True, slots=True)
class Coincidences:
    """Pairs of reports, the second of which stands in for a duplicate of the first: there and then.

    Attributes:
        pairs: of two scenes and categories.
        stands_in_for: the duplicate of each pair, shape (pairs,).
    """

    pairs: PairSet
    stands_in_for: Ints


def draw_coincidences(examples: Examples, share: float, seed: int) -> Coincidences:
    """Draw `share` pairs for each pair of duplicates; both reports are of one fold, neither is about an area."""
    random = np.random.default_rng(seed)
    known = examples.scene_pairs
    duplicates = np.flatnonzero(known.same_fault)
    wanted = round(share * len(duplicates))
    # Most of what is drawn is of another fold or of the same category.
    drawn = random.choice(duplicates, wanted * _DRAWN) if wanted else duplicates[:0]
    scenes = np.array([scene.scene for scene in examples.scenes])
    plain = np.flatnonzero([not scene.area for scene in examples.scenes])
    strangers = random.choice(plain, len(drawn))
    one, replaced = known.one[drawn], known.two[drawn]
    kept = np.flatnonzero(
        (examples.fold[one] == examples.fold[strangers])
        & (scenes[one] != scenes[strangers])
        & (examples.category[one] != examples.category[strangers])
    )[:wanted]
    return Coincidences(_strangers(one[kept], strangers[kept]), replaced[kept])


def _strangers(one: Ints, two: Ints) -> PairSet:
    never = np.zeros(len(one), bool)
    return PairSet(one, two, never, never, np.full(len(one), -1), np.ones(len(one)))


def moved(stranger: Report, duplicate: Report) -> Report:
    """The stranger's report, as if it came from where and when the duplicate did."""
    return replace(stranger, lat=duplicate.lat, lon=duplicate.lon, created_at=duplicate.created_at)
