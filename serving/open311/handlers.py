"""What the routes of Open311 do; the alerts are those of `/v1/alerts`, taken in by the same receiver."""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from serving.alerts.idempotency import HEADER, idempotency_key
from serving.desk.languages import Language
from serving.engine import Engine
from serving.handling import engine_of
from serving.open311.forms import FORM_TYPE, NewRequest, read_request
from serving.open311.languages import LanguageChoice
from serving.open311.places import ROOT
from serving.open311.queries import Query, read_query, unknown_service
from serving.open311.requests import RequestShower
from serving.open311.writing import Form, Row, write_definition, write_list
from serving.paths import id_of, unknown
from serving.problems import Problem
from serving.request_log import alert_facts, note
from serving.requests import Submission
from serving.runtime import Runtime
from serving.storage import Work
from triage.alert import is_allowed_link
from triage.store.pages import MAX_PAGE
from triage.store.records import AlertFilter, Json, StoredAlert
from triage.store.store import Store

Result = TypeVar("Result")


class Open311Handlers:
    """The handlers; the API page shows what each says of itself.

    Args:
        runtime: of the service.
        languages: in which apps are answered.
    """

    def __init__(self, runtime: Runtime, languages: LanguageChoice) -> None:
        self._runtime = runtime
        self._languages = languages

    async def services(self, request: Request) -> Response:
        """List the categories that residents may choose from."""
        form, language, engine = _form(request), self._languages.of(request), engine_of(self._runtime)
        rows = engine.services.rows(engine.desk.taxonomy, language)
        return write_list(form, "services", "service", rows, headers=_headers(language))

    async def service(self, request: Request) -> Response:
        """Define a category: none asks for more than the standard's own fields."""
        form, language, engine = _form(request), self._languages.of(request), engine_of(self._runtime)
        code: str = request.path_params["code"]
        if code not in engine.categories:
            raise unknown_service()
        return write_definition(form, code, _headers(language))

    async def create(self, request: Request) -> Response:
        """Take a request in; the service chooses the category where none is given, and otherwise says what it read."""
        form, language, engine = _form(request), self._languages.of(request), engine_of(self._runtime)
        _refuse_other_content(request)
        key = idempotency_key(request)
        new = read_request(await request.body())
        if new.service_code is not None and new.service_code not in engine.categories:
            raise unknown_service()
        submission = await self._submission(engine, new, _request_id(engine, request.state.key, key))
        received = await engine.receiver.receive(submission, engine.keys.content_digest(submission.content))
        alert_id, link = submission.item.alert.id, new.link
        note(request, lambda: alert_facts(engine, submission.item.alert, received.answer))
        if link is not None:
            await engine.door.run(Work.WRITE, lambda store: store.keep_photo_link(alert_id, link))
        row = self._shower(engine, language).receipt(alert_id, new.service_code, received.answer)
        headers = {**_headers(language), "Location": f"{ROOT}/requests/{alert_id}.{form}"}
        return _write_requests(form, [row], headers, status=201 if received.created else 200)

    async def page(self, request: Request) -> Response:
        """List requests, the newest first: those of 90 days, at most 1,000 a page."""
        form, language, engine = _form(request), self._languages.of(request), engine_of(self._runtime)
        query = read_query(request, engine.categories, engine.clock())
        shower = self._shower(engine, language)
        found = await self._read(engine, lambda store: _find(store, query))
        headers = _headers(language)
        if found.more:
            kept = [(name, value) for name, value in request.query_params.multi_items() if name != "page"]
            headers["Link"] = f'<{request.url.path}?{urlencode([*kept, ("page", query.page + 1)])}>; rel="next"'
        return _write_requests(form, [shower.row(alert, found.links.get(alert.id)) for alert in found.alerts], headers)

    async def one(self, request: Request) -> Response:
        """Read one request."""
        form, language, engine = _form(request), self._languages.of(request), engine_of(self._runtime)
        found = await self._stored(engine, request)
        row = self._shower(engine, language).row(found.alerts[0], found.links.get(found.alerts[0].id))
        return _write_requests(form, [row], _headers(language))

    async def token(self, request: Request) -> Response:
        """Read the id for a token: requests get theirs at once, so a token is the id itself."""
        form, language, engine = _form(request), self._languages.of(request), engine_of(self._runtime)
        found = await self._stored(engine, request)
        row = {"service_request_id": found.alerts[0].id, "token": found.alerts[0].id}
        return _write_requests(form, [row], _headers(language))

    async def _submission(self, engine: Engine, new: NewRequest, alert_id: str) -> Submission:
        document: Json = {
            "id": alert_id,
            "text": new.description,
            "lat": new.place[0] if new.place else None,
            "lon": new.place[1] if new.place else None,
            "address": new.address,
            "channel": "application",
            "category_hint": new.service_code,
        }
        if new.link is not None and is_allowed_link(new.link, self._runtime.settings.photo_hosts):
            document["photo"] = [{"url": new.link}]
        submission = await engine.reader.written(json.dumps(document), with_images=engine.archive.keeps)
        # The same form with another link is another request.
        return replace(submission, content=b"\0".join((submission.content, (new.link or "").encode())))

    def _shower(self, engine: Engine, language: Language) -> RequestShower:
        return RequestShower(engine.desk.taxonomy, engine.desk.names[language.code], language)

    async def _stored(self, engine: Engine, request: Request) -> "_Found":
        alert_id = id_of(request)
        found = await self._read(engine, lambda store: _find_ids(store, [alert_id]))
        if not found.alerts:
            raise unknown("request")
        return found

    async def _read(self, engine: Engine, call: Callable[[Store], Result]) -> Result:
        return await engine.door.run(Work.READ, call)


