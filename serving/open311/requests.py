"""A stored alert as the standard's service request."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from serving.desk.languages import N_, Language
from serving.desk.names import Names
from serving.desk.view.words import in_words
from serving.open311.writing import Row
from triage.prediction import Decision
from triage.store.records import Json, StoredAlert
from triage.taxonomy import Taxonomy

_CLOSED = ("closed", "withdrawn")
_CHOSE_OTHERWISE = N_("You chose “%(chosen)s”; the request was read as “%(read)s”.")
_UNDECIDED = N_("You chose “%(chosen)s”; the text reads like “%(read)s”, and the city's staff will decide.")
_STAFF_READ = N_("The city's staff are reading the request.")


@dataclass(frozen=True, slots=True)
class RequestShower:
    """Shows requests in one language, with the city's words.

    Attributes:
        taxonomy: what is expected of each priority.
        names: what codes are called.
        language: of everything else.
    """

    taxonomy: Taxonomy
    names: Names
    language: Language

    def row(self, alert: StoredAlert, link: str | None) -> Row:
        """The fields of the standard, in its order; no personal data is among them.

        Args:
            alert: which request.
            link: of its photo.
        """
        code = alert.category or self._chosen(alert)
        return {
            "service_request_id": alert.id,
            "status": "closed" if alert.state in _CLOSED else "open",
            "status_notes": self._notes(alert),
            "service_name": None if code is None else self.names.category(code),
            "service_code": code,
            "description": in_words(alert.text, self.language.gettext) or None,
            "agency_responsible": self._agency(alert),
            "service_notice": self._notice(alert.category_hint, alert.category, undecided=_is_undecided(alert)),
            "requested_datetime": _written(alert.created_at),
            "updated_datetime": _written(alert.closed_at or alert.updated_at),
            "expected_datetime": self._expected(alert),
            "address": ", ".join(filter(None, (alert.address, alert.commune))) or None,
            "address_id": None,
            "zipcode": None,
            "lat": alert.lat,
            "long": alert.lon,
            "media_url": link,
        }

    def receipt(self, alert_id: str, chosen: str | None, answer: Json) -> Row:
        """What the app gets at once; the standard's `account_id` is never known here."""
        read, undecided = (answer.get("category") or {}).get("code"), answer.get("decision") == Decision.REVIEW
        return {
            "service_request_id": alert_id,
            "service_notice": self._notice(chosen, read, undecided=undecided) or self._read_as(read, undecided),
            "account_id": None,
        }

    def _chosen(self, alert: StoredAlert) -> str | None:
        return alert.category_hint if alert.category_hint in self.taxonomy.categories else None

    def _read_as(self, code: str | None, undecided: bool) -> str:
        if code is None or undecided:
            return self.language.gettext(_STAFF_READ)
        return self.language.gettext(N_("The request was read as “%(read)s”.")) % {"read": self.names.category(code)}

    def _notice(self, chosen: str | None, read: str | None, *, undecided: bool) -> str | None:
        """The reporter's own choice, where it was not followed."""
        if chosen is None or chosen not in self.taxonomy.categories or read is None or chosen == read:
            return None
        said: Mapping[str, str] = {"chosen": self.names.category(chosen), "read": self.names.category(read)}
        return self.language.gettext(_UNDECIDED if undecided else _CHOSE_OTHERWISE) % said

    def _agency(self, alert: StoredAlert) -> str | None:
        """Nobody is responsible yet for what only waits for a person."""
        if alert.department is None or _is_undecided(alert):
            return None
        return self.names.department(alert.department)

    def _expected(self, alert: StoredAlert) -> str | None:
        """What the department said, otherwise what the priority promises."""
        if alert.state in _CLOSED:
            return None
        priority = self.taxonomy.priorities.get(alert.priority or "")
        if alert.expected_at is not None:
            return _written(alert.expected_at)
        return None if priority is None else _written(alert.received_at + timedelta(hours=priority.target_hours))

    def _notes(self, alert: StoredAlert) -> str | None:
        if alert.status_note:
            return in_words(alert.status_note, self.language.gettext)
        said = _state_in_words(alert)
        return None if said is None else self.language.gettext(said)


def _state_in_words(alert: StoredAlert) -> str | None:
    if alert.state == "withdrawn":
        return N_("The request was withdrawn.")
    if alert.state == "closed":
        return N_("The fault is dealt with.")
    if alert.state == "in_progress":
        return N_("Somebody is at work on it.")
    if _is_undecided(alert):
        return _STAFF_READ
    if alert.cluster_id is not None or alert.covered_by is not None:
        return N_("The same fault was reported more than once; the reports are dealt with together.")
    return None


def _is_undecided(alert: StoredAlert) -> bool:
    return alert.decision == Decision.REVIEW and alert.queue == "review" and alert.review_id is None


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
