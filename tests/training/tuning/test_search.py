"""A search on a tiny encoder: stored, gone on with, nested in MLflow, and the best of it can be trained with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import optuna
import pytest
import yaml
from mlflow import MlflowClient

from tests.training.tiny import PIECES, write_tiny_encoder
from training.config import load_config
from training.run import TrainingRequest
from training.tuning.pipeline import BEST, HISTORY, IMPORTANCE, STUDY, Progress, TuningResult, tune
from training.tuning.space import TuningConfig
from triage.errors import InvalidConfiguration
from triage.settings import PROJECT_ROOT
from triage.taxonomy import Taxonomy

# MLflow registers its own class for local folders twice and then warns that it found two.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:The specified dataset source can be interpreted in multiple ways"),
]

SEARCH = {
    "head_learning_rate": {"low": 1.0e-4, "high": 5.0e-2, "log": True},
    "label_smoothing": {"low": 0.0, "high": 0.1},
}


@dataclass
class Search:
    """Runs searches in one folder; `told` has number and state of each trial that ended."""

    base: Path
    request: TrainingRequest
    told: list[tuple[int, str]] = field(default_factory=list)
    begun: list[int] = field(default_factory=list)

    def __call__(self, trials: int, jobs: int = 1, **changes: Any) -> TuningResult:
        fields = {"name": "tiny", "base": self.base, "seed": 3, "rows": 80, "startup_trials": 2, "search": SEARCH}
        tuning = TuningConfig.model_validate(fields | {"trials": trials} | changes)
        return tune(tuning, self.request, jobs, Progress(self.begun.append, self._note))

    def _note(self, number: int, state: str, score: float | None) -> None:
        assert score is None or 0 <= score <= 1
        self.told.append((number, state))

    @property
    def study(self) -> optuna.Study:
        storage = f"sqlite:///{self.request.output / STUDY}"
        (name,) = optuna.get_all_study_names(storage)
        return optuna.load_study(study_name=name, storage=storage)

    def values(self) -> list[float | None]:
        return [trial.value for trial in self.study.trials]


@pytest.fixture
def search(
    tmp_path: Path,
    tracking_uri: str,
    write_corpus: Callable[[Path], Path],
    make_request: Callable[..., TrainingRequest],
    taxonomy: Taxonomy,  # noqa: ARG001 - read once for all tests
    few_threads: None,  # noqa: ARG001 - asked for its effect
) -> Search:
    config = yaml.safe_load((PROJECT_ROOT / "training" / "configs" / "smoke.yaml").read_text(encoding="utf-8"))
    config |= {"encoder": str(write_tiny_encoder(tmp_path / "tiny")), "vocabulary_size": PIECES, "salad_share": 0.0}
    config |= {"epochs": 2, "patience": 2, "batch_size": 8, "budget_steps": None}
    (tmp_path / "base.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    request = make_request(write_corpus(tmp_path / "corpus"), tmp_path / "tuning", tracking_uri)
    return Search(tmp_path / "base.yaml", request)


def test_a_search_leaves_best_choices_plots_and_nested_runs(search: Search) -> None:
    result = search(6)
    assert [number for number, _ in search.told] == [0, 1, 2, 3, 4, 5]
    assert result.finished + result.pruned == 6
    assert set(result.importance) == set(SEARCH)
    assert sum(result.importance.values()) == pytest.approx(1)
    best = load_config(result.config)
    assert best.head_learning_rate == result.best["head_learning_rate"]
    assert best.rows == load_config(search.base).rows, "a trial is small, the training to come is not"

    client = MlflowClient(search.request.tracking_uri)
    parent = client.get_run(result.run_id)
    assert parent.info.status == "FINISHED"
    assert parent.data.metrics["best_validation_score"] == pytest.approx(result.score)
    assert {item.path for item in client.list_artifacts(result.run_id)} == {BEST, HISTORY, IMPORTANCE}
    children = [
        run
        for run in client.search_runs([parent.info.experiment_id])
        if run.data.tags.get("mlflow.parentRunId") == result.run_id
    ]
    assert len(children) == 6
    for child in children:
        assert set(SEARCH) <= set(child.data.params)
        steps = [point.step for point in client.get_metric_history(child.info.run_id, "validation_score")]
        assert steps in ([1], [1, 2])
        assert child.info.status == "FINISHED"


def test_a_search_goes_on_with_its_stored_study_as_if_it_had_not_stopped(search: Search, tmp_path: Path) -> None:
    first = search(2)
    second = search(4)
    assert search.begun == [2, 2]
    assert second.run_id == first.run_id
    stopped = search.values()
    search.request = TrainingRequest(
        **{name: getattr(search.request, name) for name in ("corpus", "taxonomy", "rules", "tracking_uri", "command")},
        output=tmp_path / "other",
    )
    search(4)
    assert search.values() == stopped


def test_a_trial_that_was_killed_is_not_waited_for(search: Search) -> None:
    search(1)
    search.study.ask()  # as a killed process leaves it
    result = search(2)
    states = [trial.state for trial in search.study.trials]
    assert states.count(optuna.trial.TrialState.FAIL) == 1
    assert result.finished == 2


def test_a_search_that_has_all_its_trials_runs_none(search: Search) -> None:
    one = search(2)
    two = search(2)
    assert search.begun == [2, 0]
    assert (one.best, one.score) == (two.best, two.score)
    assert one.importance == {}, "two trials say nothing of what mattered"


def test_another_search_space_is_another_study(search: Search) -> None:
    search(1)
    search(1, search={"epochs": {"low": 1, "high": 2}})
    names = optuna.get_all_study_names(f"sqlite:///{search.request.output / STUDY}")
    assert len(names) == 2


def test_a_choice_that_does_not_exist_is_refused_before_a_study_is_made(search: Search) -> None:
    with pytest.raises(InvalidConfiguration, match="learningrate"):
        search(1, search={"learningrate": {"low": 0.1, "high": 0.2}})
    assert not search.request.output.exists()


def test_workers_of_ray_search_side_by_side(search: Search) -> None:
    pytest.importorskip("ray", reason="of the extra `cluster`")
    result = search(4, jobs=2)
    assert sorted(number for number, _ in search.told) == [0, 1, 2, 3]
    assert result.finished + result.pruned == 4
    client = MlflowClient(search.request.tracking_uri)
    runs = client.search_runs([client.get_run(result.run_id).info.experiment_id])
    assert sum(run.data.tags.get("mlflow.parentRunId") == result.run_id for run in runs) == 4
