"""What came in, in numbers: the other side of every comparison."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from models.reference import Answered, Photos
from triage.prediction import Decision

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Observed:
    """Alerts of some time. Each list has those alerts of which the thing is known.

    Attributes:
        alerts: how many alerts came in, one for each fault.
        categories: codes that the bundle answered.
        confidences: of the less sure of category and department.
        languages: codes; "" where it could not be told.
        lengths: characters of texts without personal data.
        unseen: shares of pieces of words that training never met.
        coordinates: where texts lie, shape (texts, coordinates).
        photos: how many alerts came with one.
        photos_before: the same of the time before; None where it is not known.
        answers: how many answers of the bundle staff looked at, by its decision, and how many they changed.
    """

    alerts: int
    categories: Sequence[str] = ()
    confidences: Sequence[float] = ()
    languages: Sequence[str] = ()
    lengths: Sequence[int] = ()
    unseen: Sequence[float] = ()
    coordinates: Floats = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    photos: Photos | None = None
    photos_before: Photos | None = None
    answers: Mapping[Decision, Answered] = field(default_factory=dict)
