"""What agents do: each action is a POST, and its answer leads to the page that comes next."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serving.alerts.events import MERGED, reviewed_events, undone_events
from serving.desk.forms import AnswerForm, needed, read_answer, shown
from serving.desk.gathering import shown_prediction
from serving.desk.handlers import DeskPages, member_of
from serving.desk.languages import N_
from serving.desk.view.answers import Defaults, ranking
from serving.desk.view.duplicates import worth_showing
from serving.desk.view.forwarding import forward_again
from serving.desk.view.links import DESK, desk_path
from serving.engine import Engine
from serving.handling import engine_of
from serving.paths import id_of, unknown
from serving.storage import Work
from triage.store.errors import (
    AlertChanged,
    AlreadyDecided,
    ClaimedByOther,
    NothingToUndo,
    OriginalUnreadable,
    UnknownAlert,
)
from triage.store.records import NewEvent, StoredAlert
from triage.store.review_records import SUSPECT_QUEUE, ReviewAction, ReviewDecision
from triage.store.store import Store

# Long enough that the rest of the queue comes first, short enough that a colleague who left leaves nothing behind.
SKIPPED_FOR = timedelta(hours=2)
_PURPOSE = "review desk"


@dataclass(frozen=True, slots=True)
class DeskActions:
    """What POST does; what cannot be done is said on a page that leads on."""

    pages: DeskPages

    async def decide(self, request: Request) -> Response:
        """Answer an alert."""
        return await self._answer(request, as_duplicate=False)

    async def duplicate(self, request: Request) -> Response:
        """Say that an alert is about the fault of another one, and with `only=link` leave it unanswered."""
        form = await request.form()
        if form.get("only") != "link":
            return await self._answer(request, as_duplicate=True)
        alert_id, other = id_of(request), _other(await self._form(request))
        events = (NewEvent(MERGED, {"with": other}),)
        return await self._change(alert_id, lambda store: store.link(alert_id, other, events))

    async def not_duplicate(self, request: Request) -> Response:
        """Say that two alerts are about two faults; the pair is not proposed again."""
        alert_id, other = id_of(request), _other(await self._form(request))
        return await self._change(alert_id, lambda store: store.reject(alert_id, other))

    async def unlink(self, request: Request) -> Response:
        """Take an alert out of its cluster."""
        alert_id = id_of(request)
        return await self._change(alert_id, lambda store: store.unlink(alert_id))

    async def skip(self, request: Request) -> Response:
        """Leave an alert to others."""
        alert_id, name, now = id_of(request), member_of(request).name, self._engine.clock()
        alert = await self.pages.stored(alert_id)
        until = now + SKIPPED_FOR
        await self._engine.door.run(Work.WRITE, lambda store: store.skip(alert_id, name, now, until))
        return _see(_queue_of(alert))

    async def undo(self, request: Request) -> Response:
        """Take back the last decision on an alert, which then waits as before."""
        engine, alert_id, member = self._engine, id_of(request), member_of(request)
        review_id, now = (await self._form(request)).follows, engine.clock()
        try:
            alert = await engine.door.run(
                Work.WRITE, lambda store: store.undo(alert_id, member.name, now, review_id, undone_events)
            )
        except UnknownAlert:
            raise unknown("alert") from None
        except NothingToUndo:
            return await self._trouble(request, N_("This decision is no longer the last one, so nothing was undone."))
        await engine.staff.accounts.audit(member.name, "undo_review", alert_id, {"review": review_id})
        return _see(desk_path(alert.id))

    async def note(self, request: Request) -> Response:
        """Leave a note beside an alert."""
        engine, alert_id, name = self._engine, id_of(request), member_of(request).name
        text = (await self._form(request)).note
        await self.pages.stored(alert_id)
        if text is not None:
            now = engine.clock()
            await engine.door.run(Work.WRITE, lambda store: store.add_note(alert_id, name, now, text))
        return _see(f"{desk_path(alert_id)}#history")

    async def unmask(self, request: Request) -> Response:
        """Show the text as it was sent; who read it is logged twice: beside the alert and in the audit log."""
        engine, alert_id, member = self._engine, id_of(request), member_of(request)
        await self.pages.stored(alert_id)
        try:
            text = await engine.door.run(Work.WRITE, lambda store: store.original(alert_id, member.name, _PURPOSE))
        except OriginalUnreadable:
            return await self._trouble(request, N_("The text as sent is stored with a key that is no longer here."))
        await engine.staff.accounts.audit(member.name, "unmask", alert_id, {})
        if text is None:
            return await self._trouble(request, N_("The text as sent was erased, or never kept."))
        response = await self.pages.show(request, alert_id, unmasked=text)
        response.headers["HX-Push-Url"] = "false"
        return response

    async def forward(self, request: Request) -> Response:
        """Hand an alert at once to the departments that have not taken it."""
        engine, alert_id, member = self._engine, id_of(request), member_of(request)
        await self.pages.stored(alert_id)
        tried = await engine.door.run(Work.WRITE, lambda store: forward_again(store, alert_id, engine.clock()))
        if tried:
            await engine.staff.accounts.audit(member.name, "forward_again", alert_id, {"targets": tried})
        return _see(f"{desk_path(alert_id)}?look=1")

    async def _answer(self, request: Request, *, as_duplicate: bool) -> Response:
        engine, alert_id, now = self._engine, id_of(request), self._engine.clock()
        form = await self._form(request)
        other = _other(form) if as_duplicate else None
        alert = await self.pages.stored(alert_id)
        work = _Deciding(engine, alert, form, other, member_of(request).name, now)
        try:
            await engine.door.run(Work.WRITE, work.run)
        except UnknownAlert:
            raise unknown("alert") from None
        except ClaimedByOther as error:
            message = N_("Somebody else is looking at this alert, so your answer was not stored.")
            return await self._trouble(request, message, error.reviewer, error.until)
        except AlreadyDecided as error:
            message = N_("The answer to this alert changed while you looked at it, so yours was not stored.")
            return await self._trouble(request, message, error.reviewer, error.at)
        except AlertChanged:
            message = N_("The reporter added something while you looked at this alert, so your answer was not stored.")
            return await self._trouble(request, message)
        return _see(_queue_of(alert) if alert.queue is not None else desk_path(alert_id))

    async def _change(self, alert_id: str, change: Callable[[Store], StoredAlert]) -> Response:
        try:
            await self._engine.door.run(Work.WRITE, change)
        except UnknownAlert:
            raise unknown("alert") from None
        return _see(f"{desk_path(alert_id)}#duplicates")

    async def _form(self, request: Request) -> AnswerForm:
        return await read_answer(request, self._engine.desk.taxonomy, self._engine.clock())

    async def _trouble(
        self, request: Request, message: str, who: str | None = None, when: datetime | None = None
    ) -> Response:
        values = {"message": message, "who": who, "when": when, "path": desk_path(id_of(request)), "section": "queue"}
        return self.pages.render("trouble.html", request, values, status=409)

    @property
    def _engine(self) -> Engine:
        return engine_of(self.pages.runtime)


@dataclass(frozen=True, slots=True)
class _Deciding:
    """Writes one decision with what was shown."""

    engine: Engine
    alert: StoredAlert
    form: AnswerForm
    other: str | None
    reviewer: str
    now: datetime

    def run(self, store: Store) -> StoredAlert:
        alert, form, taxonomy = self.alert, self.form, self.engine.desk.taxonomy
        prediction = shown_prediction(store, alert, form.model_version)
        links = tuple((link.other_id, link.probability) for link in worth_showing(store.links(alert.id)))
        codes = dict(form.codes)
        if self.other is not None:
            # Whoever links two alerts has not looked at the codes.
            codes = dict.fromkeys(codes)
        else:
            category = needed(codes["category"], "category", N_("No category was chosen; go back and choose one."))
            defaults = Defaults(taxonomy, self.engine.desk.rules, prediction)
            codes["department"] = codes["department"] or defaults.department(category)
        ranked = list(ranking(prediction, "category", taxonomy))
        chosen = codes["category"]
        decision = ReviewDecision(
            alert_id=alert.id,
            reviewer=self.reviewer,
            decided_at=self.now,
            follows=form.follows,
            **codes,
            action=self._action(chosen),
            seconds=form.seconds,
            rank=ranked.index(chosen) + 1 if prediction and chosen else None,
            model_version=form.model_version if prediction else None,
            shown=shown(prediction, links),
            note=form.note,
            duplicate_of=self.other,
            version=form.version,
        )
        return store.decide(decision, reviewed_events(decision))

    def _action(self, category: str | None) -> ReviewAction:
        if self.other is not None:
            return "duplicate"
        return "confirm_label" if self.alert.queue in SUSPECT_QUEUE and category == self.alert.category else "decide"


def _other(form: AnswerForm) -> str:
    return needed(form.other, "other", N_("The form does not say which alert it repeats; load the page again."))


def _queue_of(alert: StoredAlert) -> str:
    return f"{DESK}/suspects" if alert.queue in SUSPECT_QUEUE else DESK


def _see(path: str) -> Response:
    return RedirectResponse(path, 303)
