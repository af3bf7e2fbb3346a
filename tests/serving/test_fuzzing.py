"""Whatever bytes come, a reader of requests understands them or says what is wrong with them, and soon.

The long form, of so many in all: TRIAGE_FUZZ_EXAMPLES=100000 pytest tests/serving/test_fuzzing.py
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from serving.alerts.changes import read_progress, read_return
from serving.alerts.idempotency import idempotency_key
from serving.alerts.queries import read_list_query, read_purpose
from serving.negotiation import choose_media_type
from serving.open311.forms import key_in, read_request
from serving.open311.queries import read_query
from serving.outbound.queries import LAST, read_stream_query
from serving.problems import Problem
from serving.requests import AlertReader, wants_explanation
from tests.serving.generated_bodies import form_bodies, header_values, json_bodies, multipart_bodies
from triage.intake import Intake
from triage.taxonomy import Taxonomy

TESTS = 9
EXAMPLES = int(os.environ.get("TRIAGE_FUZZ_EXAMPLES", "450")) // TESTS
# Of the processor's time, since others may be at work on the machine.
MOST_SECONDS = 2.0
NOW = datetime(2026, 1, 1, tzinfo=UTC)

ALERT = ("id", "text", "photo", "lat", "lon", "created_at", "category_hint", "address", "commune", "channel")
ADDITION = ("text", "photo", "version")
STATUS = ("status", "note", "department", "expected_at")
RETURN = ("department", "reason", "proposed")
OPEN311 = ("service_code", "lat", "long", "address_string", "address_id", "description", "media_url", "api_key")
QUERY = ("bbox", "since", "until", "category", "state", "cursor", "limit", "purpose", "alert", "kinds", "explain")
OPEN311_QUERY = ("service_request_id", "service_code", "start_date", "end_date", "status", "page", "page_size")

KINDS = ("application/json", "application/json; charset=utf-16", "multipart/form-data; boundary=x", "text/plain", "")
FORM = "multipart/form-data; boundary=x"

fuzzed = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def reader() -> AlertReader:
    """Reads as the service does; the model takes pictures as they are, and no link leads anywhere."""

    def fetch(_: str) -> bytes:
        return b""

    return AlertReader(Intake(np.asarray, fetch=fetch), {"photos.example"})


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """One event loop for all requests, as a server has."""
    with asyncio.Runner() as running:
        yield running


def request(body: bytes = b"", kind: str = "", query: bytes = b"", **headers: bytes) -> Request:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    sent = [(name.replace("_", "-").lower().encode(), value) for name, value in headers.items()]
    given = [(b"content-type", kind.encode()), *sent]
    made = Request(
        {"type": "http", "method": "POST", "path": "/", "query_string": query, "headers": given, "state": {}}, receive
    )
    made.state.key = "fuzzing"
    return made


def understood_or_refused(read: Callable[[], Any]) -> None:
    """Anything but a good end or a refusal of the caller's fault escapes."""
    started = time.process_time()
    try:
        read()
    except Problem as problem:
        assert 400 <= problem.status < 500
        assert problem.response().body
    assert time.process_time() - started < MOST_SECONDS


def run(runner: asyncio.Runner, read: Callable[[Request], Awaitable[Any]], asked: Request) -> None:
    async def reading() -> None:
        await read(asked)

    understood_or_refused(lambda: runner.run(reading()))


@fuzzed
@given(json_bodies(ALERT), st.sampled_from(KINDS))
def test_an_alert_in_json(reader: AlertReader, runner: asyncio.Runner, body: bytes, kind: str) -> None:
    run(runner, partial(reader.submission, with_images=True), request(body, kind))


@fuzzed
@given(multipart_bodies(ALERT), st.sampled_from((FORM, FORM, f"{FORM}; charset=idna", "multipart/form-data")))
def test_an_alert_in_parts(reader: AlertReader, runner: asyncio.Runner, body: bytes, kind: str) -> None:
    run(runner, reader.one, request(body, kind))


@fuzzed
@given(json_bodies(ALERT, '{"alerts":[{},{"id":"b","text":"trou"}]}'))
def test_a_batch(reader: AlertReader, runner: asyncio.Runner, body: bytes) -> None:
    run(runner, reader.batch, request(body, "application/json"))


@fuzzed
@given(st.tuples(json_bodies(ADDITION), st.just(KINDS[0])) | st.tuples(multipart_bodies(ADDITION), st.just(FORM)))
def test_an_addition(reader: AlertReader, runner: asyncio.Runner, sent: tuple[bytes, str]) -> None:
    run(runner, partial(reader.addition, alert_id="a", key=None, with_images=True), request(*sent))


@fuzzed
@given(json_bodies(STATUS))
def test_what_a_department_says(taxonomy: Taxonomy, runner: asyncio.Runner, body: bytes) -> None:
    run(runner, partial(read_progress, taxonomy=taxonomy, at=NOW), request(body, KINDS[0]))


@fuzzed
@given(json_bodies(RETURN))
def test_an_alert_that_comes_back(taxonomy: Taxonomy, runner: asyncio.Runner, body: bytes) -> None:
    run(runner, partial(read_return, taxonomy=taxonomy, alert_id="a", at=NOW), request(body, KINDS[0]))


@fuzzed
@given(form_bodies(OPEN311) | st.binary())
def test_a_form_of_an_app(body: bytes) -> None:
    understood_or_refused(lambda: read_request(body))
    understood_or_refused(lambda: key_in(body))


@fuzzed
@given(form_bodies(QUERY), header_values())
def test_queries_and_headers(taxonomy: Taxonomy, query: bytes, header: bytes) -> None:
    for read in (partial(read_list_query, categories=taxonomy.categories), read_purpose, wants_explanation):
        understood_or_refused(partial(read, request(query=query)))
    understood_or_refused(lambda: read_stream_query(request(query=query, **{LAST: header})))
    understood_or_refused(lambda: idempotency_key(request(Idempotency_Key=header)))
    understood_or_refused(lambda: choose_media_type(request(Accept=header), ("application/json",)))


@fuzzed
@given(form_bodies(OPEN311_QUERY))
def test_a_query_of_an_app(taxonomy: Taxonomy, query: bytes) -> None:
    understood_or_refused(lambda: read_query(request(query=query), taxonomy.categories, NOW))
