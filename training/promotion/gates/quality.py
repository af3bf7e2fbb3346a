"""Whether a challenger answers at least as well as the champion, on the same frozen rows."""

from functools import partial
from typing import ClassVar, Final

import numpy as np

from evaluation.answers import HeadAnswers
from evaluation.decisions import decision_figures
from evaluation.intervals import bootstrap
from evaluation.metrics import Integers, expected_calibration_error
from evaluation.slices import LEAST_ROWS, members_by_slice
from evaluation.targets import CALIBRATION_LIMITS
from training.corpus_checks.check import listed
from training.promotion.contest import Contest
from training.promotion.gate import Finding, Measure, at_most
from training.promotion.paired import CHANCE, change_of_f1, change_of_macro_f1, change_of_share
from triage.taxonomy import HEADS

LEAST_CHANGE = -0.02  # of macro-F1; an equally good model loses as much in one contest of forty on 850 rows
CATEGORY: Final = "category"


class NotWorseOverall:
    """The mean over all codes must not fall."""

    code: ClassVar[str] = "GAT004"
    title: ClassVar[str] = "not worse overall"
    may_be_forced: ClassVar[bool] = True

    def judge(self, contest: Contest) -> Finding:
        """Compare macro-F1 of each head on the test rows."""
        duel = contest.on_test
        measures, told = [Measure("rows", duel.rows), Measure("rows_left_out", duel.left_out)], []
        for head in HEADS:
            change = change_of_macro_f1(*duel.labels(head), CHANCE / len(HEADS))
            measures += [
                Measure(f"{head}_macro_f1", duel.challenger.heads[head].macro_f1),
                Measure(f"{head}_macro_f1_change", change.value, LEAST_CHANGE),
                Measure(f"{head}_macro_f1_change_high", change.high, 0),
            ]
            told.append(f"{head} {100 * change.value:+.1f} (at most {100 * change.high:+.1f})")
        return Finding(f"On {duel.rows:,} rows, macro-F1 changes by {listed(told)} points.", tuple(measures))


class NoWorseCategory:
    """A better mean must not be paid by the residents who report one kind of thing."""

    code: ClassVar[str] = "GAT005"
    title: ClassVar[str] = "no category is worse beyond noise"
    may_be_forced: ClassVar[bool] = True

    def judge(self, contest: Contest) -> Finding:
        """Compare F1 of each category; the chance of a false alarm holds for all of them together."""
        duel = contest.on_test
        changes = dict(zip(duel.codes(CATEGORY), change_of_f1(*duel.labels(CATEGORY)), strict=False))
        worse = [code for code, change in changes.items() if change.high < 0]
        measures = tuple(
            measure
            for code, change in changes.items()
            for measure in (
                Measure(f"f1_change_{code}", change.value),
                Measure(f"f1_change_high_{code}", change.high, 0),
            )
        )
        lowest = min(changes, key=lambda code: changes[code].value)
        points = f"{100 * changes[lowest].value:+.1f}"
        if worse:
            return Finding(f"Worse beyond noise: {listed(worse)}; {lowest} loses most ({points} points).", measures)
        return Finding(f"No category is worse beyond noise; {lowest} changes least well ({points} points).", measures)


class NoWorseSlice:
    """Nor by those who write in another language, short, or without accents."""

    code: ClassVar[str] = "GAT006"
    title: ClassVar[str] = "no slice is worse beyond noise"
    may_be_forced: ClassVar[bool] = True

    def judge(self, contest: Contest) -> Finding:
        """Compare the share of right categories of each slice of thirty rows or more."""
        duel = contest.on_test
        champion, challenger = duel.right(CATEGORY)
        members = {
            name if family == "French" else f"{family} {name}": rows
            for family, name, rows in members_by_slice(duel.champion)
            if family != CATEGORY and rows.sum() >= LEAST_ROWS
        }
        if not members:
            return Finding(f"No slice of the test rows has {LEAST_ROWS} of them.", skipped=True)
        chance = CHANCE / len(members)
        changes = {
            name: change_of_share(champion[rows], challenger[rows], chance) for name, rows in sorted(members.items())
        }
        worse = [name for name, change in changes.items() if change.high < 0]
        lowest = min(changes, key=lambda name: changes[name].value)
        told = f"Worse beyond noise: {listed(worse)}" if worse else f"None of {len(changes)} slices is worse"
        measures = tuple(
            Measure(f"slice_change_high_{name.replace(' ', '_')}", change.high, 0) for name, change in changes.items()
        )
        return Finding(f"{told}; the lowest is {lowest} ({100 * changes[lowest].value:+.1f} points).", measures)


