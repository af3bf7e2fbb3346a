"""What predicts: bundles of ONNX models, read with onnxruntime and numpy alone."""

import os

# onnxruntime tells its maker about its use from the moment it is imported; a city has not agreed to that.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
