"""Every route of the service as a call: what is sent, and how the answer is read."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ValidationError

from ondijon_triage_client.alerts import Alert, PhotoSource, as_form, as_json, new_id
from ondijon_triage_client.answers import AlertPage, Cluster, LinkedAlerts, Prediction, Receipt, StoredAlert
from ondijon_triage_client.errors import MissingKey, UnexpectedAnswer, raise_for_problem
from ondijon_triage_client.exchange import Call

KEY_VARIABLE = "TRIAGE_KEY"
_JSON = {"Content-Type": "application/json"}
_CREATED, _ACCEPTED = 201, 202

Document = TypeVar("Document", bound=BaseModel)


def headers_of(key: str | None) -> dict[str, str]:
    """The headers of every request.

    Args:
        key: an API key; None takes the environment variable TRIAGE_KEY.

    Raises:
        MissingKey: neither is there, or a header cannot carry it.
    """
    value = (key if key is not None else os.environ.get(KEY_VARIABLE, "")).strip()
    if not value or not value.isascii() or not value.isprintable():
        raise MissingKey(
            f"An API key is needed: give `key=`, or set {KEY_VARIABLE}. On the service's machine, `triage key add NAME`"
            " prints a new one."
        )
    return {"Authorization": f"Bearer {value}", "Accept": "application/json", "User-Agent": "ondijon-triage-client"}


@dataclass(frozen=True, slots=True)
class AlertQuery:
    """Which stored alerts a list shows.

    Attributes:
        bbox: west, south, east and north in degrees.
        since: the earliest creation, with its zone.
        until: the creation from which on none is shown.
        category: code of the taxonomy.
        state: such as `open`.
        page_size: alerts in one answer of the service, 1 to 500.
    """

    bbox: tuple[float, float, float, float] | None = None
    since: datetime | None = None
    until: datetime | None = None
    category: str | None = None
    state: str | None = None
    page_size: int = 100

    def params(self) -> dict[str, str]:
        """The query of the first page."""
        given = {
            "bbox": None if self.bbox is None else ",".join(map(str, self.bbox)),
            "since": _moment(self.since),
            "until": _moment(self.until),
            "category": self.category,
            "state": self.state,
            "limit": str(self.page_size),
        }
        return {name: value for name, value in given.items() if value is not None}


def predict(alert: Alert, *, explain: bool) -> Call[Prediction]:
    """Triage one alert without storing it."""
    params = {"explain": "true"} if explain else {}
    return _with_photos("POST", "/v1/predict", alert.document(), alert.photos, reader(Prediction), params=params)


def predict_batch(documents: Sequence[Mapping[str, Any]]) -> Call[list[Any]]:
    """Triage alerts, photos in base64 included; the answers are read one by one elsewhere."""
    content = as_json({"alerts": documents})
    return Call("POST", "/v1/predict/batch", _results(len(documents)), headers=_JSON, content=content, is_long=True)


def create_alert(alert: Alert) -> Call[Receipt]:
    """Triage an alert and store it."""
    return _with_photos("POST", "/v1/alerts", alert.document(), alert.photos, _receipt, headers=_keyed())


def get_alert(alert_id: str) -> Call[StoredAlert]:
    """Read a stored alert."""
    return Call("GET", alert_path(alert_id), reader(StoredAlert))


def list_alerts(query: AlertQuery, cursor: str | None) -> Call[AlertPage]:
    """Read one page of stored alerts."""
    params = query.params() | ({} if cursor is None else {"cursor": cursor})
    return Call("GET", "/v1/alerts", reader(AlertPage), params=params)


def duplicates(alert_id: str) -> Call[LinkedAlerts]:
    """Read what ties an alert to others."""
    return Call("GET", f"{alert_path(alert_id)}/duplicates", reader(LinkedAlerts))


def cluster(cluster_id: str) -> Call[Cluster]:
    """Read a cluster of duplicates."""
    return Call("GET", f"/v1/clusters/{_encoded(cluster_id)}", reader(Cluster))


def close(alert_id: str) -> Call[StoredAlert]:
    """Say that a fault is dealt with; a second time changes nothing."""
    return Call("POST", f"{alert_path(alert_id)}/close", reader(StoredAlert))


def reopen(alert_id: str) -> Call[StoredAlert]:
    """Say that a fault is not dealt with after all; a second time changes nothing."""
    return Call("POST", f"{alert_path(alert_id)}/reopen", reader(StoredAlert))


def status(
    alert_id: str, status: str, note: str | None, department: str | None, expected_at: datetime | None
) -> Call[StoredAlert]:
    """Report progress; what was said already changes nothing."""
    document = {"status": status, "note": note, "department": department, "expected_at": _moment(expected_at)}
    return _change(f"{alert_path(alert_id)}/status", document)


def return_alert(alert_id: str, department: str, reason: str, proposed: str | None) -> Call[StoredAlert]:
    """Give back an alert that came to the wrong department; a second time changes nothing."""
    document = {"department": department, "reason": reason, "proposed": proposed}
    return _change(f"{alert_path(alert_id)}/return", document)


def add(
    alert_id: str, text: str | None, photos: Sequence[PhotoSource], version: int | None, key: str | None
) -> Call[StoredAlert]:
    """Add a text or photos to an alert."""
    given = {"text": text, "version": version}
    document = {name: value for name, value in given.items() if value is not None}
    headers = _keyed(key)
    return _with_photos("PATCH", alert_path(alert_id), document, photos, reader(StoredAlert), headers=headers)


def withdraw(alert_id: str) -> Call[StoredAlert]:
    """Take an alert back."""
    return Call("DELETE", alert_path(alert_id), reader(StoredAlert))


def alert_path(alert_id: str) -> str:
    """Where an alert is found."""
    return f"/v1/alerts/{_encoded(alert_id)}"


def reader(kind: type[Document]) -> Callable[[httpx.Response], Document]:
    """What reads an answer of one kind."""

    def read(response: httpx.Response) -> Document:
        raise_for_problem(response)
        try:
            return kind.model_validate_json(response.content)
        except ValidationError as error:
            raise _unreadable(response, error) from None

    return read


def _receipt(response: httpx.Response) -> Receipt:
    raise_for_problem(response)
    is_new = response.status_code in {_CREATED, _ACCEPTED}
    try:
        document = response.json() | {"created": is_new, "is_waiting": response.status_code == _ACCEPTED}
        return Receipt.model_validate(document)
    except (ValidationError, ValueError, TypeError) as error:
        raise _unreadable(response, error) from None


def _results(expected: int) -> Callable[[httpx.Response], list[Any]]:
    def read(response: httpx.Response) -> list[Any]:
        raise_for_problem(response)
        try:
            results = response.json()["results"]
        except (ValueError, KeyError, TypeError) as error:
            raise _unreadable(response, error) from None
        if not isinstance(results, list) or len(results) != expected:
            raise UnexpectedAnswer(f"The batch of {expected} alerts got another number of answers.")
        return results

    return read


def _unreadable(response: httpx.Response, error: Exception) -> UnexpectedAnswer:
    # What pydantic found would quote the answer, and so perhaps a resident.
    where = error.errors()[0]["loc"] if isinstance(error, ValidationError) else type(error).__name__
    path = response.request.url.path
    return UnexpectedAnswer(f"{path} answered something that cannot be read ({where}); is this client too old for it?")


def _change(path: str, document: Mapping[str, Any]) -> Call[StoredAlert]:
    given = {name: value for name, value in document.items() if value is not None}
    return Call("POST", path, reader(StoredAlert), headers=_JSON, content=as_json(given))


def _with_photos(
    method: str,
    path: str,
    document: Mapping[str, Any],
    photos: Sequence[PhotoSource],
    read: Callable[[httpx.Response], Document],
    **more: Any,
) -> Call[Document]:
    if photos:
        return Call(method, path, read, files=as_form("alert", document, photos), **more)
    headers = _JSON | more.pop("headers", {})
    return Call(method, path, read, headers=headers, content=as_json(document), **more)


def _moment(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def _keyed(key: str | None = None) -> dict[str, str]:
    return {"Idempotency-Key": key or new_id()}


def _encoded(part: str) -> str:
    # Clients take "." and ".." for steps in the path.
    return part.replace(".", "%2E") if part in {".", ".."} else quote(part, safe="")
