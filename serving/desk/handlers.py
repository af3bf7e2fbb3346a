"""The pages of the desk that show something."""

import base64
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from serving.desk.gathering import Wanted, gather
from serving.desk.languages import N_
from serving.desk.map.backdrop import Backdrop
from serving.desk.names import Names
from serving.desk.parts import DeskParts
from serving.desk.showing import Showing, Shown
from serving.desk.view.words import Piece, marked_pieces, plain_pieces
from serving.engine import Engine
from serving.handling import engine_of
from serving.paths import id_of, unknown
from serving.problems import Problem
from serving.runtime import Runtime
from serving.storage import Work
from triage.alert import Alert
from triage.errors import PhotoMissing, PhotoStorageFailed
from triage.intake import TakenIn
from triage.prediction import ExplainedPrediction
from triage.staff import Member
from triage.store.errors import BadCursor, ClaimedByOther, UnknownAlert
from triage.store.records import QueueKind, StoredAlert
from triage.store.review_records import MAIN_QUEUE, SUSPECT_QUEUE

logger = logging.getLogger("triage.serving")


@dataclass(frozen=True, slots=True)
class DeskPages:
    """What GET answers; actions use it too, to show what became of them."""

    runtime: Runtime
    backdrop: Backdrop

    async def queue(self, request: Request) -> Response:
        """The queue, and its next alert."""
        return await self._next(request, MAIN_QUEUE)

    async def suspects(self, request: Request) -> Response:
        """The queue of labels that may be wrong, and its next alert."""
        return await self._next(request, SUSPECT_QUEUE)

    async def alert(self, request: Request) -> Response:
        """One alert: taken by the reader if it waits, unless they only want to look."""
        return await self.show(request, id_of(request), take="look" not in request.query_params)

    async def words(self, request: Request) -> Response:
        """The words that decided: of the text alone where htmx asks, otherwise on the whole page."""
        alert = await self.stored(id_of(request))
        pieces = await self._marked(alert)
        if "hx-request" not in request.headers:
            return await self.show(request, alert.id, words=pieces)
        return self.render(
            "words.html",
            request,
            {"pieces": pieces or plain_pieces(alert.text), "alert": alert, "failed": pieces is None},
        )

    async def photo(self, request: Request) -> Response:
        """The blurred copy of a photo."""
        content = await self._photo(request)
        return Response(content, media_type="image/jpeg")

    async def heat(self, request: Request) -> Response:
        """Where in a photo the model saw what it answered."""
        content = await self._photo(request)
        engine = engine_of(self.runtime)
        document = {"id": "photo", "photo": {"base64": base64.b64encode(content).decode("ascii")}}
        item = await to_thread.run_sync(lambda: engine.desk.intake.take_in(Alert.model_validate(document)))
        answered = await engine.explainer.submit(item)
        assert isinstance(answered.prediction, ExplainedPrediction)  # noqa: S101 - what the explainer gives
        seen = answered.prediction.explanation.photos
        if not seen or seen[0].heat_map is None:
            raise Problem(404, "no_heat_map", N_("The model cannot say where it looked."))
        return Response(base64.b64decode(seen[0].heat_map), media_type="image/png")

    async def help(self, request: Request) -> Response:
        """How the desk works, and its keys."""
        return self.render("help.html", request, {"section": "help"})

    async def show(
        self,
        request: Request,
        alert_id: str,
        *,
        take: bool = True,
        words: tuple[Piece, ...] | None = None,
        unmasked: str | None = None,
    ) -> Response:
        """The page of one alert.

        Raises:
            Problem: 404 where there is no such alert.
        """
        engine = engine_of(self.runtime)
        alert = await self.stored(alert_id)
        how = Shown(words=words, unmasked=unmasked)
        if take and alert.queue is not None:
            how = await self._taken(request, alert, how)
        elif alert.queue is not None:
            how = Shown(is_open=False, words=words, unmasked=unmasked)
        kinds = SUSPECT_QUEUE if alert.queue in SUSPECT_QUEUE else MAIN_QUEUE
        wanted = Wanted(member_of(request).name, kinds, alert.id, engine.clock())
        return await self._desk(request, wanted, how)

    async def stored(self, alert_id: str) -> StoredAlert:
        """An alert.

        Raises:
            Problem: 404 where there is none with this id.
        """
        alert = await engine_of(self.runtime).door.run(Work.READ, lambda store: store.alert(alert_id))
        if alert is None:
            raise unknown("alert")
        return alert

    def render(self, name: str, request: Request, values: Mapping[str, Any], status: int = 200) -> Response:
        """A page with the names of the city in the reader's language."""
        return self.runtime.pages.render(
            name, request, status=status, **({"names": self.names(request)} | dict(values))
        )

    def names(self, request: Request) -> Names:
        """What codes are called in the reader's language."""
        return self._parts.names[self.runtime.pages.language(request).code]

    @property
    def _parts(self) -> DeskParts:
        return engine_of(self.runtime).desk

    async def _next(self, request: Request, kinds: tuple[QueueKind, ...]) -> Response:
        engine, name = engine_of(self.runtime), member_of(request).name
        now = engine.clock()
        until = now + engine.desk.claim
        taken = await engine.door.run(Work.WRITE, lambda store: store.claim_next(kinds, name, now, until))
        wanted = Wanted(name, kinds, None if taken is None else taken.id, now, request.query_params.get("after"))
        try:
            return await self._desk(request, wanted, Shown())
        except BadCursor:
            raise Problem(404, "bad_cursor", N_("This part of the queue is gone; begin again at its start.")) from None

    async def _desk(self, request: Request, wanted: Wanted, how: Shown) -> Response:
        engine = engine_of(self.runtime)
        try:
            gathered = await engine.door.run(Work.READ, lambda store: gather(store, wanted))
        except UnknownAlert:
            raise unknown("alert") from None
        showing = Showing(engine.desk, self.backdrop, self.names(request), member_of(request))
        return self.render("desk.html", request, showing.values(gathered, wanted, how))

    async def _taken(self, request: Request, alert: StoredAlert, how: Shown) -> Shown:
        engine, name = engine_of(self.runtime), member_of(request).name
        now = engine.clock()
        until = now + engine.desk.claim
        try:
            await engine.door.run(Work.WRITE, lambda store: store.claim(alert.id, name, now, until))
        except ClaimedByOther as error:
            return Shown(False, error.reviewer, error.until, how.words, how.unmasked)
        return how

    async def _marked(self, alert: StoredAlert) -> tuple[Piece, ...] | None:
        """The text with the deciding words; None where the model cannot be asked now."""
        if not alert.text:
            return ()
        engine: Engine = engine_of(self.runtime)
        try:
            answered = await engine.explainer.submit(TakenIn(Alert(id="text", text=alert.text)))
        except Exception as error:  # an alert can be answered without them
            logger.warning("the deciding words cannot be found (%s)", type(error).__name__)
            return None
        assert isinstance(answered.prediction, ExplainedPrediction)  # noqa: S101 - what the explainer gives
        return marked_pieces(alert.text, answered.prediction.explanation.words)

    async def _photo(self, request: Request) -> bytes:
        alert = await self.stored(id_of(request))
        given = request.path_params["number"]
        number = int(given) if given.isascii() and given.isdecimal() and len(given) < 4 else 0
        key = alert.photos[number - 1].get("key") if 1 <= number <= len(alert.photos) else None
        storage = self._parts.photos
        if key is None or storage is None:
            raise Problem(404, "no_photo", N_("This photo is not kept."))
        try:
            return await to_thread.run_sync(storage.get, key)
        except PhotoMissing:
            raise Problem(404, "no_photo", N_("This photo is not kept.")) from None
        except PhotoStorageFailed:
            raise Problem(503, "photos_unavailable", N_("The photos cannot be read at the moment.")) from None


def member_of(request: Request) -> Member:
    """Who is signed in; the layer in front lets nobody else through."""
    member = request.state.member
    assert isinstance(member, Member)  # noqa: S101 - see above
    return member