class UrgentCaught:
    """A danger that is not seen costs more than anything else here."""

    code: ClassVar[str] = "GAT007"
    title: ClassVar[str] = "dangers are caught as before"
    may_be_forced: ClassVar[bool] = True
    least: ClassVar[float] = 0.90
    least_change: ClassVar[float] = -0.02

    def judge(self, contest: Contest) -> Finding:
        """Hold the share of urgent alerts that are answered or flagged as such to a floor, and to the champion's."""
        duel = contest.on_test
        urgent = duel.champion.urgent
        code = duel.champion.urgent_priority
        if not urgent.any():
            return Finding(f"No test row is {code}.", skipped=True)
        before, after = duel.champion.flagged[urgent], duel.challenger.flagged[urgent]
        change = change_of_share(before, after)
        measures = (
            Measure("urgent_caught", float(after.mean()), min(self.least, float(before.mean()))),
            Measure("urgent_caught_change", change.value, self.least_change),
            Measure("urgent_caught_change_high", change.high, 0),
            Measure("others_flagged", float(duel.challenger.flagged[~urgent].mean())),
        )
        return Finding(
            f"Of {urgent.sum()} alerts that are {code}, {after.sum()} are caught; the champion catches {before.sum()}."
            f" Of the others, {measures[-1].value:.1%} are flagged with them.",
            measures,
        )


class Calibrated:
    """Thresholds, the order of the review queue and the sum of evidence all take a probability at its word."""

    code: ClassVar[str] = "GAT008"
    title: ClassVar[str] = "confidence means what it says"
    may_be_forced: ClassVar[bool] = True
    most_change: ClassVar[float] = 0.02

    def judge(self, contest: Contest) -> Finding:
        """Hold the calibration error, but for noise, to its target or the champion's, whichever is higher."""
        duel, measures, told = contest.on_test, [], []
        for head, limit in CALIBRATION_LIMITS.items():
            before, after = duel.champion.heads[head], duel.challenger.heads[head]
            error = bootstrap(partial(_calibration_error, after), duel.rows, centred=True)
            champion = _calibration_error(before, np.arange(duel.rows))
            change = error.value - champion
            measures += [
                Measure(f"{head}_calibration_error", error.value),
                at_most(f"{head}_calibration_error_low", error.low, max(limit, champion)),
                at_most(f"{head}_calibration_error_change", change, self.most_change),
            ]
            told.append(f"{head} {error:.3f} ({change:+.3f})")
        return Finding(f"The calibration error is: {listed(told)}.", tuple(measures))


class PromiseKept:
    """The thresholds promise a rate of errors; what they route at it is what saves work."""

    code: ClassVar[str] = "GAT009"
    title: ClassVar[str] = "as much is routed at the stated error"
    may_be_forced: ClassVar[bool] = True
    least_change: ClassVar[float] = -0.03

    def judge(self, contest: Contest) -> Finding:
        """Count what the policy of each routes, and what of it goes astray."""
        before, after = decision_figures(contest.on_test.champion), decision_figures(contest.on_test.challenger)
        promised = contest.champion.bundle.manifest.thresholds.error_rate
        stated = contest.challenger.bundle.manifest.thresholds.error_rate
        change = after.routed.value - before.routed.value
        measures = (
            at_most("stated_error", stated, promised),
            Measure("routed_error", after.routed_error.value),
            # Where the champion breaks its promise too, to err as seldom as it does is enough.
            at_most("routed_error_lower", after.routed_error.lower, max(stated, before.routed_error.value)),
            Measure("routed", after.routed.value),
            # Who promises fewer errors may route less.
            Measure("routed_change", change, None if stated < promised else self.least_change),
        )
        return Finding(
            f"{after.routed:.1%} of what is not urgent is routed ({100 * change:+.1f} points); {after.routed_error:.1%}"
            f" of it goes astray, where at most {stated:.1%} is promised (the champion promises {promised:.1%}).",
            measures,
        )


def _calibration_error(answers: HeadAnswers, rows: Integers) -> float:
    return expected_calibration_error(answers.truth[rows], answers.probabilities[rows])
