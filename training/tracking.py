"""Tracks a training run in MLflow: parameters, data with digests, curves, report and bundle."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.data.code_dataset_source import CodeDatasetSource
from mlflow.entities import Run

from training.data import TrainingData
from triage.corpus import LabelledAlert, Split, corpus_digest

EXPERIMENT = "triage"


class RunTracker:
    """Writes to one open run."""

    def __init__(self, run: Run) -> None:
        self.run_id = run.info.run_id

    def log_parameters(self, parameters: Mapping[str, Any]) -> None:
        """Log the choices of the run, nested ones by dotted names."""
        mlflow.log_params(_flatten(parameters))

    def log_data(self, data: TrainingData, source: Path) -> None:
        """Log each split of the corpus and each further source as an MLflow data set with its own digest."""
        for split in Split:
            self._log_rows(data.split(split), f"corpus-{split.value}", source, split.value)
        for name, rows in data.others.items():
            self._log_rows(rows, name, Path(name), Split.TRAIN.value)
        self.log_metrics({"unlabelled_texts": len(data.texts)})

    def _log_rows(self, rows: Sequence[LabelledAlert], name: str, source: Path, context: str) -> None:
        if rows:
            # Texts stay out of MLflow: counts and digests identify the data.
            frame = pd.DataFrame([row.model_dump(exclude={"text", "split"}) for row in rows])
            dataset = mlflow.data.from_pandas(
                frame,
                source=CodeDatasetSource({"corpus": str(source)}),
                name=name,
                digest=corpus_digest(rows)[:16],
            )
            mlflow.log_input(dataset, context=context)

    def of_seed(self, number: int) -> Callable[[dict[str, float], int], None]:
        """A sink for the epochs of one seed; those of the first keep the plain names."""
        suffix = f"_seed_{number}" if number else ""

        def sink(metrics: dict[str, float], epoch: int) -> None:
            self.log_metrics({f"{name}{suffix}": value for name, value in metrics.items()}, epoch)

        return sink

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Log figures, at an epoch or for the whole run."""
        mlflow.log_metrics(dict(metrics), step=step)

    def log_folder(self, folder: Path, name: str) -> None:
        """Log every file of a folder as artifacts under `name`."""
        mlflow.log_artifacts(str(folder), artifact_path=name)


@contextmanager
def track_run(tracking_uri: str, name: str, *, system_metrics: bool = True) -> Iterator[RunTracker]:
    """Open a run in the experiment `triage`; it ends as failed if the block raises."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    mlflow.set_tracking_uri(tracking_uri)
    mlflow.set_experiment(EXPERIMENT)
    with mlflow.start_run(run_name=name, log_system_metrics=system_metrics) as run:
        yield RunTracker(run)


def _flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            flat |= _flatten(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat
