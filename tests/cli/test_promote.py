"""`triage promote` and `triage rollback` end to end, with the shipped bundle and variants of it."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.bundle import load_bundle, write_manifest
from models.folder import ModelFolder
from triage.settings import PROJECT_ROOT

RunTriage = Callable[..., "subprocess.CompletedProcess[str]"]
Sentence = Callable[["subprocess.CompletedProcess[str]"], str]
MakeChallenger = Callable[..., Path]
Promote = Callable[..., "subprocess.CompletedProcess[str]"]

CORPUS = PROJECT_ROOT / "datasets" / "corpus"
NOBODY = "http://127.0.0.1:9"  # a port on which nobody listens


@pytest.fixture
def challenger(tmp_path: Path, bundle: Path) -> MakeChallenger:
    """The shipped bundle under another version, perhaps with other thresholds."""

    def make(version: str, **thresholds: float) -> Path:
        folder = Path(shutil.copytree(bundle, tmp_path / version))
        fields = load_bundle(bundle).manifest.model_dump(exclude={"format_version", "files"})
        changed = {"version": version, "thresholds": fields["thresholds"] | thresholds}
        write_manifest(folder, **(fields | changed))
        return folder

    return make


@pytest.fixture
def models(tmp_path: Path) -> ModelFolder:
    return ModelFolder(tmp_path / "models")


@pytest.fixture
def few_rows(tmp_path: Path) -> Path:
    """A corpus of every eighth row, which the gates read in seconds."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    for file in CORPUS.glob("*.jsonl"):
        lines = file.read_text(encoding="utf-8").splitlines()[::8]
        (folder / file.name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def promote(command: str, environment: dict[str, str], tmp_path: Path, few_rows: Path, models: ModelFolder) -> Promote:
    """Runs `triage promote` on few rows; it loads two models and runs the behaviour suite, so it may take minutes."""

    def run(folder: Path | str, *more: str, tracking: str = "") -> "subprocess.CompletedProcess[str]":
        uri = tracking or f"sqlite:///{tmp_path}/mlflow.db"
        named = ("--challenger", folder, "--data", few_rows, "--models", models.path)
        return subprocess.run(
            [command, "promote", *map(str, named), *more],
            cwd=tmp_path,
            env=environment | {"TRIAGE_STATE_DIR": str(tmp_path / "state"), "TRIAGE_TRACKING_URI": uri},
            capture_output=True,
            encoding="utf-8",
            timeout=600,
            check=False,
        )

    return run


def statuses(document: dict[str, Any]) -> dict[str, str]:
    return {gate["code"]: gate["status"] for gate in document["gates"]}


@pytest.mark.slow
def test_a_challenger_that_is_as_good_is_promoted_and_rolled_back(
    promote: Promote, triage: RunTriage, challenger: MakeChallenger, models: ModelFolder, tmp_path: Path, bundle: Path
) -> None:
    # Times of two processes' worth of work on a shared machine are no verdict on an identical model.
    done = promote(
        challenger("test-equal"), "--why", "Learned more.", "--by", "d.durand", "--json", "--force", "GAT010"
    )
    document = json.loads(done.stdout)
    assert (done.returncode, document["outcome"]) == (0, "promoted"), statuses(document)
    found = statuses(document)
    assert found.pop("GAT010") in {"pass", "forced"}
    assert {code for code, status in found.items() if status == "fail"} == set()
    assert found["GAT012"] == "pass"
    champion, [first, second] = models.champion(), models.history()
    assert champion
    assert (champion.version, champion.by, champion.why) == ("test-equal", "d.durand", "Learned more.")
    assert (first.version, second.run_id) == (load_bundle(bundle).manifest.version, document["run_id"])
    assert [gate.code for gate in second.gates] == list(statuses(document))

    back = triage("rollback", tracking_uri=f"sqlite:///{tmp_path}/mlflow.db", models=models.path)
    assert back.returncode == 0, back.stderr
    assert f"{first.version} is the champion of {models.path} again" in back.stdout
    champion = models.champion()
    assert champion
    assert champion.version == first.version


@pytest.mark.slow
def test_a_challenger_that_routes_less_is_refused_with_the_figures(
    promote: Promote, challenger: MakeChallenger, models: ModelFolder
) -> None:
    done = promote(challenger("test-shy", category=0.99, department=0.99))
    assert done.returncode == 1, done.stderr
    assert "test-shy was refused by" in done.stdout
    assert "GAT009" in done.stdout
    assert "routed_change is" in done.stdout
    assert models.champion() is None
    assert [entry.event for entry in models.history()] == ["refused"]


@pytest.mark.slow
def test_without_mlflow_nothing_is_measured_or_changed(
    promote: Promote, challenger: MakeChallenger, models: ModelFolder, sentence: Sentence
) -> None:
    done = promote(challenger("test-equal"), tracking=NOBODY)
    assert "MLflow at http://127.0.0.1:9 does not answer" in sentence(done)
    assert not models.path.exists()


@pytest.mark.slow
def test_a_city_can_go_back_without_mlflow(triage: RunTriage, challenger: MakeChallenger, models: ModelFolder) -> None:
    for version in ("test-1", "test-2"):
        models.install(challenger(version))
        models.promote(version, by="d.durand")
    done = triage("rollback", "--models", models.path, "--why", "Worse.", "--json", tracking_uri=NOBODY)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert (document["version"], document["left"], document["alias_moved"]) == ("test-1", "test-2", False)
    assert "Its alias follows at the next promotion or rollback." in done.stderr
    champion = models.champion()
    assert champion
    assert (champion.version, champion.why) == ("test-1", "Worse.")


def test_a_folder_of_models_must_be_named(triage: RunTriage, sentence: Sentence, bundle: Path) -> None:
    assert "Name it with --models, or set TRIAGE_MODELS" in sentence(triage("promote", "--challenger", bundle))
    assert "Name it with --models, or set TRIAGE_MODELS" in sentence(triage("rollback"))


def test_there_is_no_way_back_where_nothing_was_promoted(
    triage: RunTriage, sentence: Sentence, models: ModelFolder
) -> None:
    done = triage("rollback", "--models", models.path)
    assert "There is no champion to go back to" in sentence(done)


def test_what_is_neither_a_bundle_nor_a_run_is_told(promote: Promote, sentence: Sentence, models: ModelFolder) -> None:
    assert "neither the folder of a bundle nor the number of an MLflow run" in sentence(promote("nothing"))
    assert not models.path.exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--force", "GAT099", "--why", "x"), "There is no gate GAT099"),
        (("--force", "gat005"), "Who forces a gate gives a reason"),
        (("--force", "GAT002", "--why", "x"), "cannot be forced"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused_at_once(
    promote: Promote, sentence: Sentence, bundle: Path, options: tuple[str, ...], said: str
) -> None:
    assert said in sentence(promote(bundle, *options))
