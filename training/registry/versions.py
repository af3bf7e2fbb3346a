"""Versions of the registered model: logged with signature and example, known by their bundle, named by aliases."""

from collections.abc import Mapping

import mlflow
from mlflow import MlflowClient
from mlflow.entities import LoggedModelStatus
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from models.bundle import Bundle
from training.registry.explained import explained
from training.registry.logged_model import BUNDLE_TAG, VERSION_TAG, log_flat_model

NAME = "ondijon-triage"
CHAMPION, CHALLENGER = "champion", "challenger"


class RegisteredVersions:
    """The versions of one registered model; MLflow must have been reached before."""

    def __init__(self, name: str = NAME) -> None:
        self._name = name
        self._client = MlflowClient()

    def register(self, bundle: Bundle, description: str, tags: Mapping[str, str]) -> str:
        """Make a version of a bundle, from the model that its training logged where there is one.

        A bundle that has a version keeps it; what no run has logged, the open run logs.

        Returns:
            The number of the version.

        Raises:
            TrackingFailed: MLflow refused.
        """
        with explained("register the model"):
            number = self.find(bundle.sha256)
            if number is None:
                number = str(mlflow.register_model(self._logged(bundle), self._name).version)
            said = {BUNDLE_TAG: bundle.sha256, VERSION_TAG: bundle.manifest.version, **tags}
            for name, value in said.items():
                self._client.set_model_version_tag(self._name, number, name, value)
            self._client.update_model_version(self._name, number, description)
        return number

    def find(self, bundle_sha256: str) -> str | None:
        """The version of a bundle."""
        with explained("look for versions"):
            versions: list[ModelVersion] = self._client.search_model_versions(f"name='{self._name}'")
        found = [one for one in versions if one.tags.get(BUNDLE_TAG) == bundle_sha256]
        return str(max(found, key=lambda one: int(one.version)).version) if found else None

    def named(self, alias: str) -> str | None:
        """The version that an alias names."""
        with explained("read an alias"):
            try:
                return str(self._client.get_model_version_by_alias(self._name, alias).version)
            except MlflowException as error:
                if error.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
                    return None
                raise

    def point(self, alias: str, number: str | None) -> None:
        """Let an alias name a version, or none."""
        with explained("move an alias"):
            if number is not None:
                self._client.set_registered_model_alias(self._name, alias, number)
            elif self.named(alias) is not None:
                self._client.delete_registered_model_alias(self._name, alias)

    def _logged(self, bundle: Bundle) -> str:
        """The address of the model of a bundle: that of its training run, or one that the open run logs now."""
        experiments = [one.experiment_id for one in self._client.search_experiments()]
        found = mlflow.search_logged_models(
            experiment_ids=experiments,
            filter_string=f"tags.{BUNDLE_TAG} = '{bundle.sha256}'",
            output_format="list",
        )
        whole = [one.model_uri for one in found if one.status == LoggedModelStatus.READY]
        return str(whole[0]) if whole else log_flat_model(bundle.folder)
