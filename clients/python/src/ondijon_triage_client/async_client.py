"""The client for event loops."""

import asyncio
import random
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from ondijon_triage_client import calls
from ondijon_triage_client.alerts import Alert, PhotoSource
from ondijon_triage_client.answers import Cluster, Event, LinkedAlert, Prediction, Receipt, StoredAlert
from ondijon_triage_client.batches import AnyAlert, BatchLimits, BatchResult, Chunk, Chunker, Progress, prepare
from ondijon_triage_client.calls import AlertQuery
from ondijon_triage_client.connection import LOCAL, connection
from ondijon_triage_client.exchange import Call, Send, Wait, exchange
from ondijon_triage_client.retrying import Outcome, RetryPolicy
from ondijon_triage_client.stream import Following, stream_params

Answer = TypeVar("Answer")


class AsyncTriageClient:
    """Talks to the triage service; close it at the end, or use it in an `async with`. It belongs to one event loop.

    Args:
        base_url: the service's address.
        key: an API key; by default the environment variable TRIAGE_KEY.
        timeout_s: longest silence of the service in one attempt.
        retry: when and how often a request is repeated.
        http: further arguments of `httpx.AsyncClient`, such as `verify`, `proxy` or `trust_env`.

    Raises:
        MissingKey: there is no key.
    """

    def __init__(
        self,
        base_url: str = LOCAL,
        key: str | None = None,
        *,
        timeout_s: float = 30.0,
        retry: RetryPolicy | None = None,
        **http: Any,
    ) -> None:
        self._connection = connection(base_url, key, timeout_s, retry)
        self._http = httpx.AsyncClient(**(http | self._connection.options()))

    def __repr__(self) -> str:
        return f"AsyncTriageClient({self._connection.base_url!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Give back all connections."""
        await self._http.aclose()

    async def predict(self, alert: Alert, *, explain: bool = False) -> Prediction:
        """Triage one alert without storing it; with `explain` its answer says which words spoke for what."""
        return await self._run(calls.predict(alert, explain=explain))

    async def predict_batch(
        self,
        alerts: Iterable[AnyAlert] | AsyncIterable[AnyAlert],
        *,
        concurrency: int = 4,
        limits: BatchLimits | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> AsyncGenerator[BatchResult, None]:
        """Triage any number of alerts, and give their answers in order.

        Args:
            alerts: alerts, or mappings in the form of the service's contract.
            concurrency: requests under way at a time; so many are held in memory at most.
            limits: how large one request may become.
            progress: is told after each request how far the stream is.
        """
        if concurrency < 1:
            raise ValueError("concurrency must be at least 1.")
        chunker = Chunker(limits or BatchLimits(), progress)
        under_way: deque[asyncio.Task[list[BatchResult]]] = deque()
        try:
            async for chunk in _chunks(alerts, chunker):
                if len(under_way) == concurrency:
                    for result in chunker.counted(await under_way.popleft()):
                        yield result
                under_way.append(asyncio.create_task(self._answered(chunk)))
            while under_way:
                for result in chunker.counted(await under_way.popleft()):
                    yield result
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def create_alert(self, alert: Alert) -> Receipt:
        """Triage an alert and store it; the same alert again gets the same answer."""
        return await self._run(calls.create_alert(alert))

    async def get_alert(self, alert_id: str) -> StoredAlert:
        """Read a stored alert."""
        return await self._run(calls.get_alert(alert_id))

    async def list_alerts(self, query: AlertQuery | None = None) -> AsyncGenerator[StoredAlert, None]:
        """Stored alerts, newest first; further pages are asked for as they are needed."""
        chosen, cursor, is_first = query or AlertQuery(), None, True
        while is_first or cursor is not None:
            page = await self._run(calls.list_alerts(chosen, cursor))
            for alert in page.alerts:
                yield alert
            cursor, is_first = page.cursor, False

    async def duplicates(self, alert_id: str) -> tuple[LinkedAlert, ...]:
        """What ties an alert to others and why, likeliest first."""
        return (await self._run(calls.duplicates(alert_id))).duplicates

    async def cluster(self, cluster_id: str) -> Cluster:
        """Read a cluster of duplicates."""
        return await self._run(calls.cluster(cluster_id))

    async def close_alert(self, alert_id: str) -> StoredAlert:
        """Say that the fault of an alert is dealt with."""
        return await self._run(calls.close(alert_id))

    async def reopen_alert(self, alert_id: str) -> StoredAlert:
        """Say that the fault of an alert is not dealt with after all."""
        return await self._run(calls.reopen(alert_id))

    async def status(
        self,
        alert_id: str,
        status: str,
        *,
        note: str | None = None,
        department: str | None = None,
        expected_at: datetime | None = None,
    ) -> StoredAlert:
        """Report progress, which the reporter learns of.

        Args:
            alert_id: which alert.
            status: `in_progress`, `closed` or `open`.
            note: for the reporter, up to 500 characters.
            department: code of the department that reports.
            expected_at: when the fault should be dealt with.
        """
        return await self._run(calls.status(alert_id, status, note, department, expected_at))

    async def return_alert(
        self, alert_id: str, department: str, reason: str, *, proposed: str | None = None
    ) -> StoredAlert:
        """Give back an alert that came to the wrong department; staff look at it.

        Args:
            alert_id: which alert.
            department: code of the department that gives it back.
            reason: for staff.
            proposed: code of the department that it should go to.
        """
        return await self._run(calls.return_alert(alert_id, department, reason, proposed))

    async def add(
        self,
        alert_id: str,
        *,
        text: str | None = None,
        photos: Sequence[PhotoSource] = (),
        version: int | None = None,
        idempotency_key: str | None = None,
    ) -> StoredAlert:
        """Add words or photos to a stored alert, which is triaged again.

        Args:
            alert_id: which alert.
            text: what the reporter says more.
            photos: paths or bytes.
            version: `StoredAlert.version` as it was read; where others added something since, this is a `Conflict`.
            idempotency_key: names this addition, so that asking for it again changes nothing; made up where none is
                given, and then the same for all attempts of this call.
        """
        return await self._run(calls.add(alert_id, text, photos, version, idempotency_key))

    async def withdraw(self, alert_id: str) -> StoredAlert:
        """Take an alert back."""
        return await self._run(calls.withdraw(alert_id))

    async def events(
        self,
        alert_id: str | None = None,
        *,
        kinds: Sequence[str] = (),
        position: str | None = None,
        patience_s: float = 900.0,
    ) -> AsyncGenerator[Event, None]:
        """Follow what happens, without end; after a break it goes on where it was. An event may come twice.

        Args:
            alert_id: of one alert alone.
            kinds: of these kinds alone, such as `alert.closed`; none means all.
            position: `Event.position` of the last event that was seen; `"0"` begins with the first there is, None
                with the next that happens.
            patience_s: seconds without any connection after which to give up.
        """
        params = stream_params(alert_id, kinds)
        following = Following(params, position, self._connection.retry, patience_s, time.monotonic, random.random)
        while True:
            ended: Outcome | None = None
            try:
                async with self._http.stream(**following.request(self._connection.timeout_s)) as response:
                    if response.is_success:
                        following.opened(response)
                        async for text in response.aiter_text():
                            for event in following.read(text):
                                yield event
                    else:
                        await response.aread()
                        ended = response
            except httpx.TransportError as error:
                ended = error
            await asyncio.sleep(following.wait_s(ended))

    async def _answered(self, chunk: Chunk) -> list[BatchResult]:
        documents = chunk.documents()
        return chunk.results(await self._run(calls.predict_batch(documents)) if documents else [])

    async def _run(self, call: Call[Answer]) -> Answer:
        own = self._connection
        steps = exchange(call, own.retry, own.timeout_s, time.monotonic, random.random)
        outcome: Outcome | None = None
        try:
            while True:
                outcome = await self._take(steps.send(outcome), call)
        except StopIteration as end:
            response: httpx.Response = end.value
        return call.read(response)

    async def _take(self, step: Send | Wait, call: Call[Any]) -> Outcome | None:
        if isinstance(step, Wait):
            await asyncio.sleep(step.seconds)
            return None
        try:
            return await self._http.request(**call.request(step.timeout_s))
        except httpx.TransportError as error:
            return error


async def _chunks(alerts: Iterable[AnyAlert] | AsyncIterable[AnyAlert], chunker: Chunker) -> AsyncIterator[Chunk]:
    async for alert in _one_by_one(alerts):
        # To read photos takes a moment, in which others go on.
        has_photos = isinstance(alert, Alert) and alert.photos
        prepared = await asyncio.to_thread(prepare, alert) if has_photos else prepare(alert)
        if (full := chunker.add(prepared)) is not None:
            yield full
    yield chunker.rest()


async def _one_by_one(alerts: Iterable[AnyAlert] | AsyncIterable[AnyAlert]) -> AsyncIterator[AnyAlert]:
    if isinstance(alerts, AsyncIterable):
        async for alert in alerts:
            yield alert
    else:
        for alert in alerts:
            yield alert
