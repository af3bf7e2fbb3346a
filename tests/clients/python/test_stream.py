"""The event stream: read however it is cut, and followed across breaks."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import islice, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondijon_triage_client import NotAllowed, ServiceUnreachable, UnexpectedAnswer
from ondijon_triage_client.stream import LONGEST_MESSAGE, Message, MessageReader
from tests.clients.python.scripted import CUT, ScriptedService, answer, problem, stream

AskAt = Callable[..., Any]
STREAM = (
    "\ufeff: a sign of life\r\n\r\n"
    'id: 1\r\nevent: alert.received\r\ndata: {"a":\ndata:  1}\n\n'
    "retry: 10\rdata:no number, \u2028 \x85 one line\r\r"
    "event: empty\n\n"
    "id: 3\x00\ndata: the id before counts\n\n"
    "data: never finished"
)
READ = [
    Message("1", "alert.received", '{"a":\n 1}'),
    Message("1", "", "no number, \u2028 \x85 one line"),
    Message("1", "", "the id before counts"),
]


def event(number: int, kind: str = "alert.triaged") -> str:
    document = {
        "specversion": "1.0",
        "id": f"e{number}",
        "source": "urn:ondijon:triage",
        "type": f"fr.ondijon.triage.{kind}",
        "subject": "lamp-1",
        "time": "2026-01-15T18:30:00Z",
        "data": {"number": number},
        "traceparent": "of tomorrow",
    }
    return f"id: {number}\nevent: {kind}\ndata: {json.dumps(document)}\n\n"


def first(number: int) -> Callable[[Any], Any]:
    """The first events of a client, and an end of the stream without another request."""

    def use(client: Any) -> Any:
        followed = client.events("lamp-1", patience_s=5)
        return islice(followed, number) if isinstance(followed, Iterator) else _some(followed, number)

    return use


async def _some(followed: Any, number: int) -> AsyncIterator[Any]:
    async for each in followed:
        yield each
        if (number := number - 1) == 0:
            await followed.aclose()
            return


@given(cuts=st.lists(st.integers(0, len(STREAM))))
def test_messages_are_the_same_wherever_the_stream_is_cut(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(STREAM)]
    reader = MessageReader()
    pieces = [STREAM[start:end] for start, end in pairwise(places)]
    assert [message for piece in pieces for message in reader.read(piece)] == READ


def test_a_message_without_end_fills_no_memory() -> None:
    reader = MessageReader()
    with pytest.raises(UnexpectedAnswer):
        for _ in range(LONGEST_MESSAGE // 1_000 + 1):
            list(reader.read("data: " + "x" * 1_000 + "\n"))


def test_a_break_loses_nothing_and_tells_nothing_twice(scripted: ScriptedService, ask_at: AskAt) -> None:
    half = event(3)[:40]
    scripted.answers = [stream(event(1) + event(2) + half), CUT, problem(503), stream(event(3) + event(4))]
    events = ask_at(scripted.base, first(4))
    assert [(each.kind, each.data["number"], each.subject) for each in events] == [
        ("alert.triaged", number, "lamp-1") for number in (1, 2, 3, 4)
    ]
    assert [asked.path for asked in scripted.asked] == ["/v1/events?alert=lamp-1"] * 4
    assert [asked.headers.get("Last-Event-ID") for asked in scripted.asked] == [None, "2", "2", "2"]


def test_what_is_no_event_is_passed_over(scripted: ScriptedService, ask_at: AskAt) -> None:
    scripted.answers = [stream(f"data: hello\n\nevent: ping\ndata: []\n\n{event(5, 'alert.of_tomorrow')}")]
    [only] = ask_at(scripted.base, first(1))
    assert (only.kind, only.position) == ("alert.of_tomorrow", "5")


def test_a_refusal_ends_the_stream(scripted: ScriptedService, ask_at: AskAt) -> None:
    scripted.answers = [problem(403, "scope_missing")]
    with pytest.raises(NotAllowed, match="triage key add"):
        ask_at(scripted.base, first(1))


def test_a_page_is_no_stream(scripted: ScriptedService, ask_at: AskAt) -> None:
    scripted.answers = [answer({"hello": 1})]
    with pytest.raises(UnexpectedAnswer, match="no event stream"):
        ask_at(scripted.base, first(1))


def test_patience_with_a_stream_ends_and_says_where_to_go_on(scripted: ScriptedService, ask_at: AskAt) -> None:
    scripted.answers = [stream(event(7)), CUT]

    def use(client: Any) -> Any:
        return client.events(patience_s=0.1)

    with pytest.raises(ServiceUnreachable) as raised:
        ask_at(scripted.base, use)
    assert "position '7'" in raised.value.__notes__[0]


def test_a_break_before_the_first_event_loses_none(scripted: ScriptedService, ask_at: AskAt) -> None:
    scripted.answers = [stream("id: 41\nretry: 3000\n\n"), CUT, stream(event(42))]
    [only] = ask_at(scripted.base, first(1))
    assert only.position == "42"
    assert [asked.headers.get("Last-Event-ID") for asked in scripted.asked] == [None, "41", "41"]
