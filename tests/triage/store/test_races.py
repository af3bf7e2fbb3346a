"""Two at the same moment: one waits for the other, and sees what it did."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from triage.store.errors import IdTaken
from triage.store.records import Added, Linking, Neighbour, NewAlert, NewEvent, Search
from triage.store.store import Store

MakeAlert = Callable[..., NewAlert]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HERE = Search(47.3220, 5.0415, 200, NOON - timedelta(days=1), NOON + timedelta(days=1))
WRITERS = 4


@pytest.fixture(params=["one store", "a store each"])
def stores(request: pytest.FixtureRequest, url: str) -> Iterator[list[Store]]:
    """As threads of one process share a store, or as processes share a database."""
    opened = [Store.open(url) for _ in range(1 if request.param == "one store" else WRITERS)]
    yield (opened * WRITERS)[:WRITERS]
    for store in opened:
        store.close()


def at_once(stores: list[Store], act: Callable[[Store, int], object]) -> list[object]:
    barrier = threading.Barrier(len(stores))

    def run(number: int) -> object:
        barrier.wait(timeout=30)
        try:
            return act(stores[number], number)
        except IdTaken as error:
            return error

    with ThreadPoolExecutor(len(stores)) as pool:
        return list(pool.map(run, range(len(stores))))


def join_nearest(neighbours: Sequence[Neighbour]) -> Linking:
    return Linking(join=neighbours[0].id if neighbours else None)


def test_duplicates_that_arrive_together_share_a_cluster(stores: list[Store], make: MakeAlert) -> None:
    for turn in range(5):
        place = {"lat": 47.0 + turn / 10}
        here = Search(place["lat"], 5.0415, 200, HERE.since, HERE.until)

        def add(
            store: Store, number: int, turn: int = turn, place: dict[str, float] = place, here: Search = here
        ) -> Added:
            return store.add(make(f"{turn}-{number}", **place), link=join_nearest, search=here)

        at_once(stores, add)
        clusters = {one.cluster_id for one in stores[0].near(here)}
        assert len(clusters) == 1 and None not in clusters
        assert len(stores[0].near(here)) == WRITERS


def test_one_id_sent_at_the_same_moment_is_stored_once(stores: list[Store], make: MakeAlert) -> None:
    for turn in range(5):
        name = f"same-{turn}"
        results = at_once(stores, lambda store, _, name=name: store.add(make(name), events=[NewEvent("received", {})]))  # type: ignore[misc]
        assert sorted(added.created for added in results if isinstance(added, Added)) == [False] * (WRITERS - 1) + [
            True
        ]
    assert len(stores[0].events_since(0, 100)) == 5


def test_one_id_with_other_content_at_the_same_moment_is_stored_once(stores: list[Store], make: MakeAlert) -> None:
    results = at_once(stores, lambda store, number: store.add(make("same", text=f"text {number}")))
    assert sum(isinstance(result, Added) for result in results) == 1
    assert sum(isinstance(result, IdTaken) for result in results) == WRITERS - 1


def test_events_become_visible_in_the_order_of_their_numbers(stores: list[Store], make: MakeAlert) -> None:
    done = threading.Event()
    seen: list[int] = []

    def follow() -> None:
        while True:
            finished = done.is_set()
            new = stores[0].events_since(seen[-1] if seen else 0, 3)
            seen.extend(event.seq for event in new)
            if finished and not new:
                return

    def write(store: Store, number: int) -> None:
        for turn in range(15):
            store.add(make(f"{number}-{turn}"), events=[NewEvent("a", {}), NewEvent("b", {})])

    with ThreadPoolExecutor(1) as pool:
        follower = pool.submit(follow)
        at_once(stores, write)
        done.set()
        follower.result(timeout=60)
    assert len(seen) == len(set(seen)) == WRITERS * 15 * 2


def test_merges_at_the_same_moment_end_in_one_cluster(stores: list[Store], make: MakeAlert) -> None:
    for number in range(2 * WRITERS):
        stores[0].add(make(f"a-{number}"))
    at_once(stores, lambda store, number: store.link(f"a-{2 * number}", f"a-{2 * number + 1}"))
    at_once(stores, lambda store, number: store.link(f"a-{2 * number}", f"a-{(2 * number + 3) % (2 * WRITERS)}"))
    assert len({alert.cluster_id for alert in stores[0].alerts().alerts}) == 1


def test_stores_opened_at_the_same_moment_make_the_tables_once(url: str, make: MakeAlert) -> None:
    barrier = threading.Barrier(6)

    def open_one(number: int) -> Store:
        barrier.wait(timeout=30)
        store = Store.open(url)
        store.add(make(f"a-{number}"))
        return store

    with ThreadPoolExecutor(6) as pool:
        opened = list(pool.map(open_one, range(6)))
    assert opened[0].counts()["open"] == 6
    for store in opened:
        store.close()
