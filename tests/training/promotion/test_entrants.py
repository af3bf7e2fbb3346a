"""Where a challenger comes from: a folder, or the run that made it."""

from collections.abc import Callable
from pathlib import Path

import mlflow
import pytest

from models.bundle import load_bundle
from training.promotion.entrants import found_bundle
from training.registry.tracking import TrackingFailed
from triage.errors import InvalidConfiguration

MakeVariant = Callable[[str], Path]


def test_a_folder_is_taken_as_it_is(variant: MakeVariant) -> None:
    with found_bundle(str(variant("same")), "sqlite:///never.db") as folder:
        assert folder == variant("same")


@pytest.mark.slow
def test_the_bundle_of_a_run_is_fetched_and_cleared_away(variant: MakeVariant, tracking_uri: str) -> None:
    mlflow.set_tracking_uri(tracking_uri)
    mlflow.set_experiment("triage")
    with mlflow.start_run() as run:
        mlflow.log_artifacts(str(variant("same")), "bundle")
    with found_bundle(run.info.run_id, tracking_uri) as folder:
        assert load_bundle(folder).sha256 == load_bundle(variant("same")).sha256
    assert not folder.exists()


@pytest.mark.slow
def test_a_run_that_is_none_is_told(tracking_uri: str) -> None:
    missing = "0" * 32
    asked = pytest.raises(TrackingFailed, match=f"The bundle of the run {missing} cannot be had")
    with asked, found_bundle(missing, tracking_uri):
        pytest.fail("there is none")


def test_what_is_neither_is_told(tmp_path: Path) -> None:
    asked = pytest.raises(InvalidConfiguration, match="neither the folder of a bundle nor the number of an MLflow run")
    with asked, found_bundle(str(tmp_path), "sqlite:///never.db"):
        pytest.fail("there is none")
