"""Torch modules, used by training alone; serving reads their ONNX export."""
