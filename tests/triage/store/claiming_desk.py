"""A desk in a process of its own: opens the store of a URL, waits for a line, then works and prints what it took.

Half of the agents sit here. Each takes the next alert; then all answer theirs.
"""

import json
import sys

from tests.triage.store.claims import ALERTS, LATER, NOON
from triage.store.review_records import MAIN_QUEUE, ReviewDecision
from triage.store.store import Store


def work(store: Store, desk: str) -> list[str]:
    taken = {}
    for number in range(ALERTS // 2):
        agent = f"{desk} {number}"
        alert = store.claim_next(MAIN_QUEUE, agent, NOON, LATER)
        assert alert is not None
        taken[agent] = alert
    for agent, alert in taken.items():
        store.decide(ReviewDecision(alert.id, agent, NOON, alert.review_id, category="eau"))
    return [alert.id for alert in taken.values()]


def main(url: str, desk: str) -> None:
    with Store.open(url, migrate=False) as store:
        sys.stdout.write("open\n")
        sys.stdout.flush()
        sys.stdin.readline()
        sys.stdout.write(json.dumps(work(store, desk)))


if __name__ == "__main__":
    main(*sys.argv[1:])
