"""Writes alerts until it is killed: a program of its own, which `writers.py` starts.

The first two lines on standard input are the store's URL and the key for personal data; each later one, `LANE NUMBER`,
starts a new writer. Lines out: `start PID`, then for each alert that the store acknowledged `stored MOMENT`, or
`repeated MOMENT` where it had it already, in seconds of the machine's monotonic clock, and `gone` when the writer has
ended. Writers are forked, so that the libraries load once.
"""

import itertools
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from evaluation.benchmarks.store.alerts import district_alert, search_around
from triage.store.personal import PersonalKeys
from triage.store.records import Linking, Neighbour, NewEvent
from triage.store.store import Store

ORIGINAL = "the text as it was sent"
# Alerts as near as this join one cluster.
_SAME_PLACE_M = 25


def main() -> None:
    """Fork a writer for each line, and wait until it is killed."""
    url, key = (sys.stdin.readline().strip() for _ in range(2))
    for line in sys.stdin:
        lane, first = line.split()
        child = os.fork()
        if child == 0:
            _say("start", os.getpid())
            _write(url, key, lane, int(first))
        os.waitpid(child, 0)
        _say("gone")


def _write(url: str, key: str, lane: str, first: int) -> None:
    """Store alert after alert, each with all that can belong to one."""
    with Store.open(url, key=PersonalKeys([key])) as store:
        for number in itertools.count(first):
            new = replace(district_alert(f"{lane}-{number}"), original=ORIGINAL)
            assert new.lat is not None and new.lon is not None  # noqa: S101 - so for every made-up alert
            search = search_around(new.lat, new.lon, new.created_at)
            added = store.add(new, _link, search, [NewEvent("alert.received", {"id": new.id})])
            _say("stored" if added.created else "repeated", time.monotonic())


def _link(found: Sequence[Neighbour]) -> Linking:
    near = found[0].id if found and found[0].distance_m <= _SAME_PLACE_M else None
    return Linking(join=near)


def _say(word: str, number: float | None = None) -> None:
    sys.stdout.write(word + ("" if number is None else f" {number}") + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
