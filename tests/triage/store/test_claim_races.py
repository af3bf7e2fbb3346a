"""Agents at the same moment, in threads and in processes: never one alert for two of them, nor two answers to one."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from tests.triage.store.claims import ALERTS, LATER, NOON
from triage.settings import PROJECT_ROOT
from triage.store.errors import AlreadyDecided, ClaimedByOther
from triage.store.records import NewAlert, QueuePlace
from triage.store.review_records import MAIN_QUEUE, ReviewDecision
from triage.store.store import Store

MakeAlert = Callable[..., NewAlert]
AGENTS = 4


def fill(store: Store, make: MakeAlert, count: int) -> None:
    for number in range(count):
        store.add(make(f"a-{number}", queue_place=QueuePlace("review", float(number))))


@contextmanager
def a_desk(url: str, name: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "tests.triage.store.claiming_desk", url, name]
    with subprocess.Popen(
        command, cwd=PROJECT_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as desk:
        try:
            assert desk.stdout
            assert desk.stdout.readline() == "open\n"
            yield desk
        finally:
            desk.kill()


def test_two_processes_share_the_queue_without_an_alert_in_common(store: Store, url: str, make: MakeAlert) -> None:
    fill(store, make, ALERTS)
    with a_desk(url, "a") as one, a_desk(url, "b") as other, ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda desk: desk.communicate("begin\n", timeout=120)[0], (one, other)))
    taken = [name for answer in answers for name in json.loads(answer)]
    assert sorted(taken) == sorted(f"a-{number}" for number in range(ALERTS))
    assert store.queue_counts()["review"] == 0


def test_threads_that_claim_at_once_get_different_alerts(store: Store, make: MakeAlert) -> None:
    fill(store, make, AGENTS)
    barrier = threading.Barrier(AGENTS)

    def claim(number: int) -> str | None:
        barrier.wait(timeout=30)
        alert = store.claim_next(MAIN_QUEUE, f"agent {number}", NOON, LATER)
        return alert and alert.id

    with ThreadPoolExecutor(AGENTS) as pool:
        assert set(pool.map(claim, range(AGENTS))) == {f"a-{number}" for number in range(AGENTS)}


def test_of_answers_at_the_same_moment_one_counts(store: Store, make: MakeAlert) -> None:
    alert = store.add(make(queue_place=QueuePlace("review", 1.0))).alert
    barrier = threading.Barrier(AGENTS)

    def decide(number: int) -> bool:
        barrier.wait(timeout=30)
        try:
            store.decide(ReviewDecision(alert.id, f"agent {number}", NOON, alert.review_id, category=f"c{number}"))
        except (AlreadyDecided, ClaimedByOther):
            return False
        return True

    with ThreadPoolExecutor(AGENTS) as pool:
        assert sorted(pool.map(decide, range(AGENTS))) == [False] * (AGENTS - 1) + [True]
    assert len(store.history("a-1")) == 1
