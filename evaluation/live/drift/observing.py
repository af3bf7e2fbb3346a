"""Looks at what is stored: the numbers that are compared with a reference."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from evaluation.live.answers import SUSPECT, last_answers
from evaluation.live.drift.kernel import MOST_TEXTS
from evaluation.live.drift.observed import Floats, Observed
from models.reference import Answered, Photos
from triage.prediction import Decision
from triage.review.answers import StaffAnswer
from triage.store.arrivals import Arrival
from triage.store.figures import Window
from triage.store.store import Store

USUAL = timedelta(days=14)
# Where the reference has no photos, their share is compared with that of so long before.
BEFORE = timedelta(weeks=8)
# Staff answer far fewer alerts than come in.
ANSWERS = timedelta(weeks=4)

_ANSWERS_READ = 5_000


class Observer(Protocol):
    """Looks at texts and vectors as those of the reference were looked at."""

    @property
    def vector_version(self) -> str:
        """Whose vectors it can read."""

    def unseen(self, texts: Sequence[str]) -> Sequence[float]:
        """The share of each text's pieces that training never met."""

    def coordinates(self, vectors: Sequence[bytes]) -> Floats:
        """Where texts lie."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What was read of a store.

    Attributes:
        arrivals: oldest first.
        vectors: of some of them.
        answers: of staff, in their order.
        before: alerts of the weeks before, and how many of them with a photo.
    """

    arrivals: Sequence[Arrival]
    vectors: Sequence[bytes]
    answers: Sequence[StaffAnswer]
    before: tuple[int, int]


def window_of(now: datetime, since: datetime | None = None) -> Window:
    """The time that is looked at: the last two weeks, or from another moment on."""
    return Window(since or now - USUAL, now)


def read_store(store: Store, window: Window, bundle_sha256: str, vector_version: str) -> Stored:
    """Read what came in within a window; staff's answers are read from four weeks, or all of a longer window.

    Args:
        store: where it is.
        window: the time.
        bundle_sha256: the bundle whose answers count.
        vector_version: the version of vectors that can be read.
    """
    arrivals = store.arrivals(window, bundle_sha256)
    readable = [one.seq for one in arrivals if one.vector_version == vector_version and one.text]
    step = max(1, -(-len(readable) // MOST_TEXTS))
    vectors = store.stored_vectors(readable[::step]) if vector_version else {}
    answered = Window(min(window.since, window.until - ANSWERS), window.until)
    return Stored(
        arrivals,
        [vectors[seq] for seq in sorted(vectors)],
        [
            answer
            for answer in store.staff_answers(answered, _ANSWERS_READ)
            if answer.model is not None and answer.model.bundle_sha256 == bundle_sha256
        ],
        store.arrivals_with_photos(Window(window.since - BEFORE, window.since)),
    )


def observe(stored: Stored, observer: Observer) -> Observed:
    """Look at what was read."""
    arrivals = stored.arrivals
    texts = [one.text for one in arrivals if one.text]
    before, with_photo = stored.before
    return Observed(
        alerts=len(arrivals),
        categories=[one.category for one in arrivals if one.category is not None],
        confidences=[one.confidence for one in arrivals if one.confidence is not None],
        languages=[one.language or "" for one in arrivals if one.text],
        lengths=[len(text) for text in texts],
        unseen=observer.unseen(texts),
        coordinates=observer.coordinates(stored.vectors),
        photos=Photos(alerts=len(arrivals), with_photo=sum(one.has_photo for one in arrivals)),
        photos_before=Photos(alerts=before, with_photo=with_photo),
        answers=answered(stored.answers),
    )


def answered(answers: Iterable[StaffAnswer]) -> dict[Decision, Answered]:
    """How many answers staff looked at for the first time, by the decision of the bundle, and how many they changed."""
    first_looks = last_answers(answer for answer in answers if answer.queue != SUSPECT)
    total, changed = Counter[Decision](), Counter[Decision]()
    for answer in first_looks:
        if answer.model is not None:
            total[answer.model.decision] += 1
            changed[answer.model.decision] += answer.is_correction
    return {decision: Answered(alerts=number, wrong=changed[decision]) for decision, number in total.items()}
