"""What the routes that change stored alerts do."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from serving.alerts.changes import read_progress, read_return, withdrawn_problem
from serving.alerts.documents import WholeAlert, whole_alert
from serving.alerts.events import progress_events, returned_events, withdrawn_events
from serving.alerts.handlers import json_of
from serving.alerts.idempotency import idempotency_key
from serving.handling import engine_of
from serving.paths import id_of, unknown
from serving.requests import refuse_explanation
from serving.runtime import Runtime
from serving.storage import Work
from triage.review.order import returned_place
from triage.store.errors import AlertWithdrawn, UnknownAlert
from triage.store.records import StoredAlert
from triage.store.store import Store


class ChangeHandlers:
    """The handlers; the API page shows what each says of itself."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def status(self, request: Request) -> Response:
        """Say what a department does about an alert; what was said already changes nothing."""
        engine, alert_id = engine_of(self._runtime), id_of(request)
        progress = await read_progress(request, engine.desk.taxonomy, engine.clock())
        return await self._change(lambda store: store.report_progress(alert_id, progress, progress_events))

    async def close(self, request: Request) -> Response:
        """Say that the fault of an alert is dealt with; a second time changes nothing."""
        at, alert_id = engine_of(self._runtime).clock(), id_of(request)
        return await self._change(lambda store: store.close_alert(alert_id, at, progress_events))

    async def reopen(self, request: Request) -> Response:
        """Say that the fault of an alert is not dealt with after all."""
        at, alert_id = engine_of(self._runtime).clock(), id_of(request)
        return await self._change(lambda store: store.reopen_alert(alert_id, at, progress_events))

    async def give_back(self, request: Request) -> Response:
        """Give an alert back that is not the department's own: staff look at it, and models learn from their answer."""
        engine, alert_id = engine_of(self._runtime), id_of(request)
        new = await read_return(request, engine.desk.taxonomy, alert_id, engine.clock())
        place, events = returned_place(new.at, engine.review_rules), returned_events(new)
        return await self._change(lambda store: store.add_return(new, place, events))

    async def add(self, request: Request) -> Response:
        """Add words or photos to an alert, which is then triaged again; a person's answer stays."""
        refuse_explanation(request)
        engine, alert_id, key = engine_of(self._runtime), id_of(request), idempotency_key(request)
        keeps = engine.archive.keeps
        submission = await engine.reader.addition(request, alert_id, key, with_images=keeps)
        digest = engine.keys.content_digest(submission.content)
        is_new = engine.idempotency.claim(request.state.key, key, digest)
        try:
            alert = await engine.adder.add(submission, digest)
        except BaseException:
            if is_new:
                engine.idempotency.release(request.state.key, key)
            raise
        return json_of(await engine.door.run(Work.READ, lambda store: whole_alert(store, alert)))

    async def withdraw(self, request: Request) -> Response:
        """Withdraw an alert that should not have been sent; a second time changes nothing."""
        at, alert_id = engine_of(self._runtime).clock(), id_of(request)
        events = withdrawn_events(at)
        return await self._change(lambda store: store.withdraw_alert(alert_id, at, events))

    async def _change(self, change: Callable[[Store], StoredAlert]) -> Response:
        """Change an alert and show it.

        Raises:
            Problem: 404 where there is no such alert, 409 where it was withdrawn.
        """

        def changed(store: Store) -> WholeAlert:
            return whole_alert(store, change(store))

        try:
            return json_of(await engine_of(self._runtime).door.run(Work.WRITE, changed))
        except UnknownAlert:
            raise unknown("alert") from None
        except AlertWithdrawn as error:
            raise withdrawn_problem(error) from None
