"""No report of a scene is answered by a network that learned from its author."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from mlflow import MlflowClient

from tests.training.tiny import FILLERS, KINDS, PIECES, write_tiny_encoder
from training.config import TextConfig, load_config
from training.duplicates.cross_fit import (
    CROSS_FIT_CONFIG,
    CrossFitConfig,
    cross_fit_categories,
    load_cross_fit_config,
)
from training.duplicates.scene_categories import read_scene_categories
from training.run import TrainingRequest
from triage.corpus import LabelledAlert, Split
from triage.errors import InvalidConfiguration
from triage.settings import PROJECT_ROOT
from triage.taxonomy import HEADS, Taxonomy

MakeRequest = Callable[..., TrainingRequest]
# The first author gives every kind another category than the corpus: whoever learned from this author repeats it.
CONTRARY = (1, 2, 0)
REPORTS = 24
PLACE = {"lat": 47.32, "lon": 5.04, "created_at": "2026-02-03T12:00:00+01:00"}


def told(number: int, split: Split = Split.TRAIN) -> str:
    """A text of one of three kinds; held-out ones are longer, or they would be taken for what is trained on."""
    fillers = FILLERS[number % 11 :: 5] if split is Split.TRAIN else [f"mot{number * step}" for step in (7, 11, 13, 17)]
    return " ".join([KINDS[number % 3], *fillers])


@pytest.fixture
def request_(tmp_path: Path, make_request: MakeRequest, taxonomy: Taxonomy, tracking_uri: str) -> TrainingRequest:
    corpus, scenes = tmp_path / "corpus", tmp_path / "scenes"
    corpus.mkdir()
    scenes.mkdir()
    codes = {head: taxonomy.codes(head) for head in HEADS}
    rows = [
        LabelledAlert(
            id=f"{split}-{number}",
            text=told(number, split),
            split=split,
            **{head: codes[head][number % 3] for head in HEADS},
        )
        for split in Split
        for number in range(48)
    ]
    (corpus / "rows.jsonl").write_text("".join(row.model_dump_json() + "\n" for row in rows), encoding="utf-8")
    for hand in (1, 2):
        lines = []
        for number in range(REPORTS):
            kind = CONTRARY[number % 3] if hand == 1 else number % 3
            about = {"category": codes["category"][kind], "fault": f"h{hand}/{number}", **PLACE}
            lines.append(json.dumps({"id": f"h{hand}-{number}", "text": told(number), **about}))
        (scenes / f"hand_{hand:02}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    made = make_request(corpus, tmp_path / "work" / "categories.json", tracking_uri)
    return replace(made, duplicates=scenes)


@pytest.fixture
def config(tmp_path: Path, smoke_config: TextConfig) -> CrossFitConfig:
    changes = {
        "encoder": str(write_tiny_encoder(tmp_path / "tiny")),
        "vocabulary_size": PIECES,
        "batch_size": 8,
        "learning_rate": 3e-3,
        "head_learning_rate": 2e-2,
        "augment": False,
        "dropout": 0.0,
        "salad_share": 0.0,
        "rows": None,
        "held_out_rows": None,
        "budget_steps": None,
        "patience": 12,
    }
    text = tmp_path / "text.yaml"
    text.write_text(yaml.safe_dump(smoke_config.model_copy(update=changes).model_dump(mode="json")), encoding="utf-8")
    return CrossFitConfig(name="essai", text=text, folds=2, rows=40, epochs=12)


@pytest.mark.slow
@pytest.mark.usefixtures("few_threads")
def test_every_report_is_answered_by_a_network_that_learned_from_others(
    config: CrossFitConfig, request_: TrainingRequest, taxonomy: Taxonomy
) -> None:
    found = cross_fit_categories(config, request_)
    written = read_scene_categories(request_.output)
    assert written == found.categories
    assert written.codes == taxonomy.codes("category")
    assert len(written.probabilities) == 2 * REPORTS
    assert all(sum(row) == pytest.approx(1, abs=1e-3) for row in written.probabilities.values())

    def answers(hand: int) -> list[int]:
        rows = (written.probabilities[f"h{hand}-{number}"] for number in range(REPORTS))
        return [max(range(len(row)), key=row.__getitem__) for row in rows]

    truth = [number % 3 for number in range(REPORTS)]
    right = [kind == answer for kind, answer in zip(truth, answers(1), strict=True)]
    assert sum(right) > 0.8 * REPORTS, "a network that saw this author would say what the author says"
    assert MlflowClient(request_.tracking_uri).get_run(found.run_id).data.metrics["scenes_accuracy"] == pytest.approx(
        written.accuracy
    )


def test_fewer_authors_than_groups_are_refused(config: CrossFitConfig, request_: TrainingRequest) -> None:
    with pytest.raises(InvalidConfiguration, match="by 2 authors; with `folds: 3`"):
        cross_fit_categories(config.model_copy(update={"folds": 3}), request_)


@pytest.mark.parametrize("name", ["scene-categories.yaml", "scene-categories-smoke.yaml"])
def test_the_configurations_that_come_along_are_valid(name: str) -> None:
    found = load_cross_fit_config(CROSS_FIT_CONFIG.with_name(name))
    assert load_config(PROJECT_ROOT / found.text)
