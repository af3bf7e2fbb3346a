"""`triage register`: the sheet of the bundle in use, on stdout or in a file."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import RunTriage

Sentence = Callable[..., str]


def test_the_sheet_is_written_in_french_and_what_is_left_is_named(triage: RunTriage, tmp_path: Path) -> None:
    (tmp_path / "d.toml").write_text('contact_email = "contact@ville.example"\n')
    done = triage("register", "--format", "html", "--details", "d.toml", "--output", "registre.html")
    assert (done.returncode, done.stdout) == (0, "")
    page = (tmp_path / "registre.html").read_text(encoding="utf-8")
    assert '<html lang="fr">' in page and "contact@ville.example" in page
    assert "lawful_basis" in done.stderr and "contact_email" not in done.stderr


def test_the_json_on_stdout_is_whole(triage: RunTriage) -> None:
    done = triage("register", "--language", "en", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["fields"]["goal"]["missing"] is False


def test_details_that_cannot_be_used_are_a_sentence(triage: RunTriage, sentence: Sentence, tmp_path: Path) -> None:
    for content in ("not toml", "organization = 3", 'colour = "red"'):
        (tmp_path / "d.toml").write_text(content)
        sentence(triage("register", "--details", "d.toml"))
