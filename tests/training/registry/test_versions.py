"""Versions of the registered model: one for each bundle, named by aliases."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import mlflow
import pytest

from models.bundle import Bundle
from training.registry.logged_model import log_flat_model
from training.registry.tracking import TrackingFailed
from training.registry.versions import CHAMPION, NAME, RegisteredVersions

OpenRun = Callable[[], AbstractContextManager[str]]
MakeBundle = Callable[[str], Bundle]

pytestmark = pytest.mark.slow


def test_a_bundle_becomes_a_version_that_says_who_and_why(open_run: OpenRun, light_bundle: MakeBundle) -> None:
    bundle = light_bundle("versions-1")
    with open_run() as run_id:
        number = RegisteredVersions().register(bundle, "Learned more.", {"by": "d.durand"})
    version = mlflow.MlflowClient().get_model_version(NAME, number)
    assert (version.description, version.run_id) == ("Learned more.", run_id)
    assert version.tags == {"by": "d.durand", "bundle_sha256": bundle.sha256, "bundle_version": "versions-1"}


def test_a_bundle_that_has_a_version_keeps_it(open_run: OpenRun, light_bundle: MakeBundle) -> None:
    bundle, versions = light_bundle("versions-1"), RegisteredVersions()
    with open_run():
        first = versions.register(bundle, "", {})
        again = versions.register(bundle, "", {})
        other = versions.register(light_bundle("versions-2"), "", {})
    assert first == again == versions.find(bundle.sha256)
    assert other != first


def test_the_model_that_a_training_logged_is_registered_and_not_logged_twice(
    open_run: OpenRun, light_bundle: MakeBundle
) -> None:
    bundle = light_bundle("versions-1")
    with open_run() as training:
        log_flat_model(bundle.folder)
    with open_run():
        number = RegisteredVersions().register(bundle, "", {})
    assert mlflow.MlflowClient().get_model_version(NAME, number).run_id == training
    assert len(mlflow.search_logged_models(output_format="list")) == 1


def test_an_alias_names_a_version_until_it_is_moved_or_taken_away(open_run: OpenRun, light_bundle: MakeBundle) -> None:
    versions = RegisteredVersions()
    with open_run():
        one, two = (versions.register(light_bundle(name), "", {}) for name in ("versions-1", "versions-2"))
    named = []
    for number in (one, two, None, None):
        versions.point(CHAMPION, number)
        named.append(versions.named(CHAMPION))
    assert named == [one, two, None, None]


def test_before_the_first_version_nothing_is_named_or_found(open_run: OpenRun) -> None:
    with open_run():
        assert RegisteredVersions().named(CHAMPION) is None
        assert RegisteredVersions().find("0" * 64) is None


def test_a_version_that_is_none_cannot_be_named(open_run: OpenRun) -> None:
    with open_run(), pytest.raises(TrackingFailed, match="could not move an alias"):
        RegisteredVersions().point(CHAMPION, "7")
