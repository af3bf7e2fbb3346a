"""Finds the bundles that are compared: a folder, or an MLflow run that made one."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import mlflow
from mlflow.exceptions import MlflowException

from models.bundle import MANIFEST
from training.registry.tracking import TrackingFailed
from triage.errors import InvalidConfiguration

_RUN = re.compile(r"[0-9a-f]{32}")


@contextmanager
def found_bundle(named: str, tracking_uri: str) -> Iterator[Path]:
    """The folder of a bundle, for as long as it is needed.

    Args:
        named: a folder, or the number of a run whose artifact `bundle` is meant.
        tracking_uri: where runs are.

    Raises:
        InvalidConfiguration: it is neither.
        TrackingFailed: the run cannot be read.
    """
    if (Path(named) / MANIFEST).exists():
        yield Path(named)
        return
    if not _RUN.fullmatch(named):
        raise InvalidConfiguration(f"{named} is neither the folder of a bundle nor the number of an MLflow run.")
    with tempfile.TemporaryDirectory() as scratch:
        try:
            found = mlflow.artifacts.download_artifacts(
                run_id=named, artifact_path="bundle", dst_path=scratch, tracking_uri=tracking_uri
            )
        except (MlflowException, OSError) as error:
            raise TrackingFailed(f"The bundle of the run {named} cannot be had from MLflow: {error}") from error
        yield Path(found)
