"""The route of the stream of events, as the API page shows it."""

from typing import Any

import anyio
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from serving.alerts.events import IN_PROGRESS, KINDS
from serving.authentication import presented_key
from serving.handling import engine_of, timed
from serving.openapi import problems
from serving.outbound.cloud_event import TYPE_PREFIX
from serving.outbound.queries import LAST, read_stream_query
from serving.outbound.stream import Chosen, StreamResponse, events_for
from serving.runtime import Runtime
from serving.scopes import Scope
from serving.storage import Work
from triage.alert import MAX_ID_CHARACTERS

EVENTS = "/v1/events"
_EXAMPLE = (
    "id: 1042\nevent: " + IN_PROGRESS + "\n"
    'data: {"specversion":"1.0","id":"5f0c9a52c7d14f0e8f6b1c2d3e4f5a6b","source":"urn:ondijon:triage",'
    f'"type":"{TYPE_PREFIX}{IN_PROGRESS}","subject":"demo-1","time":"2026-11-23T09:00:00+00:00",'
    '"datacontenttype":"application/json","data":{"department":"eclairage","note":null}}\n\n'
)


def add_event_routes(app: FastAPI, runtime: Runtime) -> None:
    """Add the route to the application."""

    async def events(request: Request) -> Response:
        query = read_stream_query(request)
        engine, key = engine_of(runtime), request.state.key
        secret, stopping = presented_key(request.scope), anyio.Event()

        def goes_on() -> bool:
            found = runtime.keys.find(secret)
            return found is not None and found.may(Scope.EVENTS) and not stopping.is_set()

        latest = await engine.door.run(Work.READ, lambda store: store.latest_event())
        # A number that is still to come was heard of another store, before this one was restored.
        after = latest if query.after is None else min(query.after, latest)
        chosen = Chosen(after, query.alert_id, query.kinds)
        outbound = engine.outbound
        outbound.streams.begin(key)
        stream = events_for(chosen, outbound.feed, engine.door, outbound.source, goes_on)
        return StreamResponse(stream, stopping, lambda: outbound.streams.end(key))

    app.get(
        EVENTS,
        summary="Hear of events as they happen",
        description="Server-sent events; each holds a CloudEvent (version 1.0, structured). A client that lost its "
        f"stream sends the id that it heard last as `{LAST}`, as browsers do by themselves, and misses nothing; an "
        "event may come twice. Without it the stream begins with the next event, with 0 at the very first. "
        "What comes without data tells where the stream begins and is no event.",
        response_class=Response,
        responses=_answers() | problems(401, 403, 422, 429, 503),
        openapi_extra={"parameters": _parameters()},
    )(timed(events, EVENTS, runtime))


def _answers() -> dict[int | str, dict[str, Any]]:
    content = {"text/event-stream": {"schema": {"type": "string"}, "example": _EXAMPLE}}
    return {200: {"description": "A stream without an end; a comment comes every 15 seconds.", "content": content}}


def _parameters() -> list[dict[str, Any]]:
    return [
        {
            "name": "alert",
            "in": "query",
            "description": "Events of this alert alone.",
            "schema": {"type": "string", "minLength": 1, "maxLength": MAX_ID_CHARACTERS},
        },
        {
            "name": "kinds",
            "in": "query",
            "description": "Events of these kinds alone, with commas between them.",
            "style": "form",
            "explode": False,
            "schema": {"type": "array", "items": {"type": "string", "enum": list(KINDS)}},
        },
        {
            "name": LAST,
            "in": "header",
            "description": "The id of the last event that is known; the stream goes on after it.",
            "schema": {"type": "string", "pattern": "^[0-9]{1,18}$"},
        },
    ]
