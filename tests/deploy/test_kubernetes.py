"""The manifests for a cluster: as the schemas of Kubernetes have them, and in step with the service."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import kubernetes_validate
import pytest
import yaml

from serving.access import OPEN_PATHS
from triage.settings import PROJECT_ROOT, Settings

FOLDER = PROJECT_ROOT / "deploy" / "kubernetes"
KUSTOMIZATION = "kustomization.yaml"  # for the tool of that name, not for the cluster
FILES = sorted(path.name for path in FOLDER.glob("*.yaml") if path.name != KUSTOMIZATION)
VERSION = "1.34"


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((FOLDER / name).read_text(encoding="utf-8")))


def pods() -> Iterator[dict[str, Any]]:
    """The pods of everything that runs."""
    for name in FILES:
        for document in documents(name):
            spec = document.get("spec", {})
            spec = spec.get("jobTemplate", {}).get("spec", spec)
            if "template" in spec:
                yield spec["template"]["spec"]


def containers(pod: dict[str, Any]) -> list[dict[str, Any]]:
    return [*pod.get("initContainers", ()), *pod["containers"]]


@pytest.mark.parametrize("name", FILES)
def test_every_document_is_as_its_schema_has_it(name: str) -> None:
    for document in documents(name):
        kubernetes_validate.validate(document, VERSION, strict=True)


def test_all_of_them_are_applied() -> None:
    [kustomization] = documents(KUSTOMIZATION)
    assert sorted(kustomization["resources"]) == FILES


def test_every_setting_in_them_exists() -> None:
    [config] = documents("config.yaml")
    known = {f"TRIAGE_{name.upper()}" for name in Settings.model_fields}
    assert set(config["data"]) - {"FORWARDED_ALLOW_IPS", "HOME"} <= known
    set_directly = {entry["name"] for pod in pods() for container in containers(pod) for entry in container["env"]}
    assert set_directly <= known


def test_probes_ask_paths_that_need_no_key() -> None:
    [deployment, _] = documents("service.yaml")
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"]["path"] in OPEN_PATHS


def test_nothing_runs_with_more_rights_or_resources_than_it_needs() -> None:
    for pod in pods():
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        for container in containers(pod):
            assert container["securityContext"]["readOnlyRootFilesystem"] is True
            assert container["securityContext"]["allowPrivilegeEscalation"] is False
            assert {"cpu", "memory"} <= container["resources"]["limits"].keys()


def test_every_volume_that_is_mounted_is_there() -> None:
    claims = {claim["metadata"]["name"] for claim in documents("storage.yaml")}
    for pod in pods():
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        for container in containers(pod):
            assert {mount["name"] for mount in container["volumeMounts"]} <= volumes.keys()
        assert {
            one["persistentVolumeClaim"]["claimName"] for one in volumes.values() if "emptyDir" not in one
        } <= claims


def test_an_update_never_leaves_fewer_replicas_than_before() -> None:
    [deployment, _] = documents("service.yaml")
    assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


@pytest.mark.parametrize("command", ["purge", "backup"])
def test_the_nightly_commands_have_the_options_that_are_named(command: str) -> None:
    text = (FOLDER / "nightly.yaml").read_text(encoding="utf-8")
    shown = subprocess.run(
        [sys.executable, "-m", "cli", command, "--help"], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    ).stdout
    [line] = [line for line in text.splitlines() if f"cli, {command}" in line or f"cli {command}" in line]
    options = {word.strip('",[]') for word in line.split() if word.startswith("--")}
    assert options
    assert [option for option in options if option not in shown] == []
