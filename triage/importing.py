"""Takes a city's past alerts into the store, chunk by chunk, so that an import may be cut off and started again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from triage.alert_files import Line, id_of
from triage.errors import InvalidAlert
from triage.past_alerts import PastAlert, PastAlertReader
from triage.store.records import NewAlert
from triage.store.store import Store

# Adds what models say; in place of an alert that cannot be read after all, why.
Complete = Callable[[Sequence[tuple[PastAlert, NewAlert]]], Sequence[NewAlert | InvalidAlert]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that was not stored, and why."""

    line: int
    id: str | None
    code: str
    message: str


@dataclass(slots=True)
class Counts:
    """What became of the lines so far."""

    added: int = 0
    repeated: int = 0
    conflicting: int = 0
    bad: int = 0


class Importer:
    """Stores past alerts and counts what became of them.

    Args:
        store: where to.
        reader: checks the lines.
        complete: asks the models; without it nothing is predicted.
    """

    def __init__(self, store: Store, reader: PastAlertReader, complete: Complete | None = None) -> None:
        self._store = store
        self._reader = reader
        self._complete = complete
        self.counts = Counts()

    def take(self, lines: Sequence[Line]) -> list[Refusal]:
        """Store what is new among some lines, in one transaction.

        Raises:
            StoreFailed: the store cannot be read or written; nothing of these lines is stored.
        """
        refusals: list[Refusal] = []
        read: list[tuple[Line, PastAlert]] = []
        for line in lines:
            try:
                read.append((line, self._parse(line)))
            except InvalidAlert as error:
                refusals.append(_bad(line, error))
        fresh, others = self._sort(read)
        chosen = self._completed(fresh, refusals)
        ended = {past.id: past for _, past, _ in chosen}
        report = self._store.import_many(
            [new for _, _, new in chosen],
            closed={name: at for name, past in ended.items() if (at := self._reader.closed_at(past))},
            states={name: past.state for name, past in ended.items() if past.state is not None},
        )
        # Another process may have been faster with some of them.
        late = set(report.conflicting)
        others += [line for line, past, _ in chosen if past.id in late]
        refusals += [_conflict(line) for line in others]
        self.counts.bad += len(refusals) - len(others)
        self.counts.conflicting += len(others)
        self.counts.added += report.added
        self.counts.repeated += len(lines) - len(refusals) - report.added
        return sorted(refusals, key=lambda refusal: refusal.line)

    def _parse(self, line: Line) -> PastAlert:
        if line.fault:
            raise InvalidAlert((line.fault,))
        return self._reader.parse(line.content)

    def _sort(
        self, read: Sequence[tuple[Line, PastAlert]]
    ) -> tuple[list[tuple[Line, PastAlert, NewAlert]], list[Line]]:
        """What is new, and the lines whose id is stored with other content; repeats are in neither."""
        known = self._store.digests([past.id for _, past in read])
        fresh, others = [], []
        for line, past in read:
            new = self._reader.as_new(past)
            if past.id not in known:
                known[past.id] = new.content_sha256
                fresh.append((line, past, new))
            elif known[past.id] != new.content_sha256:
                others.append(line)
        return fresh, others

    def _completed(
        self, fresh: list[tuple[Line, PastAlert, NewAlert]], refusals: list[Refusal]
    ) -> list[tuple[Line, PastAlert, NewAlert]]:
        if self._complete is None or not fresh:
            return fresh
        kept = []
        answers = self._complete([(past, new) for _, past, new in fresh])
        for (line, past, _), answer in zip(fresh, answers, strict=True):
            if isinstance(answer, InvalidAlert):
                refusals.append(_bad(line, answer))
            else:
                kept.append((line, past, answer))
        return kept


def _bad(line: Line, error: InvalidAlert) -> Refusal:
    return Refusal(line.number, id_of(line.content), error.code, error.message)


def _conflict(line: Line) -> Refusal:
    message = "An alert with this id is stored already, with other content."
    return Refusal(line.number, id_of(line.content), "id_taken", message)
