"""What MLflow runs: flat columns, known by a digest, without a pickle, and without this project being installed."""

import math
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import mlflow
import pytest

from models.bundle import Bundle
from models.flat import COLUMNS
from training.registry.logged_model import EXAMPLE, log_flat_model, signature

OpenRun = Callable[[], AbstractContextManager[str]]
MakeBundle = Callable[[str], Bundle]

pytestmark = pytest.mark.slow


@pytest.fixture
def model_uri(open_run: OpenRun, light_bundle: MakeBundle) -> str:
    with open_run():
        return log_flat_model(light_bundle("flat-1").folder)


def test_a_logged_model_answers_a_table_with_flat_columns(model_uri: str) -> None:
    model = mlflow.pyfunc.load_model(model_uri)
    answers = model.predict([{"text": EXAMPLE}, {"text": "", "id": "empty"}])
    assert tuple(answers.columns) == COLUMNS
    good, bad = answers.to_dict("records")
    assert (good["category"], good["department"], good["error"]) == ("eclairage_public", "eclairage", "")
    assert 0.5 < good["category_confidence"] <= 1
    assert good["model_version"] == bad["model_version"] == "flat-1"
    assert (bad["category"], bad["category_confidence"]) == ("", None)
    assert "has no letter or digit" in bad["error"]


def test_a_table_without_texts_is_refused_by_the_signature(model_uri: str) -> None:
    model = mlflow.pyfunc.load_model(model_uri)
    with pytest.raises(mlflow.MlflowException, match=r"missing inputs \['text'\]"):
        model.predict([{"texte": EXAMPLE}])


def test_a_logged_model_tells_its_digest_its_signature_and_an_example(model_uri: str, light_bundle: MakeBundle) -> None:
    model = mlflow.get_logged_model(model_uri.removeprefix("models:/"))
    assert model.tags["bundle_version"] == "flat-1"
    assert model.tags["bundle_sha256"] == light_bundle("flat-1").sha256
    info = mlflow.models.get_model_info(model_uri)
    assert info.signature == signature()
    assert info.saved_input_example_info is not None


@pytest.mark.usefixtures("model_uri")
def test_no_file_of_a_logged_model_is_a_pickle(artifacts: Path) -> None:
    files = [path for path in artifacts.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} & {".pkl", ".pickle", ".joblib", ".pt", ".bin"} == set()
    assert all(path.read_bytes()[:1] != b"\x80" for path in files)
    assert any(path.name == "model.onnx" for path in files)


@pytest.mark.usefixtures("model_uri")
def test_a_logged_model_runs_where_this_project_is_not_installed(artifacts: Path) -> None:
    [folder] = artifacts.glob("*/models/*/artifacts")
    script = (
        "import sys, mlflow\n"
        "sys.meta_path = [finder for finder in sys.meta_path if 'editable' not in repr(finder).lower()]\n"
        "sys.path = [entry for entry in sys.path if 'editable' not in entry and entry]\n"
        "try:\n    import models\nexcept ModuleNotFoundError:\n    pass\nelse:\n    sys.exit('installed after all')\n"
        f"answers = mlflow.pyfunc.load_model({str(folder.resolve())!r}).predict([{{'text': {EXAMPLE!r}}}])\n"
        "import models\n"
        "print(models.__file__, answers['category'][0])\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    path, category = done.stdout.split()
    assert path.startswith(str(folder.resolve() / "code"))
    assert category == "eclairage_public"


def test_what_is_missing_in_a_table_is_told_and_not_guessed(model_uri: str) -> None:
    import pandas as pd

    table = pd.DataFrame({"text": [EXAMPLE, None], "photo": ["not base64!", None]}, index=[7, 9])
    answers = mlflow.pyfunc.load_model(model_uri).predict(table)
    assert list(answers.index) == [7, 9]
    assert all(answers["error"] != "")
    assert not any(isinstance(value, float) and math.isnan(value) for value in answers.to_numpy().ravel())
