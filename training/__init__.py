"""From corpora to a registered model: reading, fine-tuning, calibration, export, tracking."""

import os

import models  # noqa: F401 - first, since it silences onnxruntime

# MLflow tells its makers about its use too.
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
