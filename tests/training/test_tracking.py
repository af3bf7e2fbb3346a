"""Tracking: a run can be read again from MLflow, and no text of a resident is in it."""

import sqlite3
from pathlib import Path

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from training.data import TrainingData
from training.scenes import SceneText, scenes_digest
from training.tracking import EXPERIMENT, track_run
from triage.corpus import LabelledAlert, Split, corpus_digest

# MLflow registers its own class for local folders twice and then warns that it found two.
two_sources = pytest.mark.filterwarnings("ignore:The specified dataset source can be interpreted in multiple ways")

PRIVATE_TEXT = "mon voisin du troisieme fait du bruit"


def row(number: int, split: Split) -> LabelledAlert:
    return LabelledAlert(
        id=f"r{number}",
        text=f"{PRIVATE_TEXT} {number}",
        category="voirie",
        department="voirie",
        priority="basse",
        split=split,
    )


@pytest.fixture
def client(tracking_uri: str) -> MlflowClient:
    return MlflowClient(tracking_uri)


def read(client: MlflowClient, run_id: str) -> Run:
    return client.get_run(run_id)


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_run_lands_in_the_experiment_and_ends_well(client: MlflowClient, tracking_uri: str) -> None:
    with track_run(tracking_uri, "essai", system_metrics=False) as tracker:
        assert read(client, tracker.run_id).info.status == "RUNNING"
    run = read(client, tracker.run_id)
    assert run.info.status == "FINISHED"
    assert run.info.run_name == "essai"
    assert client.get_experiment(run.info.experiment_id).name == EXPERIMENT


def test_a_run_that_raises_ends_as_failed_and_the_error_passes(client: MlflowClient, tracking_uri: str) -> None:
    with (
        pytest.raises(RuntimeError, match="no luck"),
        track_run(tracking_uri, "essai", system_metrics=False) as tracker,
    ):
        raise RuntimeError("no luck")
    assert read(client, tracker.run_id).info.status == "FAILED"
    assert mlflow.active_run() is None


def test_two_runs_share_the_experiment(client: MlflowClient, tracking_uri: str) -> None:
    runs = []
    for name in ("one", "two"):
        with track_run(tracking_uri, name, system_metrics=False) as tracker:
            runs.append(tracker.run_id)
    assert len({read(client, run).info.experiment_id for run in runs}) == 1
    assert runs[0] != runs[1]


def test_nested_parameters_get_dotted_names(client: MlflowClient, tracking_uri: str) -> None:
    with track_run(tracking_uri, "essai", system_metrics=False) as tracker:
        tracker.log_parameters({"epochs": 3, "layers": None, "head_weights": {"category": 1.0, "deep": {"er": True}}})
    assert read(client, tracker.run_id).data.params == {
        "epochs": "3",
        "layers": "None",
        "head_weights.category": "1.0",
        "head_weights.deep.er": "True",
    }


def test_metrics_keep_their_steps(client: MlflowClient, tracking_uri: str) -> None:
    with track_run(tracking_uri, "essai", system_metrics=False) as tracker:
        for epoch, loss in enumerate([2.0, 1.0, 0.5], 1):
            tracker.log_metrics({"train_loss": loss}, epoch)
        tracker.log_metrics({"accuracy": 0.75})
    history = client.get_metric_history(tracker.run_id, "train_loss")
    assert [(item.step, item.value) for item in history] == [(1, 2.0), (2, 1.0), (3, 0.5)]
    assert read(client, tracker.run_id).data.metrics["accuracy"] == 0.75


@two_sources
def test_each_split_is_a_data_set_with_the_digest_of_its_rows(
    client: MlflowClient, tracking_uri: str, tmp_path: Path
) -> None:
    train = [row(1, Split.TRAIN), row(2, Split.TRAIN)]
    test = [row(3, Split.TEST)]
    with track_run(tracking_uri, "essai", system_metrics=False) as tracker:
        tracker.log_data(TrainingData((*train, *test), {}, ()), tmp_path / "corpus")
    inputs = {item.dataset.name: item for item in read(client, tracker.run_id).inputs.dataset_inputs}
    assert set(inputs) == {"corpus-train", "corpus-test"}
    assert inputs["corpus-train"].dataset.digest == corpus_digest(train)[:16]
    assert inputs["corpus-test"].dataset.digest == corpus_digest(test)[:16]
    assert {tag.key: tag.value for tag in inputs["corpus-test"].tags}["mlflow.data.context"] == "test"
    assert str(tmp_path / "corpus") in inputs["corpus-test"].dataset.source


@two_sources
def test_each_further_source_is_a_data_set_of_train_rows_under_its_name(
    client: MlflowClient, tracking_uri: str, tmp_path: Path
) -> None:
    corpus = tuple(row(number, split) for number, split in enumerate(Split))
    others = {"other_cities": (row(7, Split.TRAIN), row(8, Split.TRAIN)), "real_reports": ()}
    with track_run(tracking_uri, "essai", system_metrics=False) as tracker:
        tracker.log_data(TrainingData(corpus, others, ("Laterne aus",) * 3, weights={"other_cities": 0.5}), tmp_path)
    run = read(client, tracker.run_id)
    inputs = {item.dataset.name: item for item in run.inputs.dataset_inputs}
    assert set(inputs) == {"corpus-train", "corpus-validation", "corpus-test", "other_cities"}
    assert inputs["other_cities"].dataset.digest == corpus_digest(others["other_cities"])[:16]
    tags = {tag.key: tag.value for tag in inputs["other_cities"].tags}
    assert tags == {"mlflow.data.context": "train", "weight": "0.5"}
    assert run.data.metrics["unlabelled_texts"] == 3


