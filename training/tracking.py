"""Tracks a training run in MLflow: parameters, data with digests, curves, report and bundle."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.data.code_dataset_source import CodeDatasetSource
from mlflow.entities import LifecycleStage, Run
from mlflow.exceptions import MlflowException
from mlflow.utils.mlflow_tags import MLFLOW_RUN_NOTE

from training.data import REAL_REPORTS, SCENES, TrainingData
from training.registry.tracking import require_tracking
from training.scenes import scenes_digest
from triage.corpus import LabelledAlert, Split, corpus_digest

EXPERIMENT = "triage"


class RunTracker:
    """Writes to one open run; a resumed one has the curves of the training that was interrupted."""

    def __init__(self, run_id: str, *, resumed: bool = False) -> None:
        self.run_id = run_id
        self.resumed = resumed

    def log_parameters(self, parameters: Mapping[str, Any]) -> None:
        """Log the choices of the run, nested ones by dotted names."""
        mlflow.log_params(_flatten(parameters))

    def log_data(self, data: TrainingData, source: Path) -> None:
        """Log each split of the corpus and each further source as an MLflow data set with its own digest."""
        for split in Split:
            self._log_rows(data.split(split), f"corpus-{split.value}", source, split.value)
        for name, rows in data.others.items():
            self._log_rows(rows, name, Path(name), Split.TRAIN.value, data.weights.get(name, 1.0))
        self._log_rows(data.reports, f"{REAL_REPORTS}-test", Path(REAL_REPORTS), Split.TEST.value)
        self._log_scenes(data)
        self.log_metrics({"unlabelled_texts": len(data.texts)})

    def _log_scenes(self, data: TrainingData) -> None:
        if data.scenes:
            frame = pd.DataFrame([{"id": scene.id, "category": scene.category} for scene in data.scenes])
            self._log_frame(frame, SCENES, scenes_digest(data.scenes), Path(SCENES), data.weights.get(SCENES, 1.0))

    def _log_rows(
        self, rows: Sequence[LabelledAlert], name: str, source: Path, context: str, weight: float = 1.0
    ) -> None:
        if rows:
            # Texts stay out of MLflow: counts and digests identify the data.
            frame = pd.DataFrame([row.model_dump(exclude={"text", "split"}) for row in rows])
            self._log_frame(frame, name, corpus_digest(rows), source, weight, context)

    def _log_frame(
        self,
        frame: pd.DataFrame,
        name: str,
        sha256: str,
        source: Path,
        weight: float,
        context: str = Split.TRAIN.value,
    ) -> None:
        code = CodeDatasetSource({"corpus": str(source)})
        dataset = mlflow.data.from_pandas(frame, source=code, name=name, digest=sha256[:16])
        mlflow.log_input(dataset, context=context, tags={"weight": str(weight)})

    def of_seed(self, number: int) -> Callable[[dict[str, float], int], None]:
        """A sink for the epochs of one seed; those of the first keep the plain names.

        An epoch that the run has already, because it was interrupted between curve and checkpoint, is not told twice.
        """
        suffix = f"_seed_{number}" if number else ""
        known = self._last_epoch(f"train_loss{suffix}") if self.resumed else 0

        def sink(metrics: dict[str, float], epoch: int) -> None:
            if epoch > known:
                self.log_metrics({f"{name}{suffix}": value for name, value in metrics.items()}, epoch)

        return sink

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Log figures, at an epoch or for the whole run."""
        mlflow.log_metrics(dict(metrics), step=step)

    def log_tags(self, tags: Mapping[str, str]) -> None:
        """Say what is neither a choice nor a figure."""
        mlflow.set_tags(dict(tags))

    def log_card(self, card: str) -> None:
        """Show a model card, in Markdown, as the description of the run."""
        mlflow.set_tag(MLFLOW_RUN_NOTE, card)

    def _last_epoch(self, name: str) -> int:
        history = mlflow.MlflowClient().get_metric_history(self.run_id, name)
        return max((point.step for point in history), default=0)

    def log_file(self, path: Path) -> None:
        """Log a file as an artifact."""
        mlflow.log_artifact(str(path))

    def log_folder(self, folder: Path, name: str) -> None:
        """Log every file of a folder as artifacts under `name`."""
        mlflow.log_artifacts(str(folder), artifact_path=name)


@contextmanager
def track_run(
    tracking_uri: str, name: str, *, interrupted: str | None = None, system_metrics: bool = True
) -> Iterator[RunTracker]:
    """Open a run in the experiment `triage`; it ends as failed if the block raises.

    Args:
        tracking_uri: MLflow server or database.
        name: of a new run.
        interrupted: the run to go on with, if MLflow still has it.
        system_metrics: whether processor, memory and disk are logged beside.

    Raises:
        TrackingFailed: MLflow does not answer.
    """
    require_tracking(tracking_uri)
    mlflow.set_experiment(EXPERIMENT)
    known = interrupted if interrupted and _is_there(interrupted) else None
    with mlflow.start_run(run_id=known, run_name=name, log_system_metrics=system_metrics) as run:
        yield RunTracker(run.info.run_id, resumed=known is not None)


@contextmanager
def track_trial(tracking_uri: str, parent: str, name: str) -> Iterator[RunTracker]:
    """Open a run below another one, which may be open in this process or in another."""
    mlflow.set_tracking_uri(tracking_uri)
    mlflow.set_experiment(EXPERIMENT)
    with mlflow.start_run(run_name=name, nested=True, parent_run_id=parent) as run:
        yield RunTracker(run.info.run_id)


def _is_there(run_id: str) -> bool:
    try:
        run: Run = mlflow.MlflowClient().get_run(run_id)
    except MlflowException:
        return False
    return str(run.info.lifecycle_stage) == LifecycleStage.ACTIVE


def _flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            flat |= _flatten(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat
