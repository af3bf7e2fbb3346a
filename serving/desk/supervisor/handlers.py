"""Answers a supervisor's requests: the whole page, and the simulator alone when its slider is moved."""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serving.desk.supervisor.drift import panel_of
from serving.desk.supervisor.forwarding import SHOWN, read_panel
from serving.desk.supervisor.query import ERROR_RATES, PERIODS, THRESHOLDS, Query, read_query
from serving.desk.supervisor.report import Served, make_report, make_simulation
from serving.desk.supervisor.shadow import read_shadow, shadow_panel
from serving.desk.supervisor.shown import draw, draw_simulation, durations_of, week_label
from serving.desk.supervisor.wording import Wording
from serving.engine import Engine
from serving.handling import engine_of
from serving.runtime import Runtime
from serving.storage import Work
from triage.store.store import Store

PATH = "/review/supervisor"
_FROM_HTMX = "HX-Request"
Result = TypeVar("Result")


class SupervisorHandlers:
    """The handlers of the supervisor's page; `serving/access.py` says who may see it."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def page(self, request: Request) -> Response:
        """All figures."""
        query = read_query(request.query_params)
        engine = engine_of(self._runtime)
        language = self._runtime.pages.language(request)
        served = _served(engine)
        report = await self._read(lambda store: make_report(store, query, served, engine.clock(), language.zone))
        look = await self._runtime.drift.look(engine)
        shadowed = await self._read(
            lambda store: read_shadow(store, engine.shadow.trial, served.bundle_sha256, report.window)
        )
        names = engine.desk.names[language.code]
        return self._runtime.pages.render(
            "supervisor/page.html",
            request,
            report=report,
            simulation=report.simulation,
            charts=draw(report, language, names),
            drift=panel_of(look, language, names),
            shadow=shadow_panel(shadowed, names),
            forwarding=await self._read(read_panel),
            simulator_charts=draw_simulation(report.simulation, language),
            durations=durations_of(report.times, language),
            week_label=lambda week: week_label(week, language),
            names=names,
            alerts_shown=SHOWN,
            **self._shared(request, query, served),
        )

    async def simulator(self, request: Request) -> Response:
        """What another threshold would bring; a browser without JavaScript gets it with the whole page."""
        if _FROM_HTMX not in request.headers:
            asked = urlencode(list(request.query_params.multi_items()))
            return RedirectResponse(f"{PATH}?{asked}#simulator", 303)
        query = read_query(request.query_params)
        engine = engine_of(self._runtime)
        served = _served(engine)
        simulation = await self._read(lambda store: make_simulation(store, query, served, engine.clock()))
        return self._runtime.pages.render(
            "supervisor/simulation.html",
            request,
            simulation=simulation,
            simulator_charts=draw_simulation(simulation, self._runtime.pages.language(request)),
            is_part=True,
            **self._shared(request, query, served),
        )

    async def _read(self, call: Callable[[Store], Result]) -> Result:
        return await engine_of(self._runtime).door.run(Work.READ, call)

    def _shared(self, request: Request, query: Query, served: Served) -> dict[str, Any]:
        return {
            "query": query,
            "served": served,
            "periods": PERIODS,
            "error_rates": ERROR_RATES,
            "thresholds": THRESHOLDS,
            "words": Wording(self._runtime.pages.language(request)),
        }


def _served(engine: Engine) -> Served:
    desk = engine.desk
    return Served(desk.bundle_sha256, desk.thresholds, engine.review_rules.sample_share, desk.taxonomy.urgent_priority)
