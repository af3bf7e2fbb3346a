"""All measures at once, with a stated rate of false alarms."""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.live.drift.finding import Finding, Measure, Status
from evaluation.live.drift.mixes import CategoryMix, LanguageMix
from evaluation.live.drift.observed import Observed
from evaluation.live.drift.shares import OverrideRate, PhotoShare, UnseenPieces
from evaluation.live.drift.spreads import Confidence, Length
from evaluation.live.drift.texts import EmbeddingShift
from models.reference import Reference

# Of reports on alerts like those of the reference, at most this share has any alarm.
FALSE_ALARMS = 0.01

MEASURES: tuple[Measure, ...] = (
    CategoryMix(),
    Confidence(),
    EmbeddingShift(),
    LanguageMix(),
    Length(),
    PhotoShare(),
    UnseenPieces(),
    OverrideRate(),
)


@dataclass(frozen=True, slots=True)
class DriftReport:
    """What all measures found."""

    alerts: int
    findings: Sequence[Finding]

    @property
    def drifted(self) -> Sequence[Finding]:
        """What has changed."""
        return [finding for finding in self.findings if finding.status is Status.DRIFTED]


def compare(reference: Reference, observed: Observed) -> DriftReport:
    """Compare what came in with the reference of the bundle that answers it.

    Each measure may be exceeded by chance in its part of `FALSE_ALARMS`, so all together in no more than that, as far
    as alerts come independently of one another.
    """
    rate = FALSE_ALARMS / len(MEASURES)
    return DriftReport(observed.alerts, [measure.compare(reference, observed, rate) for measure in MEASURES])
