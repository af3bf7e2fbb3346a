"""What is held about an alert: shown to whoever answers its reporter's request, and erased."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from serving.alerts import openapi
from serving.alerts.queries import read_purpose
from serving.handling import JSON, engine_of, timed
from serving.openapi import problems
from serving.paths import id_of, unknown
from serving.problems import Problem
from serving.runtime import Runtime
from serving.storage import RETRY_S, Work
from triage.errors import InvalidConfiguration, PhotoStorageFailed
from triage.personal_data import PersonalData, PersonalDataErased
from triage.retention import erase
from triage.store.errors import OriginalUnreadable, UnknownAlert

PATH = "/v1/alerts/{id}/personal-data"


class PersonalDataHandlers:
    """The handlers; the API page shows what each says of itself."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def show(self, request: Request) -> Response:
        """Read everything that is held about an alert, without names of staff; who does is logged."""
        alert_id, purpose, reader = id_of(request), read_purpose(request), request.state.key
        door = engine_of(self._runtime).door
        try:
            held = await door.run(Work.WRITE, lambda store: store.personal_data(alert_id, reader, purpose))
        except UnknownAlert:
            raise unknown("alert") from None
        except OriginalUnreadable as error:
            raise Problem(500, error.code, error.message) from None
        return Response(held.model_dump_json(), headers={"Cache-Control": "no-store"}, media_type=JSON)

    async def erase(self, request: Request) -> Response:
        """Erase what an alert holds of a person, for good; a second time changes nothing."""
        alert_id, actor, engine = id_of(request), request.state.key, engine_of(self._runtime)
        photos = engine.desk.photos
        try:
            # Not among the writers: photos may be far away, and nobody's alert must wait for them.
            erased = await engine.door.run(Work.SEARCH, lambda store: erase(store, photos, alert_id, actor))
        except UnknownAlert:
            raise unknown("alert") from None
        except (PhotoStorageFailed, InvalidConfiguration) as error:
            detail = f"Nothing was erased: {error.message}"
            raise Problem(503, error.code, detail, headers={"Retry-After": str(RETRY_S)}) from None
        return Response(erased.model_dump_json(), headers={"Cache-Control": "no-store"}, media_type=JSON)


def add_personal_data_routes(app: FastAPI, runtime: Runtime) -> openapi.Examples:
    """Add the two routes to the application; returns the examples of their answers."""
    handlers = PersonalDataHandlers(runtime)
    shown, erased = _answers(_held()), _answers(_ERASED)
    app.get(
        PATH,
        summary="Read everything that is held about an alert",
        response_model=PersonalData,
        responses=shown | problems(401, 403, 404, 422, 429, 500, 503),
        openapi_extra=openapi.original_request(),
    )(timed(handlers.show, PATH, runtime))
    app.delete(
        PATH,
        summary="Erase what an alert holds of a person",
        response_model=PersonalDataErased,
        responses=erased | problems(401, 403, 404, 429, 503),
        openapi_extra=openapi.alert_request(),
    )(timed(handlers.erase, PATH, runtime))
    return {(PATH, "get"): shown, (PATH, "delete"): erased}


_ERASED: openapi.Parts = {"id": "demo-1", "changed": True, "original": True, "photos": 1, "told": ["eclairage"]}


def _held() -> openapi.Parts:
    """The data of the example alert."""
    known = openapi.alert_answers()[200]["content"]["application/json"]["example"]
    event = {"kind": "alert.received", "created_at": known["received_at"], "body": {}}
    others = dict.fromkeys(("language", "address", "commune", "channel", "status_note", "photo_link"))
    lists: openapi.Parts = {name: [] for name in ("photos", "reviews", "notes", "returns")}
    values = {name: value for name, value in known.items() if name in PersonalData.model_fields}
    return (
        others
        | values
        | lists
        | {
            "erased": False,
            "original": f"{known['text']}, 06 12 34 56 78",
            "text": f"{known['text']}, <TEL>",
            "plates": 0,
            "vector": True,
            "links": 1,
            "predictions": [known["prediction"]],
            "events": [event],
            "readings": [{"read_at": "2026-11-23T09:00:00Z", "purpose": "request of 2026-11-20"}],
        }
    )


def _answers(example: openapi.Parts) -> openapi.Answers:
    return {200: {"description": "Done.", "content": {"application/json": {"example": example}}}}
