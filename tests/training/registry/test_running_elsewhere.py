"""A logged model at work where MLflow takes it: behind HTTP on this machine, and as a function of Spark."""

import os
import shutil
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import pytest

from models.bundle import Bundle
from models.flat import COLUMNS
from training.registry.logged_model import EXAMPLE, log_flat_model

OpenRun = Callable[[], AbstractContextManager[str]]
MakeBundle = Callable[[str], Bundle]

pytestmark = pytest.mark.slow

PATIENCE_S = 120
_SPARK = """
    import sys

    import mlflow
    from pyspark.sql import SparkSession

    local = {"spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    spark = SparkSession.builder.master("local[1]").config(map=local).getOrCreate()
    answer = mlflow.pyfunc.spark_udf(spark, sys.argv[1], env_manager="local")
    table = spark.createDataFrame([(sys.argv[2],), ("",)], ["text"])
    for row in table.select(answer("text").alias("answer")).select("answer.*").collect():
        print("|".join(str(value) for value in row))
    spark.stop()
"""


@pytest.fixture
def model(open_run: OpenRun, light_bundle: MakeBundle, artifacts: Path) -> Path:
    """The folder of a logged model."""
    with open_run():
        log_flat_model(light_bundle("flat-1").folder)
    [folder] = artifacts.glob("*/models/*/artifacts")
    return folder.resolve()


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """MLflow starts its server by name, and Spark its workers; both are those of this environment."""
    programs = str(Path(sys.executable).parent)
    return os.environ | {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path}/mlflow.db",
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    }


@pytest.fixture
def server(model: Path, environment: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """The address of `mlflow models serve`."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = str(found.getsockname()[1])
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", str(model), "--env-manager", "local"]
    with (tmp_path / "serve.log").open("w") as log:
        process = subprocess.Popen(
            [*command, "-h", "127.0.0.1", "-p", port], env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(address, process, tmp_path / "serve.log")
            yield address
        finally:
            os.killpg(process.pid, 15)
            process.wait(30)


def _wait(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{address}/ping").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.3)
    pytest.fail(log.read_text(encoding="utf-8"))


def test_mlflow_serves_a_logged_model_over_http(server: str) -> None:
    rows = {"dataframe_records": [{"text": EXAMPLE, "id": "a"}, {"text": "", "id": "b"}]}
    answer = httpx.post(f"{server}/invocations", json=rows, timeout=60)
    assert answer.status_code == 200
    good, bad = answer.json()["predictions"]
    assert tuple(good) == tuple(bad) == COLUMNS
    assert (good["category"], good["model_version"], good["error"]) == ("eclairage_public", "flat-1", "")
    assert (bad["category"], bad["category_confidence"]) == ("", None)
    assert bad["error"]
    refused = httpx.post(f"{server}/invocations", json={"dataframe_records": [{"texte": "x"}]}, timeout=60)
    assert refused.status_code == 400


@pytest.mark.skipif(
    shutil.which("java") is None and not os.environ.get("CI"), reason="Spark needs Java, which is not installed here"
)
def test_spark_runs_a_logged_model_as_a_function(model: Path, environment: dict[str, str]) -> None:
    pytest.importorskip("pyspark")
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_SPARK), str(model), EXAMPLE],
        env=environment,
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    good, bad = [line.split("|") for line in done.stdout.splitlines() if line.count("|") == len(COLUMNS) - 1]
    answers = [dict(zip(COLUMNS, row, strict=True)) for row in (good, bad)]
    assert [row["category"] for row in answers] == ["eclairage_public", ""]
    assert [row["category_confidence"] == "None" for row in answers] == [False, True]
    assert "has no letter or digit" in answers[1]["error"]
