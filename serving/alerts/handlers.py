"""What the routes of stored alerts and clusters do."""

import json
from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from serving.alerts.documents import (
    AlertPage,
    ClusterDocument,
    DuplicateList,
    OriginalDocument,
    WholeAlert,
    alert_document,
    cluster_document,
    duplicate_list,
    whole_alert,
)
from serving.alerts.geojson import Feature, cluster_collection, feature, page_collection
from serving.alerts.idempotency import idempotency_key
from serving.alerts.queries import bad_cursor, next_link, read_list_query, read_purpose
from serving.handling import JSON, engine_of
from serving.negotiation import choose_media_type
from serving.paths import alert_path, id_of, unknown
from serving.problems import Problem
from serving.request_log import alert_facts, note
from serving.requests import refuse_explanation
from serving.runtime import Runtime
from serving.storage import Work
from triage.store.errors import BadCursor, OriginalUnreadable, UnknownAlert
from triage.store.store import Store

GEOJSON = "application/geo+json"

Document = TypeVar("Document", bound=BaseModel)
Result = TypeVar("Result")


class AlertHandlers:
    """The handlers; the API page shows what each says of itself."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def receive(self, request: Request) -> Response:
        """Triage one alert, store it and link it to its duplicates."""
        refuse_explanation(request)
        key = idempotency_key(request)
        engine = engine_of(self._runtime)
        submission = await engine.reader.submission(request, with_images=engine.archive.keeps)
        digest = engine.keys.content_digest(submission.content)
        is_new = engine.idempotency.claim(request.state.key, key, digest)
        try:
            received = await engine.receiver.receive(submission, digest)
        except BaseException:
            if is_new:
                engine.idempotency.release(request.state.key, key)
            raise
        note(request, lambda: alert_facts(engine, submission.item.alert, received.answer))
        headers = {"Location": alert_path(submission.item.alert.id)}
        content = json.dumps(received.answer, ensure_ascii=False, separators=(",", ":")).encode()
        status = 202 if received.waits else 201 if received.created else 200
        return Response(content, status, headers, JSON)

    async def one(self, request: Request) -> Response:
        """Read a stored alert."""
        media_type, alert_id = choose_media_type(request, (JSON, GEOJSON)), id_of(request)

        def read(store: Store) -> WholeAlert | None:
            alert = store.alert(alert_id)
            return None if alert is None else whole_alert(store, alert)

        document = await self._read(read)
        if document is None:
            raise unknown("alert")
        return _negotiated(media_type, document, feature)

    async def page(self, request: Request) -> Response:
        """List stored alerts in pages, newest first."""
        media_type = choose_media_type(request, (JSON, GEOJSON))
        query = read_list_query(request, engine_of(self._runtime).categories)
        try:
            page = await self._read(lambda store: store.alerts(query.chosen, query.cursor, query.limit))
        except BadCursor:
            raise bad_cursor() from None
        document = AlertPage(alerts=tuple(map(alert_document, page.alerts)), cursor=page.cursor)
        response = _negotiated(media_type, document, page_collection)
        if page.cursor is not None:
            response.headers["Link"] = next_link(request, page.cursor)
        return response

    async def duplicates(self, request: Request) -> Response:
        """Read what ties an alert to others, and why."""
        alert_id = id_of(request)

        def read(store: Store) -> DuplicateList:
            links = store.links(alert_id)
            return duplicate_list(links, store.states([link.other_id for link in links]))

        try:
            return json_of(await self._read(read))
        except UnknownAlert:
            raise unknown("alert") from None

    async def cluster(self, request: Request) -> Response:
        """Read a cluster of duplicates with its alerts."""
        media_type, cluster_id = choose_media_type(request, (JSON, GEOJSON)), id_of(request)

        def read(store: Store) -> ClusterDocument | None:
            cluster = store.cluster(cluster_id)
            return None if cluster is None else cluster_document(cluster, store.cluster_alerts(cluster.id))

        document = await self._read(read)
        if document is None:
            raise unknown("cluster")
        return _negotiated(media_type, document, cluster_collection)

    async def original(self, request: Request) -> Response:
        """Read the text of an alert as it was sent; who does is logged."""
        alert_id, purpose, reader = id_of(request), read_purpose(request), request.state.key
        try:
            text = await self._write(lambda store: store.original(alert_id, reader, purpose))
        except UnknownAlert:
            raise unknown("alert") from None
        except OriginalUnreadable as error:
            raise Problem(500, error.code, error.message) from None
        if text is None:
            detail = "No original text is kept: it held no personal data, or was erased."
            raise Problem(404, "no_original", detail)
        return json_of(OriginalDocument(id=alert_id, text=text))

    async def _read(self, call: Callable[[Store], Result]) -> Result:
        return await engine_of(self._runtime).door.run(Work.READ, call)

    async def _write(self, call: Callable[[Store], Result]) -> Result:
        return await engine_of(self._runtime).door.run(Work.WRITE, call)


def json_of(document: BaseModel) -> Response:
    """An answer that holds what is known of residents."""
    # What is read of residents stays in no cache on the way.
    return Response(document.model_dump_json(), headers={"Cache-Control": "no-store"}, media_type=JSON)


def _negotiated(media_type: str, document: Document, as_geojson: Callable[[Document], Feature]) -> Response:
    response = json_of(document)
    if media_type == GEOJSON:
        content = json.dumps(as_geojson(document), ensure_ascii=False, separators=(",", ":")).encode()
        response = Response(content, headers={"Cache-Control": "no-store"}, media_type=GEOJSON)
    response.headers["Vary"] = "Accept"
    return response
