"""What commands share that write rows of a corpus."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from triage.corpus import LabelledAlert


def nearly_repeated(rows: "Sequence[LabelledAlert]", known: "Sequence[LabelledAlert]") -> frozenset[str]:
    """The ids of rows that `triage data check` would take for another row, or for a known one, told again."""
    left_out: frozenset[str] = frozenset()
    # How much a word weighs depends on the rows that are there, so leaving some out may bring others together.
    while found := _repeats([row for row in rows if row.id not in left_out], known):
        left_out |= found
    return left_out


def _repeats(rows: "Sequence[LabelledAlert]", known: "Sequence[LabelledAlert]") -> frozenset[str]:
    from training.corpus_checks.duplicates import LeaksBetweenSplits, NearDuplicates, similar_pairs

    least_alike = {True: LeaksBetweenSplits().threshold, False: NearDuplicates().threshold}
    ours = {row.id for row in rows}
    others = [row for row in known if row.id not in ours]
    found: set[str] = set()
    for pair in similar_pairs([*others, *rows], min(least_alike.values())):
        pair_ids = {pair.first.id, pair.second.id}
        if pair.similarity >= least_alike[pair.straddles] and pair.second.id in ours and not pair_ids & found:
            found.add(pair.second.id)
    return frozenset(found)


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[IO[str]]:
    """A file for its owner alone, which is there when all of it is."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            yield stream
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
