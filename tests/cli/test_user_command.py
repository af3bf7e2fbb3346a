"""`triage user`: accounts of staff, whose passwords are never on a command line."""

import fcntl
import json
import os
import pty
import select
import subprocess
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from triage.store.personal import PersonalKeys
from triage.store.store import Store

RunTriage = Callable[..., "subprocess.CompletedProcess[str]"]
Sentence = Callable[["subprocess.CompletedProcess[str]"], str]
PASSWORD = "un cheval vert 12"  # noqa: S105 - of accounts that live for one test


@pytest.fixture
def run(command: str, environment: dict[str, str], tmp_path: Path) -> RunTriage:
    """Runs `triage user` with a line on stdin."""

    def call(*arguments: str, line: str = PASSWORD) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [command, "user", *arguments],
            cwd=tmp_path,
            env=environment | {"TRIAGE_STATE_DIR": str(tmp_path / "state")},
            input=f"{line}\n",
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    return call


def add(run: RunTriage, name: str = "a.petit", role: str = "agent", **options: str) -> None:
    done = run("add", name, "--role", role, "--password-stdin", **options)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_new_account_can_sign_in_and_its_password_is_nowhere(run: RunTriage, tmp_path: Path) -> None:
    add(run, "A.Petit", "supervisor")
    done = run("list")
    assert done.stdout == "a.petit\tsupervisor\tpassword\tactive\tA.Petit\n"
    with Store.open(f"sqlite:///{tmp_path}/state/alerts.db", key=PersonalKeys.from_file(tmp_path / "state")) as store:
        account = store.account("a.petit")
    assert account is not None and account.password_hash is not None
    assert account.password_hash.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert not any(PASSWORD.encode() in path.read_bytes() for path in (tmp_path / "state").iterdir())


def test_no_option_takes_a_password(run: RunTriage) -> None:
    assert run("add", "a.petit", "--role", "agent", "--password", PASSWORD).returncode == 2
    assert run("add", "a.petit", PASSWORD, "--role", "agent").returncode == 2


def test_a_password_needs_a_terminal_or_stdin(run: RunTriage, sentence: Sentence) -> None:
    assert "--password-stdin" in sentence(run("add", "a.petit", "--role", "agent"))


@pytest.mark.parametrize("password", ["", "eleven char", "x" * 1_001])
def test_a_password_is_long_enough_and_not_too_long(run: RunTriage, sentence: Sentence, password: str) -> None:
    done = run("add", "a.petit", "--role", "agent", "--password-stdin", line=password)
    assert "12 to 1000 characters" in sentence(done)
    assert run("list").stdout == ""


@pytest.mark.parametrize("name", ["", "a b", "émilie", "a\x1bb", "../x"])
def test_a_name_that_cannot_be_used_is_one_sentence(run: RunTriage, sentence: Sentence, name: str) -> None:
    assert "letters without accents" in sentence(run("add", name, "--role", "agent", "--password-stdin"))


def test_a_role_that_does_not_exist_is_refused(run: RunTriage) -> None:
    done = run("add", "a.petit", "--role", "root", "--password-stdin")
    assert done.returncode == 2
    assert all(role in done.stderr for role in ("agent", "supervisor", "administrator"))


def test_accounts_are_changed_and_the_log_tells(run: RunTriage, sentence: Sentence) -> None:
    add(run)
    assert "named 'a.petit' already" in sentence(run("add", "a.petit", "--role", "agent", "--password-stdin"))
    for words in (
        ("role", "A.PETIT", "supervisor"),
        ("password", "a.petit", "--password-stdin"),
        ("disable", "a.petit"),
    ):
        done = run(*words)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert run("list").stdout == "a.petit\tsupervisor\tpassword\tdisabled\ta.petit\n"
    run("enable", "a.petit")
    log = [json.loads(line) for line in run("log").stdout.splitlines()]
    assert [entry["action"] for entry in log] == [
        "account_enabled",
        "account_disabled",
        "password_changed",
        "role_changed",
        "account_made",
    ]
    assert len(run("log", "--limit", "1").stdout.splitlines()) == 1
    assert [json.loads(line)["action"] for line in run("log", "--action", "role_changed").stdout.splitlines()] == [
        "role_changed"
    ]
    for words in (("disable", "x"), ("enable", "x"), ("role", "x", "agent"), ("password", "x", "--password-stdin")):
        assert "named 'x'" in sentence(run(*words))


def test_on_a_terminal_the_password_is_asked_for_twice_and_not_shown(
    command: str, environment: dict[str, str], tmp_path: Path
) -> None:
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [command, "user", "add", "a.petit", "--role", "agent"],
        env=environment | {"TRIAGE_STATE_DIR": str(tmp_path / "state")},
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - no threads here
    )
    os.close(follower)
    try:
        shown = b""
        for prompt in (b"Password:", b"Repeat"):
            while prompt not in shown:
                ready, _, _ = select.select([leader], [], [], 60)
                assert ready, shown
                shown += os.read(leader, 1_000)
            time.sleep(0.2)  # until the terminal shows nothing more of what is typed
            os.write(leader, f"{PASSWORD}\n".encode())
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
        os.close(leader)
    assert PASSWORD.encode() not in shown