def test_scenes_are_a_data_set_of_ids_and_categories(client: MlflowClient, tracking_uri: str, tmp_path: Path) -> None:
    corpus = tuple(row(number, split) for number, split in enumerate(Split))
    scenes = (SceneText("w1-001-1", PRIVATE_TEXT, "voirie", "hand_01"),)
    with track_run(tracking_uri, "essai", system_metrics=False) as tracker:
        tracker.log_data(TrainingData(corpus, {}, (), weights={"scenes": 0.5}, scenes=scenes), tmp_path)
    inputs = {item.dataset.name: item for item in read(client, tracker.run_id).inputs.dataset_inputs}
    assert inputs["scenes"].dataset.digest == scenes_digest(scenes)[:16]
    assert {tag.key: tag.value for tag in inputs["scenes"].tags} == {"mlflow.data.context": "train", "weight": "0.5"}
    assert PRIVATE_TEXT.encode() not in everything(tmp_path)


def test_an_interrupted_run_goes_on_and_tells_no_epoch_twice(client: MlflowClient, tracking_uri: str) -> None:
    with pytest.raises(RuntimeError), track_run(tracking_uri, "essai", system_metrics=False) as first:
        first.of_seed(0)({"train_loss": 3.0}, 1)
        raise RuntimeError
    with track_run(tracking_uri, "essai", interrupted=first.run_id, system_metrics=False) as second:
        assert second.resumed
        sink = second.of_seed(0)
        sink({"train_loss": 3.0}, 1)
        sink({"train_loss": 2.0}, 2)
    assert second.run_id == first.run_id
    assert read(client, first.run_id).info.status == "FINISHED"
    history = client.get_metric_history(first.run_id, "train_loss")
    assert [(point.step, point.value) for point in history] == [(1, 3.0), (2, 2.0)]


@pytest.mark.parametrize("deleted", [True, False])
def test_a_run_that_mlflow_no_longer_has_is_followed_by_a_new_one(
    client: MlflowClient, tracking_uri: str, deleted: bool
) -> None:
    with track_run(tracking_uri, "essai", system_metrics=False) as first:
        pass
    client.delete_run(first.run_id)
    gone = first.run_id if deleted else "0" * 32
    with track_run(tracking_uri, "essai", interrupted=gone, system_metrics=False) as second:
        assert not second.resumed
    assert second.run_id not in {first.run_id, gone}


def test_the_curves_of_the_first_seed_keep_the_plain_names(client: MlflowClient, tracking_uri: str) -> None:
    with track_run(tracking_uri, "essai", system_metrics=False) as tracker:
        for number in range(2):
            sink = tracker.of_seed(number)
            sink({"train_loss": 2.0 + number}, 1)
            sink({"train_loss": 1.0 + number}, 2)

    def curve(name: str) -> list[tuple[int, float]]:
        return [(item.step, item.value) for item in client.get_metric_history(tracker.run_id, name)]

    assert curve("train_loss") == [(1, 2.0), (2, 1.0)]
    assert curve("train_loss_seed_1") == [(1, 3.0), (2, 2.0)]


@two_sources
def test_another_text_gives_another_digest(client: MlflowClient, tracking_uri: str, tmp_path: Path) -> None:
    digests = []
    for text in ("un trou", "un autre trou"):
        changed = row(1, Split.TRAIN).model_copy(update={"text": text})
        with track_run(tracking_uri, "essai", system_metrics=False) as tracker:
            tracker.log_data(TrainingData((changed,), {}, ()), tmp_path)
        digests.append(read(client, tracker.run_id).inputs.dataset_inputs[0].dataset.digest)
    assert digests[0] != digests[1]


@two_sources
def test_no_text_that_is_learnt_from_reaches_the_database(tracking_uri: str, tmp_path: Path) -> None:
    others = {"other_cities": (row(9, Split.TRAIN),)}
    data = TrainingData(tuple(row(number, split) for number, split in enumerate(Split)), others, (PRIVATE_TEXT,))
    with track_run(tracking_uri, "essai", system_metrics=False) as tracker:
        tracker.log_data(data, tmp_path)
    with sqlite3.connect(tracking_uri.removeprefix("sqlite:///")) as database:
        assert database.execute("select count(*) from datasets").fetchone()[0] == len(Split) + 1
    database.close()
    assert PRIVATE_TEXT.encode() not in everything(tmp_path)


def test_every_file_of_a_folder_becomes_an_artifact(client: MlflowClient, tracking_uri: str, tmp_path: Path) -> None:
    folder = tmp_path / "made"
    (folder / "text").mkdir(parents=True)
    (folder / "CARD.md").write_text("# Modèle", encoding="utf-8")
    (folder / "text" / "model.onnx").write_bytes(b"\x00\x01")
    with track_run(tracking_uri, "essai", system_metrics=False) as tracker:
        tracker.log_folder(folder, "bundle")
    names = {item.path for path in ("bundle", "bundle/text") for item in client.list_artifacts(tracker.run_id, path)}
    assert {"bundle/CARD.md", "bundle/text/model.onnx"} <= names
    fetched = Path(client.download_artifacts(tracker.run_id, "bundle/CARD.md", str(tmp_path)))
    assert fetched.read_text(encoding="utf-8") == "# Modèle"
