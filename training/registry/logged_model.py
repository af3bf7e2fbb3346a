"""Logs a bundle as a model that MLflow runs anywhere: a table in, a table with flat columns out."""

import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path

import mlflow
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema

import models
import triage
from models.bundle import load_bundle
from models.flat import COLUMNS, CONFIDENCES, INPUTS
from training.registry.explained import explained

BUNDLE_TAG = "bundle_sha256"
VERSION_TAG = "bundle_version"
EXAMPLE = "Le lampadaire devant le 12 rue Monge est éteint depuis trois jours."

_CODE = Path(__file__).with_name("flat_model.py")
# All that `flat_model.py` imports; the versions are those that were tested here.
_LIBRARIES = (
    "mlflow", "numpy", "onnxruntime", "pandas", "pillow", "pillow-heif", "py3langid", "pydantic", "pyyaml",
    "tokenizers",
)  # fmt: skip
_LEFT_OUT = shutil.ignore_patterns("pretrained", "networks", "__pycache__", "migrations")


def log_flat_model(folder: Path) -> str:
    """Log a bundle in the open run, with signature, input example and its digest as a tag.

    Args:
        folder: the bundle.

    Returns:
        The address of the model, such as `models:/m-0123…`, for `mlflow.pyfunc.load_model` and `mlflow models serve`.

    Raises:
        InvalidBundle: the bundle is broken.
        TrackingFailed: MLflow refused.
    """
    bundle = load_bundle(folder)
    with tempfile.TemporaryDirectory() as scratch, explained("log the model"):
        info = mlflow.pyfunc.log_model(
            name="model",
            python_model=str(_CODE),
            artifacts={"bundle": str(folder)},
            code_paths=_own_code(Path(scratch)),
            signature=signature(),
            input_example=[{"text": EXAMPLE}],
            pip_requirements=[f"{name}=={version(name)}" for name in _LIBRARIES],
            tags={BUNDLE_TAG: bundle.sha256, VERSION_TAG: bundle.manifest.version},
        )
    return str(info.model_uri)


def signature() -> ModelSignature:
    """Columns of text in, columns of text and numbers out, as Spark and a table can hold them."""
    return ModelSignature(
        inputs=Schema([ColSpec("string", name, required=needed) for name, needed in INPUTS.items()]),
        outputs=Schema(
            [
                ColSpec("double" if name in CONFIDENCES else "string", name, required=name not in CONFIDENCES)
                for name in COLUMNS
            ]
        ),
    )


def _own_code(scratch: Path) -> list[str]:
    """Copies of the packages that answer, so that a version runs where this project is not installed."""
    paths = []
    for package in (models, triage):
        source = Path(str(package.__file__)).parent
        paths.append(str(shutil.copytree(source, scratch / source.name, ignore=_LEFT_OUT)))
    return paths
