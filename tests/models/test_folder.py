"""A folder of models: what comes in, who is champion, how one goes back, and what cannot be put in anybody's place."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.bundle import load_bundle, write_manifest
from models.folder import ModelFolder, bundle_in_use
from models.promotions import Event, GateNote
from triage.errors import InvalidBundle, InvalidModelFolder

Fields = Callable[..., dict[str, Any]]
WriteFiles = Callable[[Path], Path]
MakeVersion = Callable[..., Path]

WHO = "d.durand"


@pytest.fixture
def version(tmp_path: Path, write_files: WriteFiles, fields: Fields) -> MakeVersion:
    """Writes a small bundle of a version."""

    def make(version: str, /, **changes: Any) -> Path:
        folder = write_files(tmp_path / f"made {len(list(tmp_path.iterdir()))}")
        write_manifest(folder, **fields(version=version, **changes))
        return folder

    return make


@pytest.fixture
def models(tmp_path: Path) -> ModelFolder:
    return ModelFolder(tmp_path / "models")


@pytest.fixture
def promoted(models: ModelFolder, version: MakeVersion) -> Callable[..., None]:
    """Installs versions and makes each champion in turn."""

    def make(*names: str) -> None:
        for name in names:
            models.install(version(name))
            models.promote(name, by=WHO, why=f"because {name}")

    return make


Promoted = Callable[..., None]


def names(models: ModelFolder) -> list[str]:
    """What lies in the folder and is not hidden."""
    return sorted(path.name for path in models.path.iterdir() if not path.name.startswith("."))


def test_an_empty_or_missing_folder_has_no_champion_and_no_history(models: ModelFolder) -> None:
    assert (models.champion(), models.challenger(), models.history()) == (None, None, ())


def test_an_installed_bundle_is_the_same_bundle_under_its_version(models: ModelFolder, version: MakeVersion) -> None:
    made = version("2026.11.23-a")
    installed = models.install(made)
    assert installed.folder == models.path / "2026.11.23-a"
    assert load_bundle(installed.folder).sha256 == load_bundle(made).sha256
    assert names(models) == ["2026.11.23-a"]


def test_installing_twice_changes_nothing(models: ModelFolder, version: MakeVersion) -> None:
    made = version("1")
    assert models.install(made).sha256 == models.install(made).sha256
    assert names(models) == ["1"]


def test_a_version_names_one_bundle_for_ever(models: ModelFolder, version: MakeVersion) -> None:
    models.install(version("1"))
    with pytest.raises(InvalidModelFolder, match="a version names one bundle for ever"):
        models.install(version("1", name="other"))


def test_what_a_crash_left_of_a_copy_is_cleared_away(models: ModelFolder, version: MakeVersion) -> None:
    (models.path / ".incoming-x" / "bundle").mkdir(parents=True)
    models.install(version("1"))
    assert not list(models.path.glob(".incoming-*"))


def test_a_broken_bundle_is_not_installed_and_leaves_nothing_behind(models: ModelFolder, version: MakeVersion) -> None:
    made = version("1")
    (made / "text" / "model.onnx").write_bytes(b"cut")
    with pytest.raises(InvalidBundle):
        models.install(made)
    assert not models.path.exists() or not any(models.path.iterdir())


@pytest.mark.parametrize(
    "name", ["../away", "a/b", ".hidden", "champion.json", "history.jsonl", "", "x" * 101, "a\nb", "..", "été", "a b"]
)
def test_a_version_that_could_lead_elsewhere_is_refused(models: ModelFolder, version: MakeVersion, name: str) -> None:
    with pytest.raises(InvalidModelFolder, match="cannot name a model"):
        models.install(version(name))
    with pytest.raises(InvalidModelFolder, match="cannot name a model"):
        models.promote(name, by=WHO)
    assert not models.path.exists()


def test_a_champion_that_names_another_place_is_no_champion(models: ModelFolder, promoted: Promoted) -> None:
    promoted("1")
    file = models.path / "champion.json"
    said = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(said | {"version": "../made 0"}), encoding="utf-8")
    with pytest.raises(InvalidModelFolder, match="names no model: version"):
        models.champion()


def test_a_link_in_place_of_a_model_is_refused(models: ModelFolder, promoted: Promoted, tmp_path: Path) -> None:
    promoted("1")
    (models.path / "1").rename(tmp_path / "moved")
    (models.path / "1").symlink_to(tmp_path / "moved")
    champion = models.champion()
    assert champion
    with pytest.raises(InvalidModelFolder, match="is a link"):
        models.verified(champion)
    with pytest.raises(InvalidModelFolder, match="Another bundle"):
        models.install(tmp_path / "moved")


def test_a_champion_says_who_made_it_so_and_why(models: ModelFolder, promoted: Promoted) -> None:
    promoted("1", "2")
    champion = models.champion()
    assert champion
    assert (champion.version, champion.by, champion.why, champion.previous) == ("2", WHO, "because 2", "1")
    assert models.verified(champion).folder == models.path / "2"


def test_the_history_keeps_the_gates_and_the_run(models: ModelFolder, version: MakeVersion) -> None:
    models.install(version("1"))
    gate = GateNote(code="GAT004", title="t", status="forced", message="m.", values={"change": -0.1, "odd": None})
    models.promote("1", by=WHO, run_id="f" * 32, gates=[gate])
    [entry] = models.history()
    assert (entry.event, entry.run_id, entry.gates) == (Event.PROMOTED, "f" * 32, (gate,))


def test_a_figure_that_is_no_number_does_not_spoil_the_history(models: ModelFolder, version: MakeVersion) -> None:
    models.install(version("1"))
    gate = GateNote(code="GAT015", title="t", status="fail", message="m.", values={"change": float("nan")})
    models.promote("1", by=WHO, gates=[gate])
    assert models.history()[0].gates[0].values == {"change": None}


def test_the_champion_cannot_be_promoted_again(models: ModelFolder, promoted: Promoted) -> None:
    promoted("1")
    with pytest.raises(InvalidModelFolder, match="already; nothing was changed"):
        models.promote("1", by=WHO)
    assert len(models.history()) == 1


def test_what_was_never_installed_cannot_be_promoted(models: ModelFolder) -> None:
    with pytest.raises(InvalidBundle):
        models.promote("9", by=WHO)
    assert models.champion() is None


def test_a_rollback_returns_to_the_champion_before_and_then_one_further(
    models: ModelFolder, promoted: Promoted
) -> None:
    promoted("1", "2", "3")
    assert [models.rollback(by=WHO, why="worse").version for _ in range(2)] == ["2", "1"]
    with pytest.raises(InvalidModelFolder, match="no champion to go back to"):
        models.rollback(by=WHO)
    assert [entry.event for entry in models.history()][3:] == [Event.ROLLED_BACK, Event.ROLLED_BACK]
    champion = models.champion()
    assert champion
    assert (champion.version, champion.why) == ("1", "worse")


def test_after_a_rollback_the_next_champion_goes_back_to_the_right_one(models: ModelFolder, promoted: Promoted) -> None:
    promoted("1", "2")
    models.rollback(by=WHO)
    promoted("3")
    assert models.rollback(by=WHO).version == "1"


def test_nobody_goes_back_to_a_bundle_that_is_broken(models: ModelFolder, promoted: Promoted) -> None:
    promoted("1", "2")
    (models.path / "1" / "text" / "model.onnx").unlink()
    with pytest.raises(InvalidBundle):
        models.rollback(by=WHO)
    champion = models.champion()
    assert champion
    assert champion.version == "2"
    assert len(models.history()) == 2


def test_nobody_goes_back_to_another_bundle_under_the_same_name(
    models: ModelFolder, promoted: Promoted, version: MakeVersion
) -> None:
    promoted("1", "2")
    shutil.rmtree(models.path / "1")
    shutil.copytree(version("1", name="other"), models.path / "1")
    with pytest.raises(InvalidModelFolder, match="is not the one that was put there"):
        models.rollback(by=WHO)


def test_a_challenger_answers_a_share_until_it_is_ended(models: ModelFolder, promoted: Promoted) -> None:
    promoted("1", "2")
    models.rollback(by=WHO)
    shadowed = models.shadow("2", 0.25, by=WHO, why="let us see")
    assert models.challenger() == shadowed
    assert models.end_shadow(by=WHO) == shadowed
    assert models.challenger() is None
    assert models.end_shadow(by=WHO) is None
    assert [entry.event for entry in models.history()][-2:] == [Event.SHADOWED, Event.SHADOW_ENDED]


@pytest.mark.parametrize("share", [0, -0.1, 1.01, float("nan"), float("inf")])
def test_a_share_is_more_than_nothing_and_at_most_all(models: ModelFolder, promoted: Promoted, share: float) -> None:
    promoted("1", "2")
    models.rollback(by=WHO)
    with pytest.raises(ValueError, match="share"):
        models.shadow("2", share, by=WHO)
    assert models.challenger() is None


def test_the_champion_does_not_challenge_itself(models: ModelFolder, promoted: Promoted) -> None:
    promoted("1")
    with pytest.raises(InvalidModelFolder, match="cannot challenge itself"):
        models.shadow("1", 0.5, by=WHO)


def test_a_challenger_that_becomes_champion_challenges_no_more(models: ModelFolder, promoted: Promoted) -> None:
    promoted("1", "2")
    models.rollback(by=WHO)
    models.shadow("2", 0.5, by=WHO)
    models.promote("2", by=WHO)
    assert models.challenger() is None


def test_a_challenger_to_which_one_goes_back_challenges_no_more(models: ModelFolder, promoted: Promoted) -> None:
    promoted("1", "2")
    models.shadow("1", 0.5, by=WHO)
    models.rollback(by=WHO)
    assert models.challenger() is None


def test_without_a_champion_the_bundle_of_the_settings_is_used(models: ModelFolder, version: MakeVersion) -> None:
    bundle = version("0")
    assert bundle_in_use(None, bundle) == bundle
    assert bundle_in_use(models.path, bundle) == bundle


def test_with_a_champion_it_is_used(models: ModelFolder, promoted: Promoted, version: MakeVersion) -> None:
    promoted("1")
    assert bundle_in_use(models.path, version("0")) == models.path / "1"


def test_a_champion_that_was_changed_is_not_used(models: ModelFolder, promoted: Promoted, version: MakeVersion) -> None:
    promoted("1")
    (models.path / "1" / "CARD.md").write_text("Autre", encoding="utf-8")
    with pytest.raises(InvalidBundle):
        bundle_in_use(models.path, version("0"))
