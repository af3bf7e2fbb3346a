"""What the test rows do not show: real alerts that staff answered, and the parts that read no text."""

from typing import ClassVar

from evaluation.slices import LEAST_ROWS
from models.bundle import FileEntry, Manifest
from training.corpus_checks.check import listed
from training.promotion.contest import Contest
from training.promotion.gate import Finding, Measure, at_most
from training.promotion.paired import CHANCE, change_of_share
from triage.taxonomy import HEADS

# The figure of merit of each part that is trained beside the text, and how much of it may be lost.
_FIGURES = {
    "photo": (("photo_macro_f1", 0.02),),
    "fusion": (("fusion_clear_wrong", 0.02), ("fusion_vague_fitting", 0.05)),
    "duplicates": (("duplicates.adjusted_f1", 0.02), ("duplicates.link_first", 0.02)),
}


class NotWorseOnReviews:
    """The corpus was written for this project; these alerts were sent."""

    code: ClassVar[str] = "GAT014"
    title: ClassVar[str] = "not worse on the newest reviews"
    may_be_forced: ClassVar[bool] = True

    def judge(self, contest: Contest) -> Finding:
        """Compare the share of right answers on alerts of the random sample."""
        if len(contest.reviews) < LEAST_ROWS:
            return Finding(
                f"There are {len(contest.reviews)} answers of staff to alerts drawn at random that neither model was"
                f" trained on; {LEAST_ROWS} are needed.",
                skipped=True,
            )
        duel = contest.on_reviews
        measures, told = [Measure("review_rows", duel.rows)], []
        for head in HEADS:
            champion, challenger = duel.right(head)
            change = change_of_share(champion, challenger, CHANCE / len(HEADS))
            measures += [
                Measure(f"review_{head}_accuracy", float(challenger.mean())),
                Measure(f"review_{head}_accuracy_change", change.value),
                Measure(f"review_{head}_accuracy_change_high", change.high, 0),
            ]
            told.append(f"{head} {100 * change.value:+.1f} (at most {100 * change.high:+.1f})")
        return Finding(
            f"On {duel.rows} alerts that staff answered, accuracy changes by {listed(told)} points.", tuple(measures)
        )


class OtherParts:
    """Photos, fusion and duplicates are measured where they are trained; here the two records are compared."""

    code: ClassVar[str] = "GAT015"
    title: ClassVar[str] = "no other part is lost or worse"
    may_be_forced: ClassVar[bool] = True

    def judge(self, contest: Contest) -> Finding:
        """Compare the figures in both manifests of the parts that changed."""
        before, after = contest.champion.bundle.manifest, contest.challenger.bundle.manifest
        lost = [part for part in before.parts if part not in after.parts]
        changed = [part for part in _FIGURES if part in after.parts and part in before.parts]
        changed = [part for part in changed if _files(before, part) != _files(after, part)]
        measures, told = [at_most("parts_lost", len(lost), 0)], []
        for name, most in (figure for part in changed for figure in _FIGURES[part]):
            if name in before.metrics:
                change = after.metrics.get(name, float("nan")) - before.metrics[name]
                measures.append(Measure(f"{name}_change", change, -most))
                told.append(f"{name} {change:+.3f}")
        gone = f"The challenger lacks the parts {listed(lost)}. " if lost else ""
        if not changed:
            return Finding(f"{gone}All parts that both have but the text are the same files.", tuple(measures))
        return Finding(f"{gone}Changed: {listed(changed)}; as each bundle says, {listed(told)}.", tuple(measures))


def _files(manifest: Manifest, part: str) -> dict[str, FileEntry]:
    return {name: entry for name, entry in manifest.files.items() if name.startswith(f"{part}/")}
