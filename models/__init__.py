"""What predicts: bundles of ONNX models, read with onnxruntime and numpy alone."""
