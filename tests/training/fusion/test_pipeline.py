"""`train_fusion`: text and photo parts stay as they are, how they are joined is learned anew."""

from collections.abc import Callable
from pathlib import Path

import pytest
from mlflow import MlflowClient

from models.bundle import MANIFEST, load_bundle
from models.fusion import PART
from models.photo import PART as PHOTO
from models.predictor import Predictor
from training.fusion.pipeline import train_fusion
from training.run import TrainingRequest
from triage.errors import InvalidBundle, InvalidConfiguration
from triage.settings import PROJECT_ROOT

MakeRequest = Callable[..., TrainingRequest]
WriteCorpus = Callable[[Path], Path]


@pytest.mark.slow
def test_only_the_fusion_is_new(
    tmp_path: Path, tracking_uri: str, make_request: MakeRequest, write_corpus: WriteCorpus, colour_bundle: Path
) -> None:
    request = make_request(write_corpus(tmp_path / "corpus"), tmp_path / "out" / "bundle", tracking_uri)
    result = train_fusion(request, colour_bundle)
    found, base = load_bundle(result.bundle).manifest, load_bundle(colour_bundle).manifest
    assert set(found.parts) == set(base.parts) >= {"text", PHOTO, PART}
    kept = {name for name in base.files if not name.startswith(f"{PART}/")}
    assert {name: found.files[name] for name in kept} == {name: base.files[name] for name in kept}
    assert found.metrics.items() >= result.metrics.items()
    assert found.origin.run_id == result.run_id
    Predictor.load(result.bundle, threads=1).check_golden()
    run = MlflowClient(tracking_uri).get_run(result.run_id)
    assert run.info.status == "FINISHED"
    assert run.data.metrics.items() >= result.metrics.items()


def test_a_base_without_a_photo_part_is_told_what_to_train_first(
    tmp_path: Path, make_request: MakeRequest, blind_bundle: Path
) -> None:
    with pytest.raises(InvalidConfiguration, match="no photo part to join; run: triage train photo"):
        train_fusion(make_request(tmp_path / "corpus", tmp_path / "out"), blind_bundle)
    assert not (tmp_path / "out").exists()


def test_a_broken_base_is_refused(tmp_path: Path, make_request: MakeRequest) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / MANIFEST).write_text("{}")
    with pytest.raises(InvalidBundle, match="is not a manifest"):
        train_fusion(make_request(tmp_path / "corpus", tmp_path / "out"), tmp_path / "base")


def test_a_folder_that_is_no_bundle_is_not_overwritten(
    tmp_path: Path, make_request: MakeRequest, colour_bundle: Path
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(InvalidConfiguration, match="mine exists and holds no manifest"):
        train_fusion(make_request(PROJECT_ROOT / "datasets" / "corpus", tmp_path / "mine"), colour_bundle)
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"
