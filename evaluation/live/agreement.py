"""How far people agree who answered the same alerts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations


@dataclass(frozen=True, slots=True)
class Agreement:
    """The share of rows on which two labellings agree, and Cohen's kappa, which takes off what chance gives."""

    rows: int
    raw: float
    kappa: float


def agreement(first: Sequence[str | int], second: Sequence[str | int]) -> Agreement:
    """Agreement of two labellings of the same rows (Cohen, 1960).

    Where both know one label only, kappa is not defined; it is 1 here, since they agree.
    """
    rows = len(first)
    raw = sum(a == b for a, b in zip(first, second, strict=True)) / rows
    theirs = Counter(second)
    chance = sum(count * theirs[label] for label, count in Counter(first).items()) / rows**2
    return Agreement(rows, raw, 1.0 if chance == 1 else (raw - chance) / (1 - chance))


def krippendorff_alpha(units: Sequence[Sequence[str | int]]) -> float | None:
    """Agreement of any number of people who each answered some of the units (Krippendorff, 1970), for plain labels.

    Args:
        units: the labels that each unit got; those with fewer than two say nothing and are left out.

    Returns:
        1 where all agree, 0 where they agree as chance would have it; None where no unit has two labels. Where there is
        one label only, alpha is not defined; it is 1 here, since all agree.
    """
    twice = [Counter(unit) for unit in units if len(unit) >= 2]
    total = Counter[str | int]()
    for unit in twice:
        total.update(unit)
    number = total.total()
    if not number:
        return None
    expected = number**2 - sum(count**2 for count in total.values())
    if not expected:
        return 1.0
    apart = sum((unit.total() ** 2 - sum(n**2 for n in unit.values())) / (unit.total() - 1) for unit in twice)
    return 1 - (number - 1) * apart / expected


@dataclass(frozen=True, slots=True)
class Together:
    """How far all agree, and each two of them.

    Attributes:
        units: how many were answered by two people or more.
        raw: of all pairs of answers to one unit, the share that is equal; 0 where there is none.
        alpha: Krippendorff's; None where no unit was answered twice.
        pairs: agreement of each two people with units in common, by their names in order.
    """

    units: int
    raw: float
    alpha: float | None
    pairs: dict[tuple[str, str], Agreement]


def agreement_of_all(units: Sequence[dict[str, str]]) -> Together:
    """Agreement over units, each with the label that each person gave it."""
    common: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for unit in units:
        for one, other in combinations(sorted(unit), 2):
            common.setdefault((one, other), []).append((unit[one], unit[other]))
    compared = [pair for pairs in common.values() for pair in pairs]
    return Together(
        units=sum(len(unit) >= 2 for unit in units),
        raw=sum(one == other for one, other in compared) / len(compared) if compared else 0.0,
        alpha=krippendorff_alpha([list(unit.values()) for unit in units]),
        pairs={
            people: agreement([one for one, _ in pairs], [other for _, other in pairs])
            for people, pairs in sorted(common.items())
        },
    )
