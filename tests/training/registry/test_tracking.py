"""Whether MLflow answers is known in seconds, and told without a password."""

import socket
import time
from pathlib import Path

import pytest

from training.registry.tracking import TrackingFailed, require_tracking, without_password


@pytest.fixture
def closed_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_a_server_that_is_down_is_told_in_seconds(closed_port: int) -> None:
    started = time.monotonic()
    with pytest.raises(TrackingFailed, match=r"does not answer \(ConnectError\)\. Start it, or name another"):
        require_tracking(f"http://127.0.0.1:{closed_port}")
    assert time.monotonic() - started < 15


def test_a_database_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    with pytest.raises(TrackingFailed, match="TRIAGE_TRACKING_URI"):
        require_tracking(f"sqlite:///{tmp_path}/missing/mlflow.db")


def test_what_is_no_address_is_told() -> None:
    with pytest.raises(TrackingFailed):
        require_tracking("http://[half")


def test_the_password_of_a_database_is_not_told(closed_port: int) -> None:
    with pytest.raises(TrackingFailed) as caught:
        require_tracking(f"postgresql+psycopg://mlflow:secret@127.0.0.1:{closed_port}/runs")
    assert "secret" not in caught.value.message
    assert f"127.0.0.1:{closed_port}/runs" in caught.value.message


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("https://a:b@mlflow.example/x", "https://mlflow.example/x"),
        ("https://mlflow.example/x@y", "https://mlflow.example/x@y"),
        ("sqlite:///mlflow.db", "sqlite:///mlflow.db"),
    ],
)
def test_an_address_is_shown_without_who_may_enter(uri: str, shown: str) -> None:
    assert without_password(uri) == shown
