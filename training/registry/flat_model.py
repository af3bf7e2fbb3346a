"""What MLflow runs: the bundle beside this file answers rows of a table. Loaded as code, so that no pickle is."""

from pathlib import Path
from typing import Any

import mlflow
import pandas as pd

from models.flat import COLUMNS, TEXTS, flat_answers
from models.predictor import Predictor


class FlatModel(mlflow.pyfunc.PythonModel):
    """The predictor behind MLflow's door."""

    def load_context(self, context: Any) -> None:
        """Verify and load the bundle, on one thread: Spark and servers run several of these side by side."""
        self._predictor = Predictor.load(Path(context.artifacts["bundle"]), threads=1)

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:  # noqa: ARG002 - MLflow's signature
        """Answer each row; a bad one gets an `error`, and neither codes nor confidences."""
        rows = model_input.to_dict("records")
        answers = flat_answers(self._predictor, rows)
        frame = pd.DataFrame(answers, columns=list(COLUMNS), index=model_input.index, dtype=object)
        # JSON has no NaN and MLflow writes None into Spark's columns of text as a word; a missing text is empty.
        frame[list(TEXTS)] = frame[list(TEXTS)].fillna("")
        return frame


mlflow.models.set_model(FlatModel())
