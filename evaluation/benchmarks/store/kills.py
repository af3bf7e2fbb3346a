"""Writers that are killed at any moment lose nothing that they acknowledged, and leave nothing twice or half done."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from evaluation.benchmarks.store.alerts import BACK, DISTRICT, LATE, SPAN, START
from evaluation.benchmarks.store.writers import lane
from triage.places import distance_m
from triage.store.records import Search, StoredAlert
from triage.store.store import Store

# A writer stores some dozens of alerts before it is killed, and the kill falls anywhere into one.
_LONGEST_S = 0.12
_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class KillFigures:
    """What is in a store after its writers were killed.

    Attributes:
        kills: how often a writer was killed.
        acknowledged: alerts that a writer was told to be stored.
        stored: alerts in the store.
        sent_again: alerts that were stored when a kill cut off the answer, so that the next writer sent them again.
        lost: acknowledged alerts that are not stored.
        doubled: alerts or events that are there more than once.
        incomplete: stored alerts without their event, prediction, place or vector.
        uncalled: stored alerts that no writer can have sent.
    """

    kills: int
    acknowledged: int
    stored: int
    sent_again: int
    lost: int
    doubled: int
    incomplete: int
    uncalled: int

    @property
    def faults(self) -> int:
        """How much is wrong; 0 as it should be."""
        return self.lost + self.doubled + self.incomplete + self.uncalled


def bench_kills(
    url: str, key: str, kills: int, writers: int, advance: Callable[[], None], options: Sequence[str] = ()
) -> KillFigures:
    """Kill writers at random while they and others write, then look at what is stored.

    Args:
        url: an empty store of its own.
        key: for personal data.
        kills: how many writers are killed in all.
        writers: how many write at the same time.
        advance: called after each kill, for a progress bar.
        options: of the writers' Python interpreter.
    """
    Store.open(url).close()  # the tables are there before anyone is killed
    shares = {f"lane{number}": len(range(number, kills, writers)) for number in range(writers)}

    def work(name: str) -> tuple[int, int]:
        chance, sent_again = random.Random(name), 0
        with lane(name, url, key, options) as row:
            for _ in range(shares[name]):
                sent_again += row.write(chance.uniform(0, _LONGEST_S)).repeated
                advance()
            return row.acknowledged, sent_again

    with ThreadPoolExecutor(writers) as pool:
        done = dict(zip(shares, pool.map(work, shares), strict=True))
    with Store.open(url) as store:
        return inspect(store, kills, done)


def inspect(store: Store, kills: int, done: Mapping[str, tuple[int, int]]) -> KillFigures:
    """Look at what writers left in a store.

    Args:
        store: theirs alone.
        kills: how often one was killed.
        done: by row of writers, how many alerts were acknowledged and how many of these had been stored before.
    """
    stored = Counter(alert.id for alert in _alerts(store))
    told = Counter(_events(store))
    acknowledged = {f"{name}-{number}" for name, (count, _) in done.items() for number in range(count)}
    # A kill may fall between the commit and the answer: one alert more for each row of writers.
    possible = acknowledged | {f"{name}-{count}" for name, (count, _) in done.items()}
    whole = {alert.id for alert in _alerts(store) if alert.prediction is not None} & set(told) & _found_by_place(store)
    return KillFigures(
        kills=kills,
        acknowledged=len(acknowledged),
        stored=len(stored),
        sent_again=sum(again for _, again in done.values()),
        lost=len(acknowledged - set(stored)),
        doubled=sum(count - 1 for found in (stored, told) for count in found.values()),
        incomplete=len(set(stored) - whole),
        uncalled=len((set(stored) | set(told)) - possible),
    )


def _alerts(store: Store) -> Iterator[StoredAlert]:
    page = store.alerts()
    yield from page.alerts
    while page.cursor is not None:
        page = store.alerts(cursor=page.cursor)
        yield from page.alerts


def _events(store: Store) -> Iterator[str]:
    seq = 0
    while events := store.events_since(seq, _PAGE):
        yield from (event.alert_id for event in events)
        seq = events[-1].seq


def _found_by_place(store: Store) -> set[str]:
    lat, lon = (DISTRICT.south + DISTRICT.north) / 2, (DISTRICT.west + DISTRICT.east) / 2
    reach_m = distance_m(lat, lon, DISTRICT.south, DISTRICT.west) + 1
    everything = Search(lat, lon, reach_m, START - BACK, START + SPAN + LATE, limit=1_000_000)
    return {neighbour.id for neighbour in store.near(everything) if neighbour.vector is not None}
