"""The photo part: from folders of pictures to a proven ONNX graph."""
