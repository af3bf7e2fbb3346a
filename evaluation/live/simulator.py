"""What another threshold would bring, from answers that are stored: a rehearsal of `triage.policy`.

What the policy holds back whatever the confidence stays held: a possible danger, a language never learned, no words, a
place outside the city, a photo that does not settle what a text leaves open. An alert of this last kind cannot be told
from one that is merely unsure where its confidence lies below today's threshold; there it counts as routed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluation.live.answers import BOUND, drawn_for_sample, last_answers
from evaluation.live.intervals import Share
from triage.area import OUTSIDE_AREA
from triage.policy import HOLDING, Thresholds
from triage.prediction import Decision
from triage.review.answers import ModelAnswer, StaffAnswer

# No confidence reaches it.
NEVER = 1.01

_HOLDING = HOLDING | {OUTSIDE_AREA}
# Said of a category that is sure enough, it means that a photo does not settle what the text leaves open.
_UNSETTLED = "category_uncertain"
Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a threshold would bring.

    Attributes:
        threshold: least confidence of category and department that routes.
        alerts: how many the figures are counted from.
        coverage: share of them that is routed without a look.
        reviews_per_day: alerts that staff would look at before they are sent on, or while they are.
        checks_per_day: alerts of those routed that staff would look at for the measure of accuracy.
        expected_error: share with a wrong category or department expected among those routed; 0 where none is.
        errors_per_day: the same as a number.
    """

    threshold: float
    alerts: int
    coverage: float
    reviews_per_day: float
    checks_per_day: float
    expected_error: float
    errors_per_day: float


@dataclass(frozen=True, slots=True)
class Check:
    """Wrong categories or departments that people found among alerts which a threshold would route.

    `sampled` are of the random sample of what is routed today; `reviewed` are what staff see today, and would no more.
    """

    sampled: Share
    reviewed: Share


def check(answers: Sequence[StaffAnswer], bundle_sha256: str, thresholds: Thresholds, threshold: float) -> Check:
    """What people's answers say of a threshold.

    Args:
        answers: in their order; those to what another bundle answered are left out.
        bundle_sha256: the bundle.
        thresholds: of the bundle.
        threshold: to try.
    """
    drawn = drawn_for_sample(answers)
    models = [
        (answer, answer.model)
        for answer in last_answers(answers)
        if answer.model is not None and answer.model.bundle_sha256 == bundle_sha256
    ]
    routed = Simulator([model for _, model in models], thresholds, days=1).routed(threshold, threshold)
    found = [item for item, passed in zip(models, routed, strict=True) if passed]
    sampled = [answer.was_astray for answer, _ in found if answer.alert_seq in drawn]
    # What a person opened by hand, or a department gave back, is no random part of what is routed today.
    reviewed = [answer.was_astray for answer, model in found if model.decision is Decision.REVIEW]
    return Check(*(Share.of(sum(wrong), len(wrong), BOUND) for wrong in (sampled, reviewed)))


class Simulator:
    """Rehearses decisions on stored answers of one bundle."""

    def __init__(
        self, answers: Sequence[ModelAnswer], thresholds: Thresholds, days: float, sample_share: float = 0.0
    ) -> None:
        """Take answers.

        Args:
            answers: of the bundle whose thresholds are given.
            thresholds: those that the decisions were made with.
            days: the time in which the alerts came.
            sample_share: share of the routed alerts that staff look at all the same.
        """
        category = np.array([answer.category for answer in answers], np.float64)
        department = np.array([answer.department for answer in answers], np.float64)
        both = np.array([answer.decision is Decision.ROUTE_AND_REVIEW for answer in answers], np.bool_)
        review = np.array([answer.decision is Decision.REVIEW for answer in answers], np.bool_)
        held = np.array([not _HOLDING.isdisjoint(answer.reasons) for answer in answers], np.bool_)
        unsettled = np.array([_UNSETTLED in answer.reasons for answer in answers], np.bool_)
        sure_category = category >= thresholds.category
        sure = sure_category & (department >= thresholds.department)
        self._movable = ~both & ~held & ~(unsettled & sure_category) & ~(review & sure)
        self._category, self._department = category, department
        self._thresholds = thresholds
        self._days = days
        self._sample_share = sample_share
        # A confidence is the probability that the code is right; both are right no more often than the less sure one.
        self._confidence = np.minimum(category, department)

    def routed(self, category: float, department: float) -> Booleans:
        """Which of the alerts thresholds would route, in their order."""
        return self._movable & (self._category >= category) & (self._department >= department)

    def outlook(self, threshold: float) -> Outlook:
        """What one threshold for category and department would bring."""
        return self._outlook(self.routed(threshold, threshold), threshold)

    def today(self) -> Outlook:
        """What the thresholds of the bundle bring; the greater stands for both."""
        category, department = self._thresholds.category, self._thresholds.department
        return self._outlook(self.routed(category, department), max(category, department))

    def threshold_for(self, error_rate: float) -> float:
        """The least threshold with at most so large a share of errors expected among the routed; `NEVER` if none."""
        confidence = np.sort(self._confidence[self._movable])[::-1]
        if not len(confidence):
            return NEVER
        expected = (1 - confidence).cumsum() / np.arange(1, len(confidence) + 1)
        # Alerts of equal confidence are routed together.
        ends = np.append(np.diff(confidence) != 0, True)
        kept = confidence[ends & (expected <= error_rate)]
        return float(kept[-1]) if len(kept) else NEVER

    def _outlook(self, routed: Booleans, threshold: float) -> Outlook:
        alerts, number = len(routed), int(routed.sum())
        errors = float((1 - self._confidence[routed]).sum())
        return Outlook(
            threshold=threshold,
            alerts=alerts,
            coverage=number / alerts if alerts else 0.0,
            reviews_per_day=(alerts - number) / self._days,
            checks_per_day=number * self._sample_share / self._days,
            expected_error=errors / number if number else 0.0,
            errors_per_day=errors / self._days,
        )
