"""The example for one machine: as the schema has it, hardened, and with settings that exist."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from triage.settings import PROJECT_ROOT, Settings

FILE = PROJECT_ROOT / "deploy" / "compose.yaml"
KNOWN = {f"TRIAGE_{name.upper()}" for name in Settings.model_fields}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return document


def test_it_is_as_the_schema_of_compose_files_has_it() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(FILE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_setting_in_it_exists(compose: dict[str, Any]) -> None:
    named = set(compose["services"]["service"]["environment"]) - {"FORWARDED_ALLOW_IPS", "HOME"}
    assert named <= KNOWN


def test_what_faces_the_network_can_gain_no_rights(compose: dict[str, Any]) -> None:
    for name in ("service", "proxy", "mlflow"):
        service = compose["services"][name]
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
    assert compose["services"]["service"]["read_only"] is True


def test_only_the_proxy_can_be_reached_from_other_machines(compose: dict[str, Any]) -> None:
    open_to_all = {
        name
        for name, service in compose["services"].items()
        if any(not port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    }
    assert open_to_all == {"proxy"}


def test_passwords_come_from_outside(compose: dict[str, Any]) -> None:
    postgres = compose["services"]["postgres"]["environment"]["POSTGRES_PASSWORD"]
    assert postgres.startswith("${POSTGRES_PASSWORD:?")
    assert "${POSTGRES_PASSWORD:?" in compose["services"]["service"]["environment"]["TRIAGE_STORE"]


def test_every_file_that_it_mounts_is_there(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            if source.startswith("./"):
                assert (FILE.parent / Path(source)).exists(), source
            else:
                assert source in compose["volumes"], source