def _form(request: Request) -> Form:
    given = request.path_params["form"]
    for form in Form:
        if given == form:
            return form
    raise Problem(404, "not_found", "The address must end in .json or .xml.")


def _refuse_other_content(request: Request) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM_TYPE:
        raise Problem(415, "unsupported_media_type", f"Send the request as {FORM_TYPE}.")


def _request_id(engine: Engine, caller: str, key: str | None) -> str:
    """A new id; the same one for the same key of a caller, so that a repeat finds what the first request stored."""
    if key is not None:
        named = "\0".join((HEADER, caller, key))
        return f"o311-{engine.keys.content_digest(named.encode())[:32]}"
    # Ids that grow with time stay together in the index.
    return f"o311-{int(engine.clock().timestamp() * 1000):012x}{secrets.token_hex(10)}"


@dataclass(frozen=True, slots=True)
class _Found:
    """Alerts, the links to their photos by id, and whether there is a next page."""

    alerts: Sequence[StoredAlert]
    links: Mapping[str, str]
    more: bool = False


def _find_ids(store: Store, ids: Sequence[str]) -> _Found:
    """Those that are stored; the standard leaves the others out."""
    found = [alert for name in ids if (alert := store.alert(name)) is not None]
    return _Found(found, store.photo_links_of([alert.id for alert in found]))


def _find(store: Store, query: Query) -> _Found:
    if query.ids:
        return _find_ids(store, query.ids)
    chosen = AlertFilter(since=query.since, until=query.until, categories=query.categories, states=query.states)
    start, end = (query.page - 1) * query.page_size, query.page * query.page_size
    found: list[StoredAlert] = []
    cursor, more = None, True
    while more and len(found) < end:
        page = store.alerts(chosen, cursor, min(MAX_PAGE, end - len(found)))
        found += page.alerts
        cursor, more = page.cursor, page.cursor is not None
    shown = found[start:]
    return _Found(shown, store.photo_links_of([alert.id for alert in shown]), more)


def _write_requests(form: Form, rows: Sequence[Row], headers: dict[str, str], status: int = 200) -> Response:
    return write_list(form, "service_requests", "request", rows, status, headers)


def _headers(language: Language) -> dict[str, str]:
    return {"Content-Language": language.code, "Vary": "Accept-Language", "Cache-Control": "no-store"}
