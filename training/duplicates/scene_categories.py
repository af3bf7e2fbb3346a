"""Categories of scenes from text networks that never saw their authors, in a file beside the training.

A text model that has learned from the scenes knows their categories better than those of any street. Where the
duplicate part weighs the category, it would trust it too much, and every figure would flatter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from evaluation.duplicate_corpus import LinkedReport
from models.calibration import Floats
from training.duplicates.reading import ReadTexts
from triage.errors import InvalidConfiguration, first_fault

_REMEDY = "make it anew with: triage train scene-categories"


class SceneCategories(BaseModel):
    """Calibrated probabilities of the category, by the id of a report.

    Attributes:
        codes: of the categories, in the order of the probabilities.
        folds: groups of authors; each was answered by a network fitted without it.
        probabilities: by id.
        accuracy: share of the reports whose likeliest category is the true one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    codes: tuple[str, ...]
    folds: int
    accuracy: float
    probabilities: Mapping[str, tuple[float, ...]]

    def of(self, scenes: Sequence[LinkedReport], codes: tuple[str, ...]) -> Floats:
        """The probabilities of these reports, shape (reports, codes).

        Raises:
            InvalidConfiguration: the text model has other codes, or a report is not known.
        """
        if codes != self.codes:
            raise InvalidConfiguration(f"The scenes' categories have other codes than the text model; {_REMEDY}.")
        missing = [scene.id for scene in scenes if scene.id not in self.probabilities]
        if missing:
            raise InvalidConfiguration(f"The scenes' categories lack the report {missing[0]}; {_REMEDY}.")
        return np.array([self.probabilities[scene.id] for scene in scenes], np.float32)


def read_scene_categories(path: Path) -> SceneCategories:
    """Read the file that `triage train scene-categories` wrote.

    Raises:
        InvalidConfiguration: it cannot be read, or holds something else.
    """
    try:
        return SceneCategories.model_validate_json(path.read_bytes())
    except OSError as error:
        raise InvalidConfiguration(f"{path} cannot be read ({error}); {_REMEDY}.") from error
    except ValidationError as error:
        raise InvalidConfiguration(f"{path}: {first_fault(error, 'file')}; {_REMEDY}.") from error


def with_categories(texts: ReadTexts, scenes: Sequence[LinkedReport], known: SceneCategories) -> ReadTexts:
    """The texts with these categories of the scenes, which come first among them."""
    categories = texts.categories.copy()
    categories[: len(scenes)] = known.of(scenes, texts.codes)
    return replace(texts, categories=categories)
