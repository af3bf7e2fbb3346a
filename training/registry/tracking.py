"""Whether MLflow answers, found out in seconds, before anything is changed."""

import logging
import os
import re

import httpx
import mlflow
from mlflow.exceptions import MlflowException
from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError

from triage.errors import TriageError

_TIMEOUT_S = 10.0
# A server that is down, a database that is, a driver that is not installed, and what is no address.
_FAILURES = (httpx.HTTPError, httpx.InvalidURL, SQLAlchemyError, MlflowException, ImportError, OSError, ValueError)
_RETRIES = "MLFLOW_HTTP_REQUEST_MAX_RETRIES"


class TrackingFailed(TriageError):
    """MLflow cannot be reached, or refuses."""

    code = "tracking_failed"


def require_tracking(uri: str) -> None:
    """Use an MLflow server or database from now on.

    Raises:
        TrackingFailed: it does not answer.
    """
    _quiet_tracking()
    os.environ.setdefault(_RETRIES, "2")  # MLflow's own seven take four minutes to say that nobody is there
    try:
        if uri.startswith(("http://", "https://")):
            httpx.get(f"{uri.rstrip('/')}/health", timeout=_TIMEOUT_S).raise_for_status()
        elif "://" in uri and not uri.startswith("databricks"):
            engine = create_engine(uri)
            engine.connect().close()
            engine.dispose()
        mlflow.set_tracking_uri(uri)
        mlflow.MlflowClient().search_experiments(max_results=1)
    except _FAILURES as error:
        raise TrackingFailed(
            f"MLflow at {without_password(uri)} does not answer ({type(error).__name__}). Start it, or name another"
            " with TRIAGE_TRACKING_URI."
        ) from error


def _quiet_tracking() -> None:
    """Let MLflow tell warnings alone: a person who reads a table of gates is not helped by a line for each figure."""
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)


def without_password(uri: str) -> str:
    """An address as it may be shown."""
    return re.sub(r"//[^/]*@", "//", uri)
