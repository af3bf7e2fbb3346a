"""Whether a challenger is sound: it computes here what it computed where it was made, and fits what is there."""

from typing import ClassVar

from evaluation.targets import INT8_LOSS
from training.corpus_checks.check import listed
from training.corpus_checks.duplicates import retold
from training.promotion.contest import Contest
from training.promotion.gate import Finding, Measure, at_most
from triage.errors import InvalidBundle, InvalidTaxonomy
from triage.taxonomy import HEADS

_NAMED = 3  # leaks that a message names; the count says the rest


class GoldenAnswers:
    """A model that computes something else on this machine is not the one that was measured."""

    code: ClassVar[str] = "GAT001"
    title: ClassVar[str] = "golden answers are reproduced here"
    may_be_forced: ClassVar[bool] = False  # the service would refuse it

    def judge(self, contest: Contest) -> Finding:
        """Ask the challenger its golden texts and pictures."""
        try:
            contest.challenger.check_golden()
        except InvalidBundle as error:
            return Finding(error.message, (at_most("golden_failures", 1, 0),))
        return Finding("Every golden text and picture is answered as where the challenger was made.")


class FittingTaxonomy:
    """A code that is removed or renamed would leave stored alerts and a city's rules without a meaning."""

    code: ClassVar[str] = "GAT002"
    title: ClassVar[str] = "the taxonomy fits the city's and the champion's"
    may_be_forced: ClassVar[bool] = False  # the service would refuse it

    def judge(self, contest: Contest) -> Finding:
        """Compare the codes and flags of all three."""
        ours, theirs = contest.challenger.taxonomy, contest.champion.taxonomy
        added = {head: [code for code in ours.codes(head) if code not in theirs.codes(head)] for head in HEADS}
        lost = {head: [code for code in theirs.codes(head) if code not in ours.codes(head)] for head in HEADS}
        measures = (
            at_most("codes_lost", sum(map(len, lost.values())), 0),
            Measure("codes_added", sum(map(len, added.values()))),
        )
        if any(lost.values()):
            named = listed(f"{head} {code}" for head, codes in lost.items() for code in codes)
            return Finding(f"The champion answers {named}, which the challenger does not know.", measures)
        try:
            contest.taxonomy.require_compatible(ours)
        except InvalidTaxonomy as error:
            return Finding(error.message, (*measures, at_most("taxonomy_mismatch", 1, 0)))
        if any(added.values()):
            named = listed(f"{head} {code}" for head, codes in added.items() for code in codes)
            return Finding(f"The challenger adds {named}; every code of the champion stays.", measures)
        return Finding("Both models answer the same codes, and the city knows them all.", measures)


class NoLeakage:
    """A test row that was learned from flatters every figure below."""

    code: ClassVar[str] = "GAT003"
    title: ClassVar[str] = "no test row was trained on"
    may_be_forced: ClassVar[bool] = True

    def judge(self, contest: Contest) -> Finding:
        """Look for test rows that repeat or retell a row of the challenger's training."""
        known = contest.training
        leaked = retold(contest.test, known.texts)
        measures = (at_most("leaked_rows", len(leaked), 0), Measure("training_texts_compared", len(known.texts)))
        doubts = " ".join(known.doubts)
        if leaked:
            names = listed((row.id for row in leaked), _NAMED)
            told = f"{names} of the test rows nearly repeat texts that the challenger was trained on."
            return Finding(f"{told} {doubts}".strip(), measures)
        clean = f"None of {len(contest.test):,} test rows is retold in the {len(known.texts):,} training texts at hand."
        return Finding(f"{clean} {doubts}".strip(), measures, skipped=not known.proven)


class Int8Parity:
    """What ships is not quite the network that was trained; the difference is measured where it is made."""

    code: ClassVar[str] = "GAT013"
    title: ClassVar[str] = "int8 costs next to nothing"
    may_be_forced: ClassVar[bool] = True

    def judge(self, contest: Contest) -> Finding:
        """Read what the challenger's own proof says."""
        metrics = contest.challenger.bundle.manifest.metrics
        names = {head: f"int8_{head}_macro_f1_change" for head in HEADS}
        if missing := [head for head, name in names.items() if name not in metrics]:
            return Finding(
                f"The challenger does not say what int8 costs in {listed(missing)}; train its text part again.",
                (at_most("int8_proofs_missing", len(missing), 0),),
            )
        measures = tuple(Measure(name, metrics[name], -INT8_LOSS) for name in names.values())
        told = listed(f"{head} {100 * metrics[name]:+.2f}" for head, name in names.items())
        return Finding(f"Against float32, int8 changes macro-F1 by {told} points.", measures)
