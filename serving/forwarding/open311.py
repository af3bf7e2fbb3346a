"""A department with an Open311 server of its own: each alert becomes a request there (GeoReport v2)."""

from dataclasses import dataclass, field
from typing import Any

import httpx

from serving.forwarding import reasons
from serving.forwarding.config import Open311
from serving.forwarding.handover import Handover
from serving.forwarding.http import TIMEOUT_S, as_json, as_reference, post
from serving.forwarding.wording import Writer
from serving.outbound.targets import DeliveryFailed

# The standard's bound for a description.
_MOST_CHARACTERS = 4_000


@dataclass(frozen=True, slots=True)
class Open311Channel:
    """Files requests.

    Attributes:
        entry: where the server is, and how it calls our categories.
        key: the key that it gave; None where it asks for none.
        writer: writes descriptions.
        client: asks; see `http.post`.
        timeout_s: longest time for an answer.
    """

    entry: Open311
    key: str | None = field(repr=False)
    writer: Writer
    client: httpx.AsyncClient
    timeout_s: float = TIMEOUT_S

    async def send(self, handover: Handover) -> str:
        """File a request; its number, or the token for it where the server numbers requests later.

        Raises:
            DeliveryFailed: the server did not take it, or named no number.
        """
        # Not in the standard, which knows no repeats; servers that know the header, ours among them, take no second.
        headers = {"Accept": "application/json", "Idempotency-Key": handover.id}
        url = f"{self.entry.url}/requests.json"
        content = await post(self.client, url, self._form(handover), headers, self.timeout_s)
        reference = _number(as_json(content))
        if reference is None:
            raise DeliveryFailed(reasons.NO_NUMBER)
        return reference

    def _form(self, handover: Handover) -> dict[str, str]:
        alert, entry = handover.alert, self.entry
        form = dict(entry.fields)
        form["service_code"] = self._service(alert.category or "")
        form["description"] = self._description(handover)
        if alert.lat is not None and alert.lon is not None:
            form |= {"lat": f"{alert.lat:.7f}", "long": f"{alert.lon:.7f}"}
        if place := self.writer.place(handover):
            form["address_string"] = place
        if entry.jurisdiction is not None:
            form["jurisdiction_id"] = entry.jurisdiction
        if self.key is not None:
            form["api_key"] = self.key
        return form

    def _service(self, category: str) -> str:
        return self.entry.services.get(category) or self.entry.other_service or category

    def _description(self, handover: Handover) -> str:
        named = f"{self.writer.title(handover)} ({handover.alert.id})"
        lines = [named, *self.writer.notes(handover), *filter(None, [handover.link])]
        notes = "\n".join(lines)
        room = max(0, _MOST_CHARACTERS - len(notes) - 2)
        text = self.writer.text(handover)
        text = text if len(text) <= room else text[: max(0, room - 1)] + "…"
        return f"{text}\n\n{notes}".strip()[:_MOST_CHARACTERS]


def _number(answer: Any) -> str | None:
    """The number in the answer, which is a list of one, or that list under a name."""
    if isinstance(answer, dict):
        answer = answer.get("service_requests") or answer.get("requests") or [answer]
    first = answer[0] if isinstance(answer, list) and answer else None
    if not isinstance(first, dict):
        return None
    return as_reference(first.get("service_request_id")) or as_reference(first.get("token"))
