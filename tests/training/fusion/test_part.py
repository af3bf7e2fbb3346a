"""The fusion part: read from texts of all splits, fitted on some, measured on others."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation.pairs import Joined
from models.bundle import load_bundle
from models.fusion import DESCRIPTION, FusionDescription
from models.held_out import HELD_OUT
from models.photo import PART as PHOTO
from models.text import TextModel
from training.fusion.part import CLEAR_OTHER, VAGUE, FusionTexts, read_fusion_texts, write_fusion
from triage.corpus import LabelledAlert, Split, in_split, read_corpus
from triage.errors import InvalidBundle, InvalidCorpus
from triage.settings import PROJECT_ROOT
from triage.taxonomy import Taxonomy

PHOTO_TEXTS = PROJECT_ROOT / "datasets" / "photo_texts"
WriteTexts = Callable[..., Path]

ROW = {"category": "autre", "department": "accueil", "priority": "basse", "lang": "fr", "split": "train"}


@pytest.fixture
def write_texts(tmp_path: Path) -> WriteTexts:
    """Writes both files of a folder, one vague text raised unless told otherwise."""

    def write(*vague: dict[str, object]) -> Path:
        rows = vague or (
            {**ROW, "id": "v1", "text": "voir photo", "raised": False},
            {**ROW, "id": "v2", "text": "danger !", "raised": True},
        )
        (tmp_path / VAGUE).write_text("\n\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
        (tmp_path / CLEAR_OTHER).write_text(json.dumps({**ROW, "id": "y1", "text": "merci à l'équipe"}) + "\n")
        return tmp_path

    return write


def test_texts_for_photos_join_those_of_the_corpus(write_texts: WriteTexts, taxonomy: Taxonomy) -> None:
    corpus = [LabelledAlert(**{**ROW, "id": "c1", "text": "trou", "category": "voirie"})]
    found = read_fusion_texts(corpus, write_texts(), taxonomy)
    assert [row.id for row in found.clear] == ["c1", "y1"]
    assert [row.id for row in found.vague] == ["v1", "v2"]
    assert found.raised == {"v1": False, "v2": True}


def test_rows_of_the_corpus_that_belong_nowhere_may_name_nothing_and_are_left_out(
    write_texts: WriteTexts, taxonomy: Taxonomy
) -> None:
    corpus = [LabelledAlert(**{**ROW, "id": "c1", "text": "il y a un souci"})]
    assert [row.id for row in read_fusion_texts(corpus, write_texts(), taxonomy).clear] == ["y1"]


def test_a_row_that_says_nothing_of_raising_is_not_raised(write_texts: WriteTexts, taxonomy: Taxonomy) -> None:
    folder = write_texts({**ROW, "id": "v1", "text": "là"}, {**ROW, "id": "v2", "text": "vite", "raised": True})
    assert read_fusion_texts([], folder, taxonomy).raised == {"v1": False, "v2": True}


def test_texts_of_which_none_is_raised_are_refused(write_texts: WriteTexts, taxonomy: Taxonomy) -> None:
    with pytest.raises(InvalidCorpus, match=r"vague\.jsonl marks no row as raised"):
        read_fusion_texts([], write_texts({**ROW, "id": "v1", "text": "là", "raised": False}), taxonomy)


@pytest.mark.parametrize("name", [VAGUE, CLEAR_OTHER])
def test_a_missing_file_is_refused_by_name(write_texts: WriteTexts, taxonomy: Taxonomy, name: str) -> None:
    folder = write_texts()
    (folder / name).unlink()
    with pytest.raises(InvalidCorpus, match=name):
        read_fusion_texts([], folder, taxonomy)


def test_a_row_of_an_unknown_label_is_refused(write_texts: WriteTexts, taxonomy: Taxonomy) -> None:
    folder = write_texts({**ROW, "id": "v1", "text": "là", "raised": True, "category": "bancs"})
    with pytest.raises(InvalidCorpus, match="'bancs'"):
        read_fusion_texts([], folder, taxonomy)


# Fitted and measured


@pytest.fixture(scope="module")
def few(taxonomy: Taxonomy) -> FusionTexts:
    corpus = read_corpus(PROJECT_ROOT / "datasets" / "corpus", taxonomy)
    texts = read_fusion_texts(corpus, PHOTO_TEXTS, taxonomy)
    return FusionTexts(texts.clear[::60], texts.vague[::6], texts.raised)


@pytest.fixture
def folder(tmp_path: Path, colour_bundle: Path) -> Path:
    """A bundle in the making: its photo part is there, its fusion is not."""
    shutil.copytree(colour_bundle / PHOTO, tmp_path / "bundle" / PHOTO)
    return tmp_path / "bundle"


def test_photos_help_texts_that_name_nothing_and_leave_clear_ones(colour_bundle: Path) -> None:
    metrics = load_bundle(colour_bundle).manifest.metrics
    assert metrics["fusion_vague_fitting"] > 0.6
    assert metrics["fusion_vague_fitting_text_alone"] < 0.1
    for way in (Joined.CLEAR_FITTING, Joined.CLEAR_WRONG, Joined.CLEAR_NOTHING, Joined.VAGUE_NOTHING):
        assert metrics[f"fusion_{way}"] > metrics[f"fusion_{way}_text_alone"] - 0.08


def test_every_way_of_joining_is_measured_and_the_same_again(
    folder: Path, shipped_text_model: TextModel, few: FusionTexts, taxonomy: Taxonomy
) -> None:
    metrics = write_fusion(folder, shipped_text_model, few, taxonomy)
    names = {f"fusion_{way}{ending}" for way in Joined for ending in ("", "_text_alone")}
    assert metrics.keys() == names
    assert all(0 <= value <= 1 for value in metrics.values())
    first = (folder / DESCRIPTION).read_bytes()
    assert write_fusion(folder, shipped_text_model, few, taxonomy) == metrics
    assert (folder / DESCRIPTION).read_bytes() == first


def test_test_rows_are_measured_and_fit_nothing(
    folder: Path, shipped_text_model: TextModel, few: FusionTexts, taxonomy: Taxonomy
) -> None:
    write_fusion(folder, shipped_text_model, few, taxonomy)
    before = FusionDescription.model_validate_json((folder / DESCRIPTION).read_bytes())
    clear, vague = (
        tuple(row for number, row in enumerate(rows) if row.split is not Split.TEST or number % 2)
        for rows in (few.clear, few.vague)
    )
    assert len(in_split(vague, Split.TEST)) < len(in_split(few.vague, Split.TEST))
    write_fusion(folder, shipped_text_model, FusionTexts(clear, vague, few.raised), taxonomy)
    assert FusionDescription.model_validate_json((folder / DESCRIPTION).read_bytes()) == before


def test_a_photo_part_without_held_out_answers_is_refused(
    folder: Path, shipped_text_model: TextModel, few: FusionTexts, taxonomy: Taxonomy
) -> None:
    (folder / HELD_OUT).write_text("{}")
    with pytest.raises(InvalidBundle, match="holds no held-out answers"):
        write_fusion(folder, shipped_text_model, few, taxonomy)
