"""`triage key`: a key is printed once and never again."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from serving.keys import KeyRing, KeyStore

RunTriage = Callable[..., "subprocess.CompletedProcess[str]"]
Sentence = Callable[["subprocess.CompletedProcess[str]"], str]


def test_a_new_key_is_all_that_is_printed_and_the_service_knows_it(triage: RunTriage, tmp_path: Path) -> None:
    done = triage("key", "add", "intake")
    assert (done.returncode, done.stderr) == (0, "")
    [key] = done.stdout.splitlines()
    assert KeyRing(KeyStore(tmp_path / "state").all()).owner(key) == "intake"


def test_keys_are_listed_by_name_and_never_shown(triage: RunTriage) -> None:
    keys = [triage("key", "add", name).stdout.strip() for name in ("intake", "tableau de bord")]
    done = triage("key", "list")
    assert done.returncode == 0
    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == ["intake", "tableau de bord"]
    assert not any(key in done.stdout or key[-10:] in done.stdout for key in keys)


def test_no_key_is_an_empty_list(triage: RunTriage) -> None:
    done = triage("key", "list")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_name_is_taken_once(triage: RunTriage, sentence: Sentence) -> None:
    triage("key", "add", "intake")
    assert "'intake' exists already" in sentence(triage("key", "add", "intake"))


@pytest.mark.parametrize("name", ["", " "])
def test_a_key_needs_a_name(triage: RunTriage, sentence: Sentence, name: str) -> None:
    assert "needs a name" in sentence(triage("key", "add", name))


def test_a_key_is_made_for_the_scopes_named_and_they_are_listed(triage: RunTriage) -> None:
    triage("key", "add", "intake")
    triage("key", "add", "map", "--scope", "events", "--scope", "alerts")
    done = triage("key", "list")
    assert [line.split("\t")[2] for line in done.stdout.splitlines()] == ["predict", "alerts events"]


def test_a_scope_that_does_not_exist_is_refused(triage: RunTriage) -> None:
    done = triage("key", "add", "intake", "--scope", "everything")
    assert done.returncode == 2
    assert all(scope in done.stderr for scope in ("predict", "alerts", "events", "personal", "admin"))


def test_a_key_is_removed_by_its_name(triage: RunTriage, sentence: Sentence, tmp_path: Path) -> None:
    triage("key", "add", "intake")
    done = triage("key", "remove", "intake")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert KeyStore(tmp_path / "state").all() == ()
    assert "no key named 'intake'" in sentence(triage("key", "remove", "intake"))


@pytest.mark.parametrize("words", [("list",), ("add", "intake"), ("remove", "intake")])
def test_a_broken_key_file_is_one_sentence(
    triage: RunTriage, sentence: Sentence, tmp_path: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "keys.json").write_text("{")
    assert "keys.json" in sentence(triage("key", *words))


def test_a_state_folder_that_cannot_be_written_is_one_sentence(
    triage: RunTriage, sentence: Sentence, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    assert "TRIAGE_STATE_DIR" in sentence(triage("key", "add", "intake", state_dir=tmp_path / "file" / "state"))
