"""Agents at the same moment, in threads and in processes: never one alert for two of them, nor two answers to one."""

import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from triage.store.errors import AlreadyDecided, ClaimedByOther
from triage.store.records import NewAlert, QueuePlace
from triage.store.review_records import MAIN_QUEUE, ReviewDecision
from triage.store.store import Store

MakeAlert = Callable[..., NewAlert]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=10)
ALERTS, AGENTS = 40, 4


def fill(store: Store, make: MakeAlert, count: int) -> None:
    for number in range(count):
        store.add(make(f"a-{number}", queue_place=QueuePlace("review", float(number))))


def work(store: Store, desk: str) -> list[str]:
    """Half of the agents, each of whom takes the next alert; then all answer theirs."""
    taken = {}
    for number in range(ALERTS // 2):
        agent = f"{desk} {number}"
        alert = store.claim_next(MAIN_QUEUE, agent, NOON, LATER)
        assert alert is not None
        taken[agent] = alert
    for agent, alert in taken.items():
        store.decide(ReviewDecision(alert.id, agent, NOON, alert.review_id, category="eau"))
    return [alert.id for alert in taken.values()]


def work_in_a_process(url: str, desk: str, started: Any, found: Any) -> None:
    with Store.open(url, migrate=False) as store:
        started.wait(timeout=60)
        found.put(work(store, desk))


def test_two_processes_share_the_queue_without_an_alert_in_common(store: Store, url: str, make: MakeAlert) -> None:
    fill(store, make, ALERTS)
    context = multiprocessing.get_context("spawn")
    started, found = context.Barrier(2), context.Queue()
    desks = [context.Process(target=work_in_a_process, args=(url, f"{name} desk", started, found)) for name in "ab"]
    for desk in desks:
        desk.start()
    done = [found.get(timeout=120) for _ in desks]
    for desk in desks:
        desk.join(timeout=60)
    assert sorted(name for part in done for name in part) == sorted(f"a-{number}" for number in range(ALERTS))
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
