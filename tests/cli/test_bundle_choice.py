"""Which bundle a command reads: the one of the command line, else the champion, else that of the settings."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.bundle_choice import settings_in_use
from models.bundle import load_bundle, write_manifest
from models.folder import ModelFolder
from triage.errors import InvalidBundle


@pytest.fixture
def models(tmp_path: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelFolder]:
    """A folder of models with a champion, which the settings name."""
    copy = Path(shutil.copytree(bundle, tmp_path / "copy"))
    fields = load_bundle(bundle).manifest.model_dump(exclude={"format_version", "files"})
    write_manifest(copy, **(fields | {"version": "2026.11.24-champion"}))
    folder = ModelFolder(tmp_path / "models")
    folder.install(copy)
    folder.promote("2026.11.24-champion", by="a test")
    monkeypatch.setenv("TRIAGE_MODELS", str(folder.path))
    monkeypatch.chdir(tmp_path)
    yield folder


@pytest.mark.usefixtures("models")
def test_the_champion_is_read_where_there_is_one() -> None:
    assert load_bundle(settings_in_use().bundle).manifest.version == "2026.11.24-champion"


@pytest.mark.usefixtures("models")
def test_a_bundle_of_the_command_line_wins(bundle: Path) -> None:
    assert settings_in_use(bundle).bundle == bundle


def test_without_a_folder_of_models_the_settings_decide(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRIAGE_BUNDLE", str(bundle))
    assert settings_in_use().bundle == bundle


def test_a_broken_champion_is_refused_and_not_passed_over(models: ModelFolder) -> None:
    (models.bundle_path("2026.11.24-champion") / "taxonomy.yaml").write_text("version: 1\n", encoding="utf-8")
    with pytest.raises(InvalidBundle):
        settings_in_use()
