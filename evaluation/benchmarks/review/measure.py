"""Pages and decisions on two queues, measured in turn so that noise hits both alike."""

import contextlib
import itertools
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from evaluation.benchmarks.review.alerts import waiting_alerts
from evaluation.benchmarks.review.visitor import Visitor
from evaluation.benchmarks.server import running_server
from models.bundle import TAXONOMY
from triage.store.store import Store
from triage.taxonomy import load_taxonomy

Advance = Callable[[str, int], None]

_CHUNK = 5_000
_WARM_UP = 10
_ROUNDS = 3
_NAME = "bench"


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds."""

    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class DeskTimes:
    """One queue: how many alerts waited, and how long page, decision and a request that does nothing took."""

    waiting: int
    page: Times
    decision: Times
    empty: Times


@dataclass(frozen=True, slots=True)
class ReviewFigures:
    """The short queue and the long one, as seen by one agent over loopback; of three parts the one in the middle."""

    few: DeskTimes
    many: DeskTimes

    @property
    def page_ratio(self) -> float:
        """The slowest twentieth of pages, the long queue against the short one."""
        return self.many.page.p95_ms / self.few.page.p95_ms

    @property
    def decision_ratio(self) -> float:
        """The same of decisions."""
        return self.many.decision.p95_ms / self.few.decision.p95_ms


def bench_review(
    bundle: Path, folder: Path, counts: tuple[int, int], decisions: int, advance: Advance
) -> ReviewFigures:
    """Work through a short and a long queue.

    Args:
        bundle: what the servers load.
        folder: an empty folder with room for 200 MB.
        counts: alerts in the short and in the long queue.
        decisions: how many alerts are decided in each.
        advance: called with what is being done and the steps gained, for a progress bar.
    """
    with contextlib.ExitStack() as stack:
        visitors = [stack.enter_context(_visit(bundle, folder, count, advance)) for count in counts]
        taken: list[list[tuple[float, float, float]]] = [[] for _ in visitors]
        for turn in range(_WARM_UP + decisions):
            order = range(len(visitors)) if turn % 2 else reversed(range(len(visitors)))
            for index in order:
                seconds = _one_alert(visitors[index])
                if turn >= _WARM_UP:
                    taken[index].append(seconds)
            advance("deciding", 1)
    rounds = [
        ReviewFigures(*(_times(count, rows[start::_ROUNDS]) for count, rows in zip(counts, taken, strict=True)))
        for start in range(_ROUNDS)
    ]
    return sorted(rounds, key=lambda figures: figures.page_ratio)[_ROUNDS // 2]


def bench_steps(counts: tuple[int, int], decisions: int) -> int:
    """How many steps `bench_review` advances in all."""
    return sum(-(-count // _CHUNK) for count in counts) + _WARM_UP + decisions


@contextlib.contextmanager
def _visit(bundle: Path, folder: Path, count: int, advance: Advance) -> Iterator[Visitor]:
    """A server on a queue of so many alerts, with an agent signed in."""
    url = f"sqlite:///{folder / f'{count}.db'}"
    taxonomy = load_taxonomy(bundle / TAXONOMY)
    with Store.open(url) as store:
        supply = waiting_alerts(count, taxonomy, datetime.now(UTC))
        while chunk := list(itertools.islice(supply, _CHUNK)):
            store.import_many(chunk)
            advance(f"filling a queue with {count:,} alerts", 1)
    password = secrets.token_urlsafe()
    _add_account({"TRIAGE_STORE": url, "TRIAGE_STATE_DIR": str(folder / "accounts")}, password)
    with running_server(bundle, {"TRIAGE_STORE": url}) as server:
        visitor = Visitor(server.base, _NAME, password)
        try:
            yield visitor
        finally:
            visitor.close()


def _add_account(settings: dict[str, str], password: str) -> None:
    command = [str(Path(sys.executable).with_name("triage")), "user", "add", _NAME, "--role", "agent"]
    subprocess.run(  # noqa: S603 - our own command
        [*command, "--password-stdin"],
        input=password,
        env=os.environ | settings,
        encoding="utf-8",
        stdout=subprocess.DEVNULL,
        check=True,
    )


def _one_alert(visitor: Visitor) -> tuple[float, float, float]:
    """Seconds of the page, of the decision and of a request that does nothing."""
    page, form = visitor.queue_page()
    return page, visitor.decide(form), visitor.empty()


def _times(count: int, rows: list[tuple[float, float, float]]) -> DeskTimes:
    pages, decisions, empty = (_percentiles(list(column)) for column in zip(*rows, strict=True))
    return DeskTimes(count, pages, decisions, empty)


def _percentiles(seconds: list[float]) -> Times:
    ordered = sorted(seconds)
    p50, p95 = (round(1000 * ordered[int(share * len(ordered))], 2) for share in (0.5, 0.95))
    return Times(p50, p95)
