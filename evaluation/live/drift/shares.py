"""Shares of alerts: with a photo, with words that training never met, with an answer that staff changed."""

from dataclasses import dataclass

import numpy as np

from evaluation.live.drift.chance import exceeded_by, of_means, of_mixes, of_shares
from evaluation.live.drift.finding import LEAST_ALERTS, Bars, Curves, Difference, Finding, found, too_few, unmeasured
from evaluation.live.drift.observed import Observed
from evaluation.live.drift.sentences import N_, Percent, Sentence, Words
from models.reference import PERCENTS, Answered, Reference, count_percents

# Staff look at a third of the alerts at most.
LEAST_ANSWERS = 50
_DRAWN_PERCENTS = 31


@dataclass(frozen=True, slots=True)
class PhotoShare:
    """How many alerts come with a photo."""

    code: str = "DRF006"
    name: str = "photo_share"
    title: str = N_("Photos")
    least: float = 0.1

    def compare(self, reference: Reference, observed: Observed, rate: float) -> Finding:
        """The difference of the shares with a photo; from that of the time before where a reference has no photos."""
        number = observed.photos.alerts if observed.photos else 0
        if observed.photos is None:
            return unmeasured(self, 0, Sentence(N_("Nobody knows which of these alerts came with a photo.")))
        if lacking := too_few(self, number):
            return lacking
        known = reference.photos or observed.photos_before
        if known is None or known.alerts < LEAST_ALERTS:
            why = N_("The reference has texts alone, and there are too few earlier alerts to compare photos with.")
            return unmeasured(self, number, Sentence(why))
        before, now = known.with_photo / known.alerts, observed.photos.with_photo / number
        without = known.alerts - known.with_photo
        by_chance = exceeded_by(of_mixes([known.with_photo, without], number), rate)
        message = N_("%(now)s of the alerts come with a photo, instead of %(before)s.")
        if reference.photos is None:
            message = N_("%(now)s of the alerts come with a photo; of the alerts of the weeks before, %(before)s did.")
        sentence = Sentence(message, {"now": Percent(now), "before": Percent(before)})
        bars = Bars(((Words(N_("With a photo")), before, now),))
        return found(self, Difference(number, abs(now - before), by_chance), sentence, bars)


@dataclass(frozen=True, slots=True)
class UnseenPieces:
    """How much of the texts training never met."""

    code: str = "DRF007"
    name: str = "out_of_vocabulary"
    title: str = N_("Unknown words")
    least: float = 0.01

    def compare(self, reference: Reference, observed: Observed, rate: float) -> Finding:
        """The difference of the mean shares of unseen pieces of words."""
        number = len(observed.unseen)
        if lacking := too_few(self, number):
            return lacking
        counts, arrived = np.array(reference.unseen), count_percents(observed.unseen)
        percents = np.arange(PERCENTS) / (PERCENTS - 1)
        before, now = (float(some @ percents / some.sum()) for some in (counts, arrived))
        by_chance = exceeded_by(of_means(counts, percents, number), rate)
        message = N_("Of the pieces that words are read in, training never met %(now)s, instead of %(before)s.")
        sentence = Sentence(message, {"now": Percent(now), "before": Percent(before)})
        up_to = [tuple((np.cumsum(some)[:_DRAWN_PERCENTS] / some.sum()).tolist()) for some in (counts, arrived)]
        axis = tuple(percents[:_DRAWN_PERCENTS].tolist())
        what = N_("share of unknown pieces of words in a text")
        curves = Curves(what, axis, up_to[0], up_to[1], in_percent=True)
        return found(self, Difference(number, abs(now - before), by_chance), sentence, curves)


@dataclass(frozen=True, slots=True)
class OverrideRate:
    """How often staff change an answer, beside how often it was wrong where the labels are known.

    Answers of each decision are compared with their like: staff see more of those that the bundle is unsure of.
    """

    code: str = "DRF008"
    name: str = "override_rate"
    title: str = N_("Changed answers")
    least: float = 0.05

    def compare(self, reference: Reference, observed: Observed, rate: float) -> Finding:
        """The difference of the shares of changed answers."""
        none = Answered(alerts=0, wrong=0)
        groups = [
            (reference.answers.get(decision, none), answered)
            for decision, answered in sorted(observed.answers.items())
            if answered.alerts
        ]
        groups = [(known, answered) for known, answered in groups if known.alerts]
        number = sum(answered.alerts for _, answered in groups)
        answered_so_far = N_(
            "Staff have looked at %(number)s answers of this model so far; at least %(least)s are needed."
        )
        if lacking := too_few(self, number, LEAST_ANSWERS, answered_so_far):
            return lacking
        now = sum(answered.wrong for _, answered in groups) / number
        before = sum(answered.alerts * known.wrong / known.alerts for known, answered in groups) / number
        distances = of_shares(
            [known.wrong for known, _ in groups],
            [known.alerts for known, _ in groups],
            [answered.alerts for _, answered in groups],
        )
        message = N_("Staff changed %(now)s of the answers, where %(before)s were to be expected.")
        sentence = Sentence(message, {"now": Percent(now), "before": Percent(before)})
        bars = Bars(((Words(N_("Changed")), before, now),))
        return found(self, Difference(number, abs(now - before), exceeded_by(distances, rate)), sentence, bars)
