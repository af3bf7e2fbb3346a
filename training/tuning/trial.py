"""One trial: a text network fitted with drawn choices, told to the study and to a run of its own after each epoch."""

import copy
from dataclasses import dataclass
from pathlib import Path

import optuna

from training.config import TextConfig
from training.data import TrainingData, read_training_data
from training.text.fit import TextTrainer
from training.text.seeds import Start, starting_point
from training.tracking import RunTracker, track_trial
from training.tuning.space import TuningConfig, draw_values, with_values
from triage.corpus import Split
from triage.taxonomy import load_taxonomy

SCORE = "validation_score"
# What the untrained network depends on, beside the texts.
_BEFORE_THE_FIT = {"encoder", "vocabulary_size", "layers", "teacher", "start", "dropout", "seed", "freeze_embeddings"}


@dataclass(frozen=True, slots=True)
class StudyPlace:
    """Where a study is stored; plain values, so that another process can open it too."""

    storage: str
    name: str

    def open(self, tuning: TuningConfig, draws: int = 0) -> optuna.Study:
        """The study, made if it is not there.

        Args:
            tuning: seed and patience.
            draws: how many trials were drawn before: the next is the same whether the search was interrupted or not.
        """
        sampler = optuna.samplers.TPESampler(seed=tuning.seed + draws, n_startup_trials=tuning.startup_trials)
        pruner = optuna.pruners.MedianPruner(
            tuning.startup_trials, tuning.warmup_epochs + 1
        )  # after that epoch, not at it
        # Several workers write; SQLite lets one at a time.
        storage = optuna.storages.RDBStorage(self.storage, engine_kwargs={"connect_args": {"timeout": 60}})
        return optuna.create_study(
            study_name=self.name,
            storage=storage,
            sampler=sampler,
            pruner=pruner,
            direction="maximize",
            load_if_exists=True,
        )


@dataclass(frozen=True, slots=True)
class TrialTask:
    """All that a worker needs for a trial."""

    place: StudyPlace
    tuning: TuningConfig
    base: TextConfig
    corpus: Path
    taxonomy: Path
    tracking_uri: str
    parent_run: str


class TrialRunner:
    """Runs trials of one study in one process; keeps the untrained network for the trials that begin alike."""

    def __init__(self, task: TrialTask) -> None:
        self._task = task
        self._taxonomy = load_taxonomy(task.taxonomy)
        self._start: tuple[str, Start] | None = None
        optuna.logging.set_verbosity(optuna.logging.WARNING)

    def run(self, draws: int) -> None:
        """Run one more trial; `draws` are those before it."""
        study = self._task.place.open(self._task.tuning, draws)
        study.optimize(self._score, n_trials=1)

    def _score(self, trial: optuna.Trial) -> float:
        task = self._task
        values = draw_values(trial, task.tuning.search)
        config = with_values(task.base, values)
        with track_trial(task.tracking_uri, task.parent_run, f"trial-{trial.number}") as tracker:
            tracker.log_parameters({**values, "trial": trial.number})
            trial.set_user_attr("run_id", tracker.run_id)
            score = self._fit(config, trial, tracker)
        if score is None:
            raise optuna.TrialPruned
        return score

    def _fit(self, config: TextConfig, trial: optuna.Trial, tracker: RunTracker) -> float | None:
        """The best score of a fit; none where the trial was pruned."""
        data = read_training_data(config, self._task.corpus, self._taxonomy)
        start = self._starting_point(config, data, tracker)

        def tell(metrics: dict[str, float], epoch: int) -> None:
            tracker.log_metrics(metrics, epoch)
            trial.report(metrics[SCORE], epoch)
            if trial.should_prune():
                raise optuna.TrialPruned

        network = copy.deepcopy(start.built.network)
        trainer = TextTrainer(network, start.built.text_tokenizer(), self._taxonomy, config, start.teacher)
        try:
            fitted = trainer.fit(data.examples(self._taxonomy), data.split(Split.VALIDATION), tell)
        except optuna.TrialPruned:
            tracker.log_tags({"ended": "pruned: others scored more after as many epochs"})
            return None
        tracker.log_tags({"ended": fitted.ending})
        tracker.log_metrics({"best_epoch": fitted.epoch, "best_validation_score": fitted.score})
        return fitted.score

    def _starting_point(self, config: TextConfig, data: TrainingData, tracker: RunTracker) -> Start:
        key = config.model_dump_json(include=_BEFORE_THE_FIT) + str(config.contrast_weight > 0) + data.digest()
        if self._start is None or self._start[0] != key:
            self._start = key, starting_point(config, data, self._taxonomy, tracker)
        return self._start[1]
