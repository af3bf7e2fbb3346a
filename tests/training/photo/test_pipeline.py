"""The whole path once, small: drawn pictures go in, a proven bundle that reads photos comes out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mlflow import MlflowClient
from PIL import Image

from models.bundle import CARD, GOLDEN, MANIFEST, RULES, TAXONOMY, load_bundle
from models.fusion import PART as FUSION
from models.photo import PART
from models.predictor import Predictor
from training.photo.config import PhotoConfig
from training.photo.pictures import read_pictures
from training.photo.pipeline import train_photo
from training.run import TrainingRequest
from triage.alert import Alert, Photo
from triage.errors import InvalidBundle, InvalidConfiguration, InvalidCorpus
from triage.settings import PROJECT_ROOT
from triage.taxonomy import Taxonomy

Draw = Callable[..., Image.Image]
MakeRequest = Callable[..., TrainingRequest]
WriteCorpus = Callable[[Path], Path]

SHIPPED = PROJECT_ROOT / "models" / "pretrained"


@pytest.fixture(scope="module")
def predictor(photo_run: Any) -> Predictor:
    return Predictor.load(photo_run.result.bundle, threads=1)


@pytest.mark.slow
@pytest.mark.xdist_group("photo run")
class TestWholeRun:
    def test_the_bundle_loads_and_reproduces_its_golden_answers(self, predictor: Predictor) -> None:
        predictor.check_golden()

    def test_pictures_that_it_has_never_seen_are_told_apart(self, predictor: Predictor, draw: Draw) -> None:
        names = ["road_damage", "waste", "graffiti", "manhole", "traffic_light", "street_light", "irrelevant"]
        pictures = [[predictor.prepare(draw(name, source, 20 + source))] for name in names for source in range(3)]
        alerts = [Alert(id=str(number), photo=(Photo(base64="eA=="),)) for number in range(len(pictures))]
        found = [item.photos[0].label for item in predictor.predict(alerts, pictures).predictions]
        expected = [name for name in names for _ in range(3)]
        assert np.mean([one == other for one, other in zip(found, expected, strict=True)]) > 0.6

    def test_figures_on_sources_left_out_are_far_better_than_chance(self, photo_run: Any) -> None:
        metrics = photo_run.result.metrics
        assert metrics["photo_accuracy"] > 0.5
        assert metrics["photo_macro_f1"] > 0.5
        assert metrics["photo_relevant_auroc"] > 0.7
        assert metrics["photo_int8_same_label"] > 0.8
        assert metrics["photo_float_export_worst_logit_difference"] < 0.01

    def test_photos_help_texts_that_name_nothing_and_harm_no_clear_one(self, photo_run: Any) -> None:
        metrics = photo_run.result.metrics
        assert metrics["fusion_vague_fitting"] > metrics["fusion_vague_fitting_text_alone"] + 0.2
        for way in ("clear_fitting", "clear_wrong", "clear_nothing"):
            assert metrics[f"fusion_{way}"] > metrics[f"fusion_{way}_text_alone"] - 0.05

    def test_the_text_part_and_what_belongs_to_no_part_are_those_of_the_base(self, photo_run: Any) -> None:
        found, base = load_bundle(photo_run.result.bundle).manifest, load_bundle(photo_run.base).manifest
        kept = {name for name in base.files if name.startswith("text/")} | {CARD, GOLDEN, RULES}
        assert {name: found.files[name] for name in kept} == {name: base.files[name] for name in kept}
        assert (found.thresholds, found.data_sha256, found.name) == (base.thresholds, base.data_sha256, base.name)
        others = {name: value for name, value in base.metrics.items() if not name.startswith(("photo_", "fusion_"))}
        assert found.metrics.items() >= others.items()

    def test_the_manifest_says_how_the_new_parts_were_made(self, photo_run: Any) -> None:
        manifest = load_bundle(photo_run.result.bundle).manifest
        assert set(manifest.parts) == {*load_bundle(photo_run.base).manifest.parts, PART, FUSION}
        assert manifest.origin.run_id == photo_run.result.run_id
        assert manifest.origin.command == photo_run.request.command
        assert manifest.version.endswith(photo_run.result.run_id[:8])
        assert manifest.metrics.items() >= photo_run.result.metrics.items()
        assert (photo_run.result.bundle / TAXONOMY).read_bytes() == photo_run.request.taxonomy.read_bytes()

    def test_the_bundle_holds_no_picture_and_nothing_that_can_run_code(self, photo_run: Any) -> None:
        files = [path for part in (PART, FUSION) for path in (photo_run.result.bundle / part).rglob("*")]
        assert {path.suffix for path in files} <= {".onnx", ".json", ".md"}
        starts = (b"\x80", b"PK", b"\xff\xd8\xff", b"\x89PNG")
        assert not [path.name for path in files if path.read_bytes().startswith(starts)]

    def test_the_photo_part_is_small(self, photo_run: Any) -> None:
        manifest = load_bundle(photo_run.result.bundle).manifest
        assert manifest.part_bytes(PART) < 8_000_000
        assert manifest.part_bytes(FUSION) < 100_000

    def test_the_run_holds_choices_pictures_and_figures(
        self, photo_run: Any, photo_config: PhotoConfig, picture_folder: Path, taxonomy: Taxonomy
    ) -> None:
        run = MlflowClient(photo_run.request.tracking_uri).get_run(photo_run.result.run_id)
        assert run.info.status == "FINISHED"
        for name, value in photo_config.model_dump(mode="json", exclude={"classes"}).items():
            assert run.data.params[name] == str(value)
        pictures = read_pictures(picture_folder, photo_config.classes, tuple(taxonomy.photo_labels))
        assert run.data.params["pictures.sha256"] == pictures.digest()
        assert run.data.params["pictures.count"] == str(len(pictures.paths))
        assert run.data.metrics.items() >= photo_run.result.metrics.items()

    def test_the_run_holds_the_network_and_the_bundle(self, photo_run: Any, tmp_path: Path) -> None:
        client = MlflowClient(photo_run.request.tracking_uri)
        names = {item.path for item in client.list_artifacts(photo_run.result.run_id)}
        assert names == {"network", "bundle"}
        found = Path(client.download_artifacts(photo_run.result.run_id, "bundle", str(tmp_path)))
        assert (found / MANIFEST).read_bytes() == (photo_run.result.bundle / MANIFEST).read_bytes()


# What is refused before anything is trained


def test_a_folder_that_is_no_bundle_is_not_overwritten(
    tmp_path: Path,
    photo_config: PhotoConfig,
    make_request: MakeRequest,
    write_corpus: WriteCorpus,
    picture_folder: Path,
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    request = make_request(write_corpus(tmp_path / "corpus"), tmp_path / "mine")
    with pytest.raises(InvalidConfiguration, match="mine exists and holds no manifest"):
        train_photo(photo_config, request, picture_folder, SHIPPED)
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"


def test_pictures_that_are_not_there_are_refused_before_a_run_begins(
    tmp_path: Path, photo_config: PhotoConfig, make_request: MakeRequest
) -> None:
    request = make_request(tmp_path / "corpus", tmp_path / "out")
    with pytest.raises(InvalidCorpus, match="--images"):
        train_photo(photo_config, request, tmp_path / "none", SHIPPED)
    assert list(tmp_path.iterdir()) == []


def test_a_broken_base_is_refused_before_a_run_begins(
    tmp_path: Path, photo_config: PhotoConfig, make_request: MakeRequest, picture_folder: Path
) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / MANIFEST).write_text("{}")
    with pytest.raises(InvalidBundle, match="is not a manifest"):
        train_photo(
            photo_config, make_request(tmp_path / "corpus", tmp_path / "out"), picture_folder, tmp_path / "base"
        )
    assert not (tmp_path / "unused.db").exists()


def test_a_label_that_the_taxonomy_lacks_is_refused(
    tmp_path: Path, photo_config: PhotoConfig, make_request: MakeRequest, picture_folder: Path
) -> None:
    config = photo_config.model_copy(update={"classes": {"waste": "bench"}})
    with pytest.raises(InvalidCorpus, match="'bench'"):
        train_photo(config, make_request(tmp_path / "corpus", tmp_path / "out"), picture_folder, SHIPPED)
