"""What happened, in words for whoever reported it."""

from datetime import datetime
from typing import Any

from examples.intake.languages import N_, Language
from ondijon_triage_client import Event

# A kind that came after this page is told as well, in general words.
UNKNOWN = N_("There is news about your report.")
PLAIN = {
    "alert.received": N_("We have received your report. Thank you!"),
    "alert.sent_to_review": N_("A member of staff will read it."),
    "alert.review_undone": N_("A member of staff is looking at it again."),
    "alert.merged": N_("Others have reported the same fault: it will be dealt with together."),
    "alert.forwarding_failed": N_(
        "Passing it on to the department did not work. We have been told and will see to it."
    ),
    "alert.in_progress": N_("Work on it has begun."),
    "alert.closed": N_("The fault has been dealt with."),
    "alert.reopened": N_("It has been reopened: the fault is not dealt with yet."),
    "alert.returned": N_("It came to the wrong department. A member of staff will pass it on."),
    "alert.updated": N_("What you added has been received."),
    "alert.withdrawn": N_("The report has been withdrawn."),
}


def steps_of(event: Event, language: Language) -> list[str]:
    """Sentences about an event; the first says what happened."""
    data = event.data
    makers = {"alert.triaged": _triaged, "alert.reviewed": _reviewed, "alert.forwarded": _forwarded}
    make = makers.get(event.kind)
    first = make(data, language) if make else language.gettext(PLAIN.get(event.kind, UNKNOWN))
    return [first, *_details(event, language)]


def _triaged(data: dict[str, Any], language: Language) -> str:
    category = language.name_of("categories", data.get("category"))
    department = language.name_of("departments", data.get("department"))
    if category is None:
        return language.gettext("It has been read.")
    if department is None or data.get("decision") == "review":
        return language.gettext("It has been read: “%(category)s”.") % {"category": category}
    message = language.gettext("It has been read: “%(category)s”. It goes to: %(department)s.")
    return message % {"category": category, "department": department}


def _reviewed(data: dict[str, Any], language: Language) -> str:
    department = language.name_of("departments", data.get("department"))
    if department is None:
        return language.gettext("A member of staff has read it.")
    message = language.gettext("A member of staff has read it. It goes to: %(department)s.")
    return message % {"department": department}


def _forwarded(data: dict[str, Any], language: Language) -> str:
    department = language.name_of("departments", data.get("department"))
    if department is None:
        return language.gettext("The department has received it.")
    return language.gettext("The department has received it: %(department)s.") % {"department": department}


def _details(event: Event, language: Language) -> list[str]:
    """What a department says besides, and the number under which it works on it."""
    note, reference = event.data.get("note"), event.data.get("reference")
    until = _moment(event.data.get("expected_at"))
    found = []
    if event.kind in {"alert.in_progress", "alert.closed", "alert.reopened"} and isinstance(note, str) and note:
        found.append(language.gettext("The department says: “%(note)s”") % {"note": note})
    if until is not None:
        found.append(language.gettext("Expected to be done by %(moment)s.") % {"moment": language.moment(until)})
    if event.kind == "alert.forwarded" and isinstance(reference, str) and reference:
        found.append(language.gettext("Its number there: %(reference)s.") % {"reference": reference})
    return found


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
