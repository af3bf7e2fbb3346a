"""`triage events`: what happened, who fails, what was given up, and how it is sent anew."""

import json
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from triage.settings import Settings
from triage.store.configured import open_store
from triage.store.delivery_records import Outcome, Progress, Share
from triage.store.records import NewEvent
from triage.store.store import Store

RunTriage = Callable[..., "subprocess.CompletedProcess[str]"]
Sentence = Callable[["subprocess.CompletedProcess[str]"], str]
NOW = datetime.now(UTC)
SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="  # noqa: S105


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(Settings(state_dir=tmp_path / "state")) as opened:
        yield opened


@pytest.fixture
def given_up(store: Store) -> list[str]:
    """The ids of two events that a webhook never took, and of one that still waits."""
    store.add_webhook("app", "https://app.example/h", (), SECRET)
    for name in ("lampe\x1b[31m", "b", "c"):
        store.add_events(name, [NewEvent("alert.closed", {"note": name})])
    claim = store.claim_deliveries("webhook:app", "me", NOW + timedelta(seconds=30), Share(9, 9, 9))
    assert claim is not None
    outcomes = tuple(
        Outcome(event, "dead", 40, NOW, None, "answered 500")
        if event.alert_id != "c"
        else Outcome(event, "failed", 1, NOW, NOW, "answered 500")
        for event in claim.fresh
    )
    progress = Progress(claim.fresh[-1].seq, 3, NOW, "answered 500", NOW, outcomes)
    store.note_deliveries("webhook:app", "me", progress)
    return [event.id for event in claim.fresh]


def lines(done: "subprocess.CompletedProcess[str]") -> list[dict[str, object]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_latest_events_are_shown_oldest_first(triage: RunTriage, store: Store) -> None:
    for number in range(5):
        store.add_events("a/1", [NewEvent("alert.closed" if number % 2 else "alert.reopened", {"number": number})])
    shown = lines(triage("events", "tail", "--limit", "2", "--json"))
    assert [event["body"] for event in shown] == [{"number": 3}, {"number": 4}]
    assert shown[0].keys() == {"seq", "id", "alert", "kind", "at", "body"}
    chosen = lines(triage("events", "tail", "--kind", "alert.closed", "--alert", "a/1", "--json"))
    assert [event["body"] for event in chosen] == [{"number": 1}, {"number": 3}]
    plain = triage("events", "tail", "--limit", "1").stdout
    assert plain.split("\t")[2:] == ["alert.reopened", '"a/1"', '{"number": 4}\n']


def test_following_goes_on_with_what_happens(
    command: str, environment: dict[str, str], tmp_path: Path, store: Store
) -> None:
    settings = {"TRIAGE_STATE_DIR": str(tmp_path / "state"), "PYTHONUNBUFFERED": "1"}
    store.add_events("a", [NewEvent("alert.closed", {})])
    arguments = [command, "events", "tail", "--follow", "--json"]
    with subprocess.Popen(arguments, env=environment | settings, stdout=subprocess.PIPE, encoding="utf-8") as process:
        try:
            assert process.stdout is not None
            assert json.loads(process.stdout.readline())["kind"] == "alert.closed"
            store.add_events("a", [NewEvent("alert.reopened", {})])
            assert json.loads(process.stdout.readline())["kind"] == "alert.reopened"
        finally:
            process.terminate()


def test_what_was_given_up_is_listed_and_sent_anew(
    triage: RunTriage, sentence: Sentence, store: Store, given_up: list[str]
) -> None:
    dead = lines(triage("events", "dead", "--json"))
    assert [letter["id"] for letter in dead] == given_up[:2]
    assert {(letter["target"], letter["attempts"], letter["reason"]) for letter in dead} == {
        ("webhook:app", 40, "answered 500")
    }
    table = triage("events", "dead", "--target", "webhook:app").stdout
    assert given_up[0] in table
    assert "\x1b[31m" not in table
    assert "triage events dead" in sentence(triage("events", "replay", "unknown"))
    assert lines(triage("events", "replay", given_up[1], "--json")) == [{"replayed": 1}]
    assert triage("events", "replay", "--target", "webhook:app").stdout == "Sent anew: 1.\n"
    assert store.dead_letters() == ()


def test_targets_show_how_they_are_doing(triage: RunTriage, given_up: list[str]) -> None:
    [target] = lines(triage("events", "targets", "--json"))
    assert (target["target"], target["waiting"], target["dead"]) == ("webhook:app", 1, 2)
    assert (target["reason"], given_up[2]) == ("answered 500", given_up[2])
    table = triage("events", "targets").stdout
    assert all(words in table for words in ("failing since", "answered 500", "1 waiting", "2 given up"))
