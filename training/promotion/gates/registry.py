"""Every gate, in the order in which they are tried and shown."""

from training.promotion.gate import Gate
from training.promotion.gates.behaviour import Behaves
from training.promotion.gates.cost import NotLarger, NotSlower
from training.promotion.gates.others import NotWorseOnReviews, OtherParts
from training.promotion.gates.quality import (
    Calibrated,
    NotWorseOverall,
    NoWorseCategory,
    NoWorseSlice,
    PromiseKept,
    UrgentCaught,
)
from training.promotion.gates.soundness import FittingTaxonomy, GoldenAnswers, Int8Parity, NoLeakage


def all_gates() -> tuple[Gate, ...]:
    """The gates; a code is never given to another one."""
    return (
        GoldenAnswers(),
        FittingTaxonomy(),
        NoLeakage(),
        NotWorseOverall(),
        NoWorseCategory(),
        NoWorseSlice(),
        UrgentCaught(),
        Calibrated(),
        PromiseKept(),
        NotSlower(),
        NotLarger(),
        Behaves(),
        Int8Parity(),
        NotWorseOnReviews(),
        OtherParts(),
    )
