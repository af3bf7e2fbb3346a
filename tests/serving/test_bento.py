"""The Bento: built from `bentofile.yaml`, it serves from its own folder with nothing of this checkout."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from serving.keys import KeyStore
from tests.live_server import free_port, plain_environment, started
from triage.settings import PROJECT_ROOT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("bento")]

BENTOFILE = PROJECT_ROOT / "bentofile.yaml"

# This environment finds the project's modules in the checkout; the Bento's server must not.
FORGET_THE_CHECKOUT = """
import sys
sys.meta_path[:] = [finder for finder in sys.meta_path if "__editable__" not in str(getattr(finder, "__module__", ""))]
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("bento")
    (folder / "sitecustomize.py").write_text(FORGET_THE_CHECKOUT)
    return plain_environment() | {
        "BENTOML_HOME": str(folder / "home"),
        "BENTOML_DO_NOT_TRACK": "true",
        "PYTHONPATH": str(folder),
        "TRIAGE_STATE_DIR": str(folder / "state"),
        "TRIAGE_THREADS": "1",
    }


@pytest.fixture(scope="module")
def bento(environment: dict[str, str]) -> Path:
    """The folder of a newly built Bento."""
    assert BENTOFILE.exists(), "bentofile.yaml is missing at the root of the project"
    built = subprocess.run(
        [sys.executable, "-m", "bentoml", "build", "--output", "tag", "--bentofile", str(BENTOFILE), str(PROJECT_ROOT)],
        cwd=PROJECT_ROOT,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    name, version = built.stdout.strip().rpartition("__tag__:")[2].split(":")
    return Path(environment["BENTOML_HOME"]) / "bentos" / name / version


@pytest.fixture(scope="module")
def client(
    bento: Path, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """A client with a key of a server that runs from the Bento's folder."""
    headers = {"Authorization": f"Bearer {KeyStore(Path(environment['TRIAGE_STATE_DIR'])).add('bento')}"}
    folder, port = tmp_path_factory.mktemp("served"), free_port()
    command = [sys.executable, "-m", "bentoml", "serve", str(bento), "--host", "127.0.0.1", "--port", str(port)]
    with (
        started(command, folder, environment, port) as server,
        httpx.Client(base_url=server.base, headers=headers, timeout=30, trust_env=False) as session,
    ):
        yield session


def test_a_bento_holds_what_serves_and_nothing_of_training(bento: Path) -> None:
    packed = {path.relative_to(bento / "src").as_posix() for path in (bento / "src").rglob("*") if path.is_file()}
    assert {"serving/service.py", "triage/alert.py", "models/predictor.py", "models/pretrained/manifest.json"} <= packed
    code = {path.split("/")[0] for path in packed if path.endswith(".py")}
    assert code == {"cli", "serving", "triage", "models", "evaluation"}
    measured = {path for path in packed if path.startswith("evaluation/")} - {"evaluation/__init__.py"}
    assert measured
    assert all(path.startswith("evaluation/live/") for path in measured)
    assert not any(path.startswith("models/networks/") for path in packed)
    assert not any(path.endswith((".jsonl", ".pkl", ".pt")) for path in packed)


def test_a_bento_installs_no_training_library(bento: Path) -> None:
    document: dict[str, Any] = yaml.safe_load((bento / "bento.yaml").read_text(encoding="utf-8"))
    assert document["service"] == "serving.service:TriageService"
    requirements = (bento / "env" / "python" / "requirements.txt").read_text(encoding="utf-8").lower()
    for name in ("torch", "transformers", "mlflow", "scikit-learn", "pandas", "scipy"):
        assert f"\n{name}" not in f"\n{requirements}"


def test_a_bento_serves_from_its_own_folder(client: httpx.Client) -> None:
    assert client.get("/readyz").status_code == 200
    answer = client.post("/v1/predict", json={"id": "bento-1", "text": "Lampadaire éteint rue Monge"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["id"] == "bento-1"


@pytest.mark.parametrize(
    "command", [["key", "add", "by-hand"], ["purge", "--dry-run"], ["events", "tail"], ["user", "list"]], ids=" ".join
)
def test_whoever_runs_a_bento_has_the_command_line(
    bento: Path, environment: dict[str, str], command: list[str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli", *command],
        cwd=bento / "src",
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_bento_asks_for_a_key(client: httpx.Client) -> None:
    answer = client.post("/v1/predict", json={"id": "bento-2", "text": "trou"}, headers={"Authorization": ""})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_bento_has_the_review_desk_with_all_its_parts(client: httpx.Client) -> None:
    answer = client.get("/review/sign-in")
    assert answer.status_code == 403
    assert "triage user add" in answer.text
    assert 'lang="fr"' in answer.text
    for address in re.findall(r'(?:href|src)="(/review/static/[^"]+)"', answer.text):
        assert client.get(address).status_code == 200, address
