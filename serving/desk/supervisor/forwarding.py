"""Departments that do not take their alerts: the panel, and trying them again at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serving.desk.languages import N_
from serving.desk.view.forwarding import Troubled, troubled_of
from serving.forwarding.names import department_of
from serving.handling import engine_of
from serving.problems import Problem
from serving.runtime import Runtime
from serving.staff.guard import member_of
from serving.storage import Work
from triage.store.store import Store

# Of each department so many alerts are named; the page says how many there are.
SHOWN = 5
_MOST_READ = 200


@dataclass(frozen=True, slots=True)
class ForwardingPanel:
    """The whole panel.

    Attributes:
        is_used: whether any department gets its alerts from here.
        troubled: the departments that do not take theirs.
    """

    is_used: bool
    troubled: Sequence[Troubled]


def read_panel(store: Store) -> ForwardingPanel:
    """What the store has.

    Raises:
        StoreFailed: the store cannot be read.
    """
    outlooks = [one for one in store.target_states() if department_of(one.state.name)]
    found = [
        delivery
        for outlook in outlooks
        if outlook.waiting or outlook.dead
        for delivery in store.undelivered([outlook.state.name], _MOST_READ)
    ]
    return ForwardingPanel(bool(outlooks), troubled_of(outlooks, found))


class ForwardingHandlers:
    """What a supervisor can do about it."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def try_now(self, request: Request) -> Response:
        """Try at once everything that a department has not taken."""
        form = await request.form()
        target = form.get("target")
        if not isinstance(target, str) or department_of(target) is None:
            raise Problem(422, "invalid_form", N_("The form is not whole; load the page again."))
        engine = engine_of(self._runtime)
        tried = await engine.door.run(Work.WRITE, lambda store: store.try_again(target, engine.clock()))
        if tried:
            await engine.staff.accounts.audit(member_of(request).name, "forward_again", target, {"events": tried})
        return RedirectResponse("/review/supervisor#forwarding", 303)
