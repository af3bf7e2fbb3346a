"""The event stream: server-sent events read piece by piece, and where to go on after a break."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import ValidationError

from ondijon_triage_client.answers import Event
from ondijon_triage_client.errors import ServiceUnreachable, UnexpectedAnswer, raise_for_problem
from ondijon_triage_client.exchange import unreachable
from ondijon_triage_client.retrying import Outcome, RetryPolicy, is_passing

PATH = "/v1/events"
MEDIA_TYPE = "text/event-stream"
# The service sends a sign of life more often than that; the connection is dead where none comes.
SILENCE_S = 60.0
LONGEST_MESSAGE = 1_000_000


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a stream, as the HTML standard has them."""

    id: str
    event: str
    data: str


class MessageReader:
    """Puts messages together from pieces of text that end anywhere.

    Lines end where the standard says, at CR, LF or both; `httpx.Response.iter_lines` would end them at U+2028 too,
    which may stand in the data.

    Attributes:
        last_id: where the stream is; a message without data says that too.
    """

    def __init__(self) -> None:
        self.last_id = ""
        self._rest = ""
        self._is_first = True
        self._id = ""
        self._event = ""
        self._data: list[str] = []
        self._size = 0

    def read(self, text: str) -> Iterator[Message]:
        """The messages that a piece of text completes.

        Raises:
            UnexpectedAnswer: a message has more than a million characters.
        """
        if self._is_first and text:
            self._is_first, text = False, text.removeprefix("\ufeff")
        whole = self._rest + text
        # A CR at the end may be the first half of a CR and LF.
        held = "\r" if whole.endswith("\r") else ""
        lines = whole.removesuffix(held).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._rest = lines.pop() + held
        for line in lines:
            if line:
                self._field(line)
            elif message := self._finished():
                yield message
        if len(self._rest) + self._size > LONGEST_MESSAGE:
            raise UnexpectedAnswer(f"The stream holds a message of more than {LONGEST_MESSAGE:,} characters.")

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        self._size += len(value)
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self._id = value

    def _finished(self) -> Message | None:
        message = Message(self._id, self._event, "\n".join(self._data)) if self._data else None
        self._event, self._data, self._size = "", [], 0
        self.last_id = self._id
        return message


class Following:
    """One who follows the stream: from where on, and how long to wait after a break.

    Args:
        params: the query.
        position: `Event.position` of the last event that was seen; None begins where the service does.
        policy: the waits between attempts; how many there are, `patience_s` decides.
        patience_s: seconds without any connection after which to give up.
        clock: seconds from any point in time.
        draw: gives a number from 0 to 1.
    """

    def __init__(
        self,
        params: dict[str, str],
        position: str | None,
        policy: RetryPolicy,
        patience_s: float,
        clock: Callable[[], float],
        draw: Callable[[], float],
    ) -> None:
        self._params = params
        self._position = position
        self._policy = RetryPolicy(1_000_000, policy.first_wait_s, policy.longest_wait_s, patience_s)
        self._clock = clock
        self._draw = draw
        self._reader = MessageReader()
        self._attempts = 0
        self._lost_at: float | None = None

    def request(self, timeout_s: float) -> dict[str, Any]:
        """The arguments of `stream` of httpx's clients, for the next connection."""
        headers = {"Accept": MEDIA_TYPE, "Cache-Control": "no-store"}
        if self._position is not None:
            headers["Last-Event-ID"] = self._position
        timeout = httpx.Timeout(timeout_s, read=SILENCE_S)
        return {"method": "GET", "url": PATH, "params": self._params, "headers": headers, "timeout": timeout}

    def opened(self, response: httpx.Response) -> None:
        """Note that the stream flows.

        Raises:
            UnexpectedAnswer: it is no event stream.
        """
        if not response.headers.get("content-type", "").startswith(MEDIA_TYPE):
            raise UnexpectedAnswer(f"{PATH} answered no event stream. Check base_url, and proxies on the way.")
        response.encoding = "utf-8"
        self._reader = MessageReader()

    def read(self, text: str) -> Iterator[Event]:
        """The events that a piece of the stream completes; those seen before a break are not told again.

        Raises:
            UnexpectedAnswer: an event cannot be read.
        """
        # A server that accepts and hangs up at once is no connection: only what is read counts as one.
        self._attempts, self._lost_at = 0, None
        for message in self._reader.read(text):
            self._position = message.id or self._position
            event = _event(message)
            if event is not None:
                yield event
        self._position = self._reader.last_id or self._position

    def wait_s(self, outcome: Outcome | None) -> float:
        """Seconds until the next connection.

        Args:
            outcome: why the last one ended: an answer of failure, an error, or None where the service ended it.

        Raises:
            ProblemAnswer: the service refuses, and will again.
            ServiceUnreachable: nothing came for as long as patience lasts; `position` leads on.
        """
        if isinstance(outcome, httpx.Response) and not is_passing(outcome, repeatable=True):
            raise_for_problem(outcome)
        self._attempts += 1
        self._lost_at = self._clock() if self._lost_at is None else self._lost_at
        ended = outcome if outcome is not None else httpx.ReadError("the stream ended")
        wait = self._policy.wait_s(ended, self._attempts, self._clock() - self._lost_at, self._draw)
        if wait is None:
            raise self._given_up(ended)
        return wait

    def _given_up(self, outcome: Outcome) -> ServiceUnreachable:
        if isinstance(outcome, httpx.Response):
            raise_for_problem(outcome)
        error = outcome if isinstance(outcome, Exception) else httpx.ReadError("no event stream")
        reason = unreachable("GET", PATH, self._attempts, error)
        reason.add_note(f"Follow again from position {self._position!r}, and no event is missed.")
        return reason


def stream_params(alert_id: str | None, kinds: Sequence[str]) -> dict[str, str]:
    """The query of the stream."""
    given = {"alert": alert_id, "kinds": ",".join(kinds) or None}
    return {name: value for name, value in given.items() if value is not None}


def _event(message: Message) -> Event | None:
    try:
        document = json.loads(message.data)
    except ValueError:
        document = None
    # What is no CloudEvent is of a kind that came after this client.
    if not isinstance(document, dict) or "specversion" not in document:
        return None
    try:
        return Event.model_validate(document | {"position": message.id})
    except ValidationError as error:
        where = error.errors()[0]["loc"]
        raise UnexpectedAnswer(f"An event cannot be read ({where}); is this client too old?") from None
