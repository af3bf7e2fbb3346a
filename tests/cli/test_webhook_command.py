"""`triage webhook`: a secret is printed once, addresses are checked, and what is configured is shown."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from standardwebhooks import Webhook

from tests.faults.receivers import Says, receiver
from triage.settings import Settings
from triage.store.configured import open_store

RunTriage = Callable[..., "subprocess.CompletedProcess[str]"]
Sentence = Callable[["subprocess.CompletedProcess[str]"], str]
URL = "https://app.example/hooks/triage"


def test_a_new_webhook_prints_its_secret_once_and_is_listed_without_it(triage: RunTriage, tmp_path: Path) -> None:
    done = triage("webhook", "add", "app", URL, "--kind", "alert.closed")
    assert (done.returncode, done.stderr) == (0, "")
    [secret] = done.stdout.splitlines()
    with open_store(Settings(state_dir=tmp_path / "state")) as store:
        assert store.webhooks()[0].secret == secret
    listed = triage("webhook", "list")
    assert all(word in listed.stdout for word in ("app", URL, "alert.closed", "well"))
    [document] = map(json.loads, triage("webhook", "list", "--json").stdout.splitlines())
    assert document == {
        "name": "app",
        "url": URL,
        "kinds": ["alert.closed"],
        "target": "webhook:app",
        "failing_since": None,
        "reason": None,
        "paused_until": None,
        "waiting": 0,
        "oldest": None,
        "dead": 0,
    }
    assert secret not in listed.stdout + json.dumps(document)
    assert secret.encode() not in (tmp_path / "state" / "alerts.db").read_bytes()


def test_what_cannot_be_a_webhook_is_one_sentence(triage: RunTriage, sentence: Sentence) -> None:
    assert triage("webhook", "add", "app", URL).returncode == 0
    assert "'app' exists already" in sentence(triage("webhook", "add", "app", URL))
    assert "TRIAGE_WEBHOOK_HOSTS" in sentence(triage("webhook", "add", "b", "http://10.0.0.1/h"))
    assert "no webhook named 'b'" in sentence(triage("webhook", "remove", "b"))
    done = triage("webhook", "remove", "app")
    assert (done.returncode, done.stdout, triage("webhook", "list").stdout) == (0, "", "")


def test_a_test_is_signed_and_says_whether_it_was_taken(triage: RunTriage, sentence: Sentence) -> None:
    with receiver() as hook:
        allowed = {"webhook_hosts": hook.host}
        secret = triage("webhook", "add", "app", hook.url, **allowed).stdout.strip()
        assert triage("webhook", "test", "app", **allowed).stdout == "The receiver of 'app' took the event.\n"
        [got] = hook.got
        assert Webhook(secret).verify(got.body, dict(got.headers))["type"] == "fr.ondijon.triage.webhook.test"
        hook.answer = lambda _: Says(401)
        assert "answered 401" in sentence(triage("webhook", "test", "app", **allowed))
        assert "TRIAGE_WEBHOOK_HOSTS" in sentence(triage("webhook", "test", "app"))
    assert len(hook.got) == 2
