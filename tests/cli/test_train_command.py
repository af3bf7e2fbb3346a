"""`triage train` and `triage tune` refuse at once, with what to do, what would only fail after the long part."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from models.folder import CHAMPION

RunTriage = Callable[..., "subprocess.CompletedProcess[str]"]
Sentence = Callable[["subprocess.CompletedProcess[str]"], str]


@pytest.mark.parametrize("name", ["train", "tune"])
def test_small_choices_and_choices_of_a_file_exclude_each_other(
    triage: RunTriage, sentence: Sentence, name: str
) -> None:
    assert "leave out either" in sentence(triage(name, "--smoke", "--config", "mine.yaml"))


def test_the_parts_that_are_not_trained_come_from_the_champion(
    triage: RunTriage, sentence: Sentence, tmp_path: Path
) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / CHAMPION).write_text("{}", encoding="utf-8")
    assert str(folder / CHAMPION) in sentence(triage("train", "--smoke", models=folder))


def test_a_missing_configuration_is_named(triage: RunTriage, sentence: Sentence) -> None:
    assert "nowhere.yaml" in sentence(triage("tune", "--config", "nowhere.yaml"))
