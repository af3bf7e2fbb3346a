"""All checks in the order of their codes, and how they are run."""

from collections.abc import Iterable, Sequence
from typing import Final

from training.corpus_checks.balance import CategoryCoverage, CodesPresent, SplitsComplete, UniqueIds
from training.corpus_checks.check import Check, Finding
from training.corpus_checks.duplicates import Contradictions, LeaksBetweenSplits, NearDuplicates
from training.corpus_checks.templates import AccentlessShare, FrequentOpenings, MedianLength, RecurringPhrases
from triage.corpus import LabelledAlert
from triage.taxonomy import Taxonomy

CHECKS: Final[tuple[Check, ...]] = (
    UniqueIds(),
    CategoryCoverage(),
    CodesPresent(),
    SplitsComplete(),
    NearDuplicates(),
    LeaksBetweenSplits(),
    Contradictions(),
    RecurringPhrases(),
    FrequentOpenings(),
    AccentlessShare(),
    MedianLength(),
)


def run_checks(
    rows: Sequence[LabelledAlert], taxonomy: Taxonomy, checks: Iterable[Check] = CHECKS
) -> tuple[Finding, ...]:
    """Everything that the checks find, in the order of the checks; empty when the corpus passes.

    Unknown codes need no check here: `read_corpus` refuses them.
    """
    return tuple(
        Finding(check.code, check.title, message) for check in checks for message in check.find(rows, taxonomy)
    )
