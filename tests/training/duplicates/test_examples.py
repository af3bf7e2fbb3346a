"""What the duplicate part is trained on: which pairs, whose, and in which group."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.bundle import load_bundle
from training.duplicates.config import DuplicateConfig
from training.duplicates.examples import Examples, read_examples, word_weights
from training.run import TrainingRequest
from triage.duplicates.rules import load_duplicate_rules
from triage.errors import InvalidConfiguration, InvalidCorpus
from triage.settings import PROJECT_ROOT
from triage.taxonomy import Taxonomy

MakeRequest = Callable[..., TrainingRequest]
Read = Callable[..., Examples]

SHIPPED = PROJECT_ROOT / "models" / "pretrained"
NOON = datetime.fromisoformat("2026-02-03T12:00:00+01:00")


def row(name: str, fault: str, hours: float = 0, north_m: float = 0, **fields: Any) -> dict[str, Any]:
    moment = (NOON + timedelta(hours=hours)).isoformat()
    place = {"lat": 47.3208 + north_m / 111_195, "lon": 5.0352}
    return {"id": name, "text": "lampe", "created_at": moment, "category": "voirie", "fault": fault, **place, **fields}


@pytest.fixture
def read(tmp_path: Path, make_request: MakeRequest, taxonomy: Taxonomy, duplicate_config: DuplicateConfig) -> Read:
    """Reads rows of scenes, `hand_01` and `hand_02` in turn, unless a hand is given each."""

    def read_rows(*hands: list[dict[str, Any]], **changes: Any) -> Examples:
        folder = tmp_path / "scenes"
        folder.mkdir()
        for number, rows in enumerate(hands, start=1):
            (folder / f"hand_{number:02}.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        request = replace(make_request(tmp_path / "corpus", tmp_path / "out"), duplicates=folder)
        rules = load_duplicate_rules(request.duplicate_rules, taxonomy)
        config = duplicate_config.model_copy(update=changes)
        return read_examples(config, request, load_bundle(SHIPPED), rules, lambda _: None)

    return read_rows


def names(examples: Examples) -> dict[str, bool]:
    pairs = examples.scene_pairs
    ids = [scene.id for scene in examples.scenes]
    both = zip(pairs.one.tolist(), pairs.two.tolist(), pairs.same_fault.tolist(), strict=True)
    return {f"{ids[one]} {ids[two]}": truth for one, two, truth in both}


def test_of_few_reports_each_author_has_an_equal_share(read: Read) -> None:
    few = [[row(f"{hand}{number}", f"{hand}", number) for number in range(6)] for hand in "abc"]
    found = read(*few, rows=9)
    assert [scene.id for scene in found.scenes] == [f"{hand}{number}" for hand in "abc" for number in range(3)]


def test_every_two_reports_of_a_scene_in_reach_are_a_pair(read: Read) -> None:
    found = read(
        [
            row("a", "s1/A"),
            row("b", "s1/A", hours=5),
            row("c", "s1/B", hours=6, category="graffiti"),
            row("far", "s1/C", north_m=400),
            row("late", "s1/A", hours=24 * 61),
            row("d", "s2/A"),
        ],
        [row("e", "s3/A"), row("f", "s3/A")],
    )
    assert names(found) == {"a b": True, "a c": False, "b c": False, "e f": True}
    assert found.scene_pairs.same_category.tolist()[:3] == [True, False, False]


def test_an_area_and_what_it_covers_teach_nothing(read: Read) -> None:
    found = read(
        [row("z", "s1/Z", area=True), row("a", "s1/A", covered_by="s1/Z"), row("b", "s1/B")],
        [row("e", "s3/A"), row("f", "s3/A")],
    )
    assert names(found) == {"z b": False, "a b": False, "e f": True}


def test_authors_go_round_the_groups_and_a_scene_is_of_one(read: Read) -> None:
    hands = [[row(f"{hand}{number}", f"s{hand}/A") for number in range(2)] for hand in range(3)]
    found = read(*hands)
    assert found.fold.tolist() == [0, 0, 1, 1, 0, 0]
    assert found.pairs.weight.tolist() == [1, 1, 1]


def test_texts_are_masked_and_plates_kept_apart(read: Read) -> None:
    found = read([row("a", "s1/A", text="Clio ab-123-cd, 06 12 34 56 78"), row("b", "s1/A")])
    assert found.reports[0].text == "Clio <PLAQUE>, <TEL>"
    assert found.reports[0].plates == {"AB-123-CD"}
    assert found.reports[0].vector is None


def test_words_are_weighed_by_the_scenes(read: Read, duplicate_config: DuplicateConfig) -> None:
    found = read([row("a", "s1/A", text="la lampe"), row("b", "s1/A", text="la borne")])
    alike = word_weights(duplicate_config, found.scenes).alike("la lampe", "la lampe bleue")
    assert alike is not None
    assert alike[1] > 0


def test_layers_that_the_text_model_lacks_are_refused(read: Read) -> None:
    with pytest.raises(InvalidConfiguration, match="`layers` names others"):
        read([row("a", "s1/A"), row("b", "s1/A")], layers=(99,))


def test_missing_real_reports_are_refused(read: Read, tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="set `reports: null`"):
        read([row("a", "s1/A"), row("b", "s1/A")], reports=tmp_path / "none")


def test_a_category_that_the_taxonomy_lacks_is_refused(read: Read) -> None:
    with pytest.raises(InvalidCorpus, match="lampes"):
        read([row("a", "s1/A", category="lampes"), row("b", "s1/A")])


def test_scenes_without_a_pair_are_refused(read: Read) -> None:
    with pytest.raises(InvalidCorpus):
        read([row("a", "s1/A"), row("b", "s2/A")])


def test_categories_of_scenes_come_from_the_file_that_is_named_and_there(read: Read, tmp_path: Path) -> None:
    codes = load_bundle(SHIPPED).folder / "text" / "description.json"
    names_of_codes = json.loads(codes.read_text(encoding="utf-8"))["codes"]["category"]
    row_of = [round(1 / len(names_of_codes), 5)] * len(names_of_codes)
    path = tmp_path / "categories.json"
    content = {"codes": names_of_codes, "folds": 2, "accuracy": 0.9, "probabilities": {"a": row_of, "b": row_of}}
    path.write_text(json.dumps(content), encoding="utf-8")
    found = read([row("a", "s1/A"), row("b", "s1/A")], scene_categories=path)
    assert found.texts.categories.tolist() == pytest.approx(np.array([row_of, row_of]))
    assert found.scene_categories is not None
    assert found.scene_categories.accuracy == 0.9


def test_without_that_file_categories_are_the_text_models_own(read: Read, tmp_path: Path) -> None:
    found = read([row("a", "s1/A"), row("b", "s1/A")], scene_categories=tmp_path / "none.json")
    assert found.scene_categories is None
    assert found.texts.categories.sum(axis=1).tolist() == pytest.approx([1, 1], abs=1e-3)
    assert found.texts.categories.max() > 0.2


def test_a_file_without_one_of_the_reports_is_refused(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "categories.json"
    path.write_text('{"codes": ["voirie"], "folds": 2, "accuracy": 1, "probabilities": {}}', encoding="utf-8")
    with pytest.raises(InvalidConfiguration, match="triage train scene-categories"):
        read([row("a", "s1/A"), row("b", "s1/A")], scene_categories=path)
