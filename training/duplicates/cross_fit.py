"""Fits the text network without each group of authors in turn, to learn what it makes of texts by strangers."""

import copy
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, Field
from scipy.special import softmax

from evaluation.metrics import label_numbers
from models.calibration import Floats
from training.calibration import fit_temperature
from training.config import TextConfig, load_config, read_config
from training.data import TrainingData, read_training_data
from training.duplicates.scene_categories import SceneCategories
from training.run import TrainingRequest
from training.scenes import SceneText, read_scene_texts
from training.text.answers import answers_of
from training.text.examples import Example
from training.text.fit import TextTrainer
from training.text.seeds import Start, starting_point
from training.tracking import RunTracker, track_run
from triage.corpus import Split
from triage.errors import InvalidConfiguration
from triage.taxonomy import Taxonomy, load_taxonomy

CROSS_FIT_CONFIG = Path(__file__).parent.parent / "configs" / "scene-categories.yaml"


class CrossFitConfig(BaseModel):
    """How the categories of scenes are found; every field is logged to MLflow."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str
    text: Path = Field(description="Configuration of the text run whose choices the fits share.")
    folds: int = Field(ge=2, description="Groups of authors left out in turn.")
    rows: int = Field(ge=10, description="Other train rows of each fit, so that the network keeps what it knows.")
    epochs: int = Field(ge=1)


@dataclass(frozen=True, slots=True)
class CrossFit:
    """What was found, and its MLflow run."""

    categories: SceneCategories
    run_id: str


def cross_fit_categories(config: CrossFitConfig, request: TrainingRequest) -> CrossFit:
    """Answer every report of a scene by a network that never saw its author, and write that to `request.output`.

    Raises:
        InvalidCorpus: corpus or scenes are missing or malformed.
        InvalidConfiguration: the configuration of the text run is faulty, or there are fewer authors than groups.
        InvalidBundle: the teacher is missing or was changed.
        TrackingFailed: MLflow does not answer.
    """
    taxonomy = load_taxonomy(request.taxonomy)
    text = load_config(config.text).model_copy(
        update={"epochs": config.epochs, "seeds": 1, "scenes": request.duplicates}
    )
    data = read_training_data(text, request.corpus, taxonomy)
    scenes = read_scene_texts(request.duplicates, taxonomy)  # those that tell a held-out row are answered all the same
    groups = _groups(scenes, config.folds)
    with track_run(request.tracking_uri, config.name) as tracker:
        tracker.log_parameters(config.model_dump(mode="json") | {"choices": text.model_dump(mode="json")})
        tracker.log_data(data, request.corpus)
        fits = _Fits(config, text, data, taxonomy, tracker)
        probabilities = np.zeros((len(scenes), len(taxonomy.codes("category"))), np.float32)
        for number, (group, answers) in enumerate(zip(groups, fits.answers(scenes, groups), strict=True)):
            probabilities[group] = answers
            tracker.log_metrics({"accuracy": _accuracy([scenes[row] for row in group], answers, taxonomy)}, number)
        found = SceneCategories(
            codes=taxonomy.codes("category"),
            folds=config.folds,
            accuracy=_accuracy(scenes, probabilities, taxonomy),
            probabilities={
                scene.id: tuple(round(float(value), 5) for value in row)
                for scene, row in zip(scenes, probabilities, strict=True)
            },
        )
        tracker.log_metrics({"scenes_accuracy": found.accuracy})
        _write(found, request.output)
        return CrossFit(found, tracker.run_id)


def load_cross_fit_config(path: Path = CROSS_FIT_CONFIG) -> CrossFitConfig:
    """Read the configuration of a run.

    Raises:
        InvalidConfiguration: naming the field and what is wrong with it.
    """
    return read_config(path, CrossFitConfig)


class _Fits:
    """One fit for each group, all from one starting point."""

    def __init__(
        self, config: CrossFitConfig, text: TextConfig, data: TrainingData, taxonomy: Taxonomy, tracker: RunTracker
    ) -> None:
        self._config = config
        self._text = text
        self._data = data
        self._taxonomy = taxonomy
        self._tracker = tracker
        self._start: Start = starting_point(text, data, taxonomy, tracker)

    def answers(self, scenes: Sequence[SceneText], groups: Sequence[Sequence[int]]) -> Iterator[Floats]:
        """Calibrated probabilities of each group's reports from the network that was fitted without its authors."""
        tokenizer = self._start.built.text_tokenizer()
        validation = self._data.split(Split.VALIDATION)
        for number, group in enumerate(groups):
            network = copy.deepcopy(self._start.built.network)
            trainer = TextTrainer(network, tokenizer, self._taxonomy, self._text, self._start.teacher)
            examples = self._examples({scenes[row].hand for row in group})
            trainer.fit(examples, validation, self._tracker.of_seed(number))
            known = answers_of(network, tokenizer, [row.masked_text for row in validation]).logits["category"]
            temperature = fit_temperature(known, label_numbers(validation, "category", self._taxonomy))
            asked = answers_of(network, tokenizer, [scenes[row].text for row in group]).logits["category"]
            yield softmax(asked / temperature, axis=1)

    def _examples(self, without: set[str]) -> list[Example]:
        """A sample of all other rows, and the scenes of the other authors."""
        others = replace(self._data, scenes=()).examples(self._taxonomy)
        drawn = random.Random(self._text.seed).sample(others, min(self._config.rows, len(others)))
        alone = tuple(scene for scene in self._data.scenes if scene.hand not in without)
        scenes = replace(self._data, corpus=(), others={}, texts=(), scenes=alone)
        return [*drawn, *scenes.examples(self._taxonomy)]


def _groups(scenes: Sequence[SceneText], folds: int) -> list[list[int]]:
    """Positions of the reports of each group; authors go round the groups, as they do in `examples.py`."""
    hands = sorted({scene.hand for scene in scenes})
    if len(hands) < folds:
        raise InvalidConfiguration(
            f"The scenes are by {len(hands)} authors; with `folds: {folds}` as many are needed, or fewer folds."
        )
    groups: list[list[int]] = [[] for _ in range(folds)]
    for row, scene in enumerate(scenes):
        groups[hands.index(scene.hand) % folds].append(row)
    return groups


def _accuracy(scenes: Sequence[SceneText], probabilities: Floats, taxonomy: Taxonomy) -> float:
    codes = taxonomy.codes("category")
    found = [codes[number] for number in probabilities.argmax(axis=1)]
    return float(np.mean([code == scene.category for code, scene in zip(found, scenes, strict=True)]))


def _write(found: SceneCategories, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    arriving = path.with_name(f"{path.name}.new")
    arriving.write_text(found.model_dump_json() + "\n", encoding="utf-8")
    arriving.replace(path)
