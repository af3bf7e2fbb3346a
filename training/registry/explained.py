"""Failures of MLflow in words of this project."""

from collections.abc import Iterator
from contextlib import contextmanager

from mlflow.exceptions import MlflowException

from training.registry.tracking import TrackingFailed


@contextmanager
def explained(purpose: str) -> Iterator[None]:
    """Turn a refusal by MLflow into an error that says what could not be done.

    Raises:
        TrackingFailed: the block raised an error of MLflow's.
    """
    try:
        yield
    except MlflowException as error:
        raise TrackingFailed(f"MLflow could not {purpose}: {error.message}") from error
