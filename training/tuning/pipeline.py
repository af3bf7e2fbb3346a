"""The whole path of `triage tune`: a stored study, its trials, what was best, and what mattered."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
import yaml
from optuna.trial import TrialState

from training.config import TextConfig, load_config
from training.data import read_training_data
from training.run import TrainingRequest
from training.tracking import RunTracker, track_run
from training.tuning.plots import TrialPoint, plot_history, plot_importance
from training.tuning.space import TuningConfig, Value, with_values
from training.tuning.trial import StudyPlace, TrialTask
from training.tuning.workers import ray_is_there, run_one_by_one, run_side_by_side
from training.unfinished import alone
from triage.errors import InvalidConfiguration
from triage.taxonomy import load_taxonomy, taxonomy_digest

BEST, HISTORY, IMPORTANCE = "best.yaml", "history.png", "importance.png"
STUDY = "study.db"
# With fewer, chance alone would name what mattered.
FEWEST_FINISHED = 4
_RUN = "run_id"
_ENDED = (TrialState.COMPLETE, TrialState.PRUNED)


@dataclass(frozen=True, slots=True)
class TuningResult:
    """What a study found so far; `importance` is empty while too few trials finished."""

    run_id: str
    best: dict[str, Value]
    score: float
    finished: int
    pruned: int
    importance: dict[str, float]
    config: Path


@dataclass(frozen=True, slots=True)
class Progress:
    """What is told while trials run: how many there will be; then number, state and score of each that ended."""

    begin: Callable[[int], None]
    advance: Callable[[int, str, float | None], None]


def tune(tuning: TuningConfig, request: TrainingRequest, jobs: int, progress: Progress) -> TuningResult:
    """Run trials until the study has as many as asked for; one that was stopped goes on.

    Args:
        tuning: what is searched.
        request: corpus, taxonomy and MLflow; `output` receives the study, the plots and the best choices.
        jobs: trials that run side by side, where Ray is there.
        progress: is told of each trial.

    Raises:
        InvalidConfiguration: a name or value cannot be searched, the study is being run, or no trial finished.
        InvalidCorpus: a split is empty.
        TrackingFailed: MLflow does not answer.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    base = _checked_base(tuning)
    with alone(request.output):
        place = StudyPlace(f"sqlite:///{(request.output / STUDY).resolve()}", _study_name(tuning, base, request))
        study = place.open(tuning)
        for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            study.tell(trial.number, state=TrialState.FAIL)  # left by a search that was killed
        interrupted = study.user_attrs.get(_RUN)
        with track_run(request.tracking_uri, tuning.name, interrupted=interrupted) as tracker:
            study.set_user_attr(_RUN, tracker.run_id)
            _log_search(tuning, base, request, tracker)
            task = TrialTask(
                place, tuning, base, request.corpus, request.taxonomy, request.tracking_uri, tracker.run_id
            )
            _run_trials(task, study, jobs, progress)
            return _conclude(study, tuning, request.output, tracker)


def _checked_base(tuning: TuningConfig) -> TextConfig:
    base = load_config(tuning.base)
    small = {"rows": tuning.rows, "budget_minutes": tuning.budget_minutes}
    base = base.model_copy(update={name: value for name, value in small.items() if value is not None})
    with_values(base, {name: kind.first for name, kind in tuning.search.items()})
    return base


def _study_name(tuning: TuningConfig, base: TextConfig, request: TrainingRequest) -> str:
    """Scores can be compared only where everything but the searched choices is the same."""
    same = {
        "tuning": tuning.model_dump(mode="json", exclude={"name", "trials"}),
        "base": base.model_dump(mode="json"),
        "data": read_training_data(base, request.corpus, load_taxonomy(request.taxonomy)).digest(),
        "taxonomy": taxonomy_digest(request.taxonomy),
    }
    digest = hashlib.sha256(json.dumps(same, sort_keys=True).encode()).hexdigest()
    return f"{tuning.name}-{digest[:12]}"


def _log_search(tuning: TuningConfig, base: TextConfig, request: TrainingRequest, tracker: RunTracker) -> None:
    chosen = tuning.model_dump(mode="json", exclude={"search", "trials"})
    search = {name: json.dumps(kind.model_dump(mode="json")) for name, kind in tuning.search.items()}
    tracker.log_parameters({**chosen, "search": search, "fixed": base.model_dump(mode="json")})
    tracker.log_tags({"command": request.command, "part": "tuning"})


def _run_trials(task: TrialTask, study: optuna.Study, jobs: int, progress: Progress) -> None:
    drawn = len(study.get_trials(deepcopy=False))
    missing = task.tuning.trials - len(study.get_trials(deepcopy=False, states=_ENDED))
    draws = range(drawn, drawn + max(0, missing))
    progress.begin(len(draws))
    told = {trial.number for trial in study.get_trials(deepcopy=False) if trial.state.is_finished()}

    def tell() -> None:
        for trial in study.get_trials(deepcopy=False):
            if trial.state.is_finished() and trial.number not in told:
                told.add(trial.number)
                state = "pruned" if trial.state is TrialState.PRUNED else "finished"
                progress.advance(trial.number, state, trial.value)

    if jobs > 1 and ray_is_there() and len(draws) > 1:
        run_side_by_side(task, draws, tell, jobs)
    else:
        run_one_by_one(task, draws, tell)


def _conclude(study: optuna.Study, tuning: TuningConfig, output: Path, tracker: RunTracker) -> TuningResult:
    """Write the best choices and the plots, and log them."""
    trials = study.get_trials(deepcopy=False, states=_ENDED)
    finished = [trial for trial in trials if trial.state is TrialState.COMPLETE]
    if not finished:
        raise InvalidConfiguration("No trial finished; ask for more with --trials.")
    best: dict[str, Value] = dict(study.best_params)
    importance = _importance(study, tuning.seed) if len(finished) >= FEWEST_FINISHED else {}
    plot_history(
        [TrialPoint(trial.number, float(trial.value), trial.state is TrialState.PRUNED) for trial in trials
         if trial.value is not None],
        output / HISTORY,
    )  # fmt: skip
    if importance:
        plot_importance(importance, output / IMPORTANCE)
    whole = load_config(tuning.base)  # a trial is small, the training to come is not
    write_best(with_values(whole, best), study.best_value, output / BEST)
    for name in (BEST, HISTORY, *([IMPORTANCE] if importance else [])):
        tracker.log_file(output / name)
    figures = {"best_validation_score": study.best_value, "finished": len(finished), "trials": len(trials)}
    tracker.log_metrics({**figures, **{f"importance.{name}": value for name, value in importance.items()}})
    pruned = len(trials) - len(finished)
    return TuningResult(tracker.run_id, best, study.best_value, len(finished), pruned, importance, output / BEST)


def _importance(study: optuna.Study, seed: int) -> dict[str, float]:
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=seed)
    found = optuna.importance.get_param_importances(study, evaluator=evaluator)
    return {name: float(value) for name, value in found.items()}


def write_best(config: TextConfig, score: float, path: Path) -> None:
    """Write choices as a file that `triage train text --config` takes."""
    document: dict[str, Any] = config.model_dump(mode="json", exclude_defaults=True)
    heading = f"# The best trial of triage tune: {score:.3f} on validation. Train with: triage train text --config FILE"
    path.write_text(f"{heading}\n{yaml.safe_dump(document, sort_keys=False, allow_unicode=True)}", encoding="utf-8")
