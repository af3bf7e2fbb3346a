"""Words of the example: one sentence for each kind of event, in both languages."""

import ast
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from examples.intake.languages import CODES, FOLDER, Language, read_languages
from examples.intake.wording import UNKNOWN, steps_of
from ondijon_triage_client import Event
from serving.alerts.events import KINDS
from triage.settings import PROJECT_ROOT

EXAMPLE = PROJECT_ROOT / "examples" / "intake"
_KEYWORDS = {"_": None, "gettext": None, "N_": None}


@pytest.fixture(scope="module")
def languages() -> Any:
    return read_languages(PROJECT_ROOT / "datasets" / "taxonomy.yaml", ZoneInfo("Europe/Paris"))


def event(kind: str, **data: Any) -> Event:
    return Event(
        id="e",
        source="urn:ondijon:triage",
        type=f"fr.ondijon.triage.{kind}",
        subject="lamp-1",
        time=datetime(2026, 1, 15, 18, 30, tzinfo=UTC),
        data=data,
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("code", CODES)
def test_every_kind_has_words_of_its_own(languages: dict[str, Language], kind: str, code: str) -> None:
    [sentence] = steps_of(event(kind), languages[code])
    assert sentence
    assert sentence != languages[code].gettext(UNKNOWN)


def test_a_kind_of_tomorrow_is_told_in_general_words(languages: dict[str, Language]) -> None:
    assert steps_of(event("alert.of_tomorrow"), languages["en"]) == ["There is news about your report."]


def test_names_are_the_citys(languages: dict[str, Language]) -> None:
    answer = {"category": "eclairage_public", "department": "eclairage"}
    routed = event("alert.triaged", decision="route", **answer)
    assert steps_of(routed, languages["fr"]) == [
        "Il a été lu\xa0: «\xa0Éclairage public\xa0». Il est destiné à\xa0: Service éclairage public."
    ]
    # What staff have not confirmed is no promise.
    waiting = event("alert.triaged", decision="review", **answer)
    assert steps_of(waiting, languages["en"]) == ["It has been read: “Street lighting”."]
    unread = event("alert.triaged", decision="review", category=None, department=None)
    assert steps_of(unread, languages["en"]) == ["It has been read."]


def test_what_a_department_says_is_passed_on(languages: dict[str, Language]) -> None:
    working = event("alert.in_progress", note="Nacelle commandée", expected_at="2026-01-16T10:00:00+00:00")
    assert steps_of(working, languages["en"]) == [
        "Work on it has begun.",
        "The department says: “Nacelle commandée”",
        "Expected to be done by 16 Jan, 11:00.",
    ]
    taken = event("alert.forwarded", department="eclairage", reference="SR-17", target="secret-target")
    assert steps_of(taken, languages["en"]) == [
        "The department has received it: Street-lighting service.",
        "Its number there: SR-17.",
    ]


@pytest.mark.parametrize(
    "data", [{"note": 7, "expected_at": "soon"}, {"expected_at": "2026-01-16"}, {"department": []}]
)
def test_a_body_that_is_odd_breaks_no_page(languages: dict[str, Language], data: dict[str, Any]) -> None:
    for kind in KINDS:
        assert len(steps_of(event(kind, **data), languages["fr"])) == 1


def test_every_message_is_translated_and_none_is_left_over() -> None:
    methods = [("**.html", "jinja2"), ("**.py", "python")]
    options = {"**.html": {"silent": "false"}}
    found = {message for _, _, message, _, _ in extract_from_dir(EXAMPLE, methods, options, keywords=_KEYWORDS)}
    with (FOLDER / "fr" / "intake.po").open("rb") as file:
        catalogue = read_po(file, "fr", abort_invalid=True)
    entries = [entry for entry in catalogue if entry.id]
    assert {entry.id for entry in entries} == found
    assert [entry.id for entry in entries if not entry.string or list(entry.check())] == []


def test_it_uses_the_service_through_its_client_alone() -> None:
    ours = {"triage", "models", "serving", "training", "evaluation", "cli"}
    for path in EXAMPLE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.partition(".")[0] for name in names} & ours, Path(path).name
