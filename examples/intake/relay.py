"""One stream of the service for all open pages; each gets the events of its own alert."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager

from ondijon_triage_client import AsyncTriageClient, Event, TriageClientError

# The service sends what has happened at once, as soon as it answers; what comes after such a silence is new.
FIRST_S, QUIET_S = 5.0, 0.5
LONGEST_HISTORY = 200
MOST_PAGES = 500
_PENDING = 100
_AGAIN_S = 5.0
logger = logging.getLogger("intake")

Waiting = asyncio.Queue[Event | None]


class TooManyPages(Exception):
    """No more pages can be told live; whoever comes now may look again later."""


class Relay:
    """Follows the service's stream.

    Args:
        client: the service.
    """

    def __init__(self, client: AsyncTriageClient) -> None:
        self._client = client
        self._pages: defaultdict[str, set[Waiting]] = defaultdict(set)
        self._open = 0
        # Histories are streams as well, of which the service gives a key a few.
        self._reading = asyncio.Semaphore(3)

    async def run(self) -> None:
        """Tell every open page what happens to its alert, until cancelled."""
        while True:
            try:
                async with aclosing(self._client.events()) as events:
                    async for event in events:
                        for page in self._pages.get(event.subject, ()):
                            _tell(page, event)
            except TriageClientError as error:
                logger.warning("The event stream ended: %s", error)
            # What happens meanwhile is in the history that a page asks for when it comes back.
            for pages in self._pages.values():
                for page in pages:
                    _tell(page, None)
            await asyncio.sleep(_AGAIN_S)

    async def history(self, alert_id: str, after: str = "0") -> list[Event]:
        """What has happened to an alert since a position.

        Raises:
            TriageClientError: the service cannot be asked.
        """
        known = _number(after)
        found: list[Event] = []
        # The event before is asked for as well: it always comes, and then the rest comes at once or not at all.
        from_there = self._client.events(alert_id, position=str(max(known - 1, 0)), patience_s=FIRST_S)
        async with self._reading, aclosing(from_there) as events:
            while len(found) < LONGEST_HISTORY:
                try:
                    found.append(await asyncio.wait_for(anext(events), QUIET_S if found else FIRST_S))
                except TimeoutError:
                    break
        return [event for event in found if _number(event.position) > known]

    async def live(self, alert_id: str, after: str) -> AsyncGenerator[Event, None]:
        """What has happened to an alert since a position, and then what happens; it may end at any time.

        Raises:
            TooManyPages: as many pages are open as can be told.
            TriageClientError: the service cannot be asked.
        """
        with self._page(alert_id) as page:
            last = _number(after)
            for event in await self.history(alert_id, after):
                last = max(last, _number(event.position))
                yield event
            while (told := await page.get()) is not None:
                if _number(told.position) > last:
                    last = _number(told.position)
                    yield told

    @contextmanager
    def _page(self, alert_id: str) -> Iterator[Waiting]:
        if self._open >= MOST_PAGES:
            raise TooManyPages
        page: Waiting = asyncio.Queue(_PENDING)
        self._pages[alert_id].add(page)
        self._open += 1
        try:
            yield page
        finally:
            self._open -= 1
            self._pages[alert_id].discard(page)
            if not self._pages[alert_id]:
                del self._pages[alert_id]


def _tell(page: Waiting, event: Event | None) -> None:
    if page.full():  # it is not read any more: let it end, and come back if it is still there
        while not page.empty():
            page.get_nowait()
        event = None
    page.put_nowait(event)


def _number(position: str) -> int:
    return int(position) if position.isascii() and position.isdigit() else 0
