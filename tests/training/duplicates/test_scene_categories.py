"""Categories of scenes from networks that never saw their authors stand in for the text model's own."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from evaluation.duplicate_corpus import LinkedReport
from training.duplicates.reading import ReadTexts
from training.duplicates.scene_categories import SceneCategories, read_scene_categories, with_categories
from triage.errors import InvalidConfiguration

CODES = ("voirie", "graffiti")

MakeScene = Callable[[str], LinkedReport]


@pytest.fixture
def scene() -> MakeScene:
    def make(name: str) -> LinkedReport:
        return LinkedReport(
            name, "trou", 47.3, 5.0, datetime(2026, 2, 3, tzinfo=UTC), "voirie", "s/A", "hand_01", False, None
        )

    return make


@pytest.fixture
def known() -> SceneCategories:
    return SceneCategories(codes=CODES, folds=2, accuracy=0.5, probabilities={"a": (0.9, 0.1), "b": (0.2, 0.8)})


def test_scenes_get_them_and_other_texts_keep_their_own(
    known: SceneCategories, texts: ReadTexts, scene: MakeScene
) -> None:
    found = with_categories(texts, [scene("b"), scene("a")], known).categories
    assert found[:2].tolist() == np.array([[0.2, 0.8], [0.9, 0.1]], np.float32).tolist()
    assert (found[2:] == texts.categories[2:]).all()
    assert (texts.categories == 0.5).all(), "what was read stays as it was"


def test_the_file_gives_back_what_was_written(known: SceneCategories, tmp_path: Path) -> None:
    path = tmp_path / "categories.json"
    path.write_text(known.model_dump_json(), encoding="utf-8")
    assert read_scene_categories(path) == known


def test_a_report_that_they_lack_is_named_with_the_command_that_helps(known: SceneCategories, scene: MakeScene) -> None:
    with pytest.raises(InvalidConfiguration, match=r"lack the report c; make it anew with: triage train scene-cat"):
        known.of([scene("a"), scene("c")], CODES)


def test_other_codes_than_those_of_the_text_model_are_refused(known: SceneCategories, scene: MakeScene) -> None:
    with pytest.raises(InvalidConfiguration, match="other codes than the text model"):
        known.of([scene("a")], ("graffiti", "voirie"))


@pytest.mark.parametrize("content", [None, "no json", '{"codes": ["voirie"]}'])
def test_a_file_that_is_missing_or_something_else_is_refused(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "categories.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(InvalidConfiguration, match="triage train scene-categories"):
        read_scene_categories(path)
