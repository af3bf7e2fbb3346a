"""The card of the photo part: every label with its sources and figures, in sentences."""

from collections.abc import Callable
from pathlib import Path

import pytest
from torch import nn

from evaluation.photo_figures import PhotoFigures
from models.photo import PART, PhotoDescription
from training.photo.backbone import PhotoBackbone
from training.photo.card import CARD, write_photo_card
from training.photo.config import PhotoConfig
from training.photo.part import PhotoPart
from training.photo.pictures import PictureSet
from triage.taxonomy import Taxonomy

WriteCard = Callable[..., str]


@pytest.fixture
def card(tmp_path: Path, photo_config: PhotoConfig, pictures: PictureSet, taxonomy: Taxonomy) -> str:
    labels = tuple(taxonomy.photo_labels)
    figures = PhotoFigures(
        f1=tuple(0.5 + 0.05 * number for number in range(len(labels))),
        accuracy=0.81,
        accuracy_at_coverage=0.95,
        covered=0.72,
        covered_accuracy=0.943,
        relevant_auroc=0.987,
    )
    description = PhotoDescription(size=96, width=8, labels=labels, temperature=1.1, abstains_below=0.64)
    backbone = PhotoBackbone(nn.Sequential(), 8, (0.5,) * 3, (0.5,) * 3, "package of weights 0.1.0", "ab" * 32)
    (tmp_path / PART).mkdir()
    part = PhotoPart(description, figures, {"photo_int8_same_label": 0.993})
    write_photo_card(tmp_path, photo_config, backbone, pictures, part)
    return (tmp_path / CARD).read_text(encoding="utf-8")


def test_every_label_has_a_row_with_its_pictures_sources_and_figure(card: str, taxonomy: Taxonomy) -> None:
    rows = [line for line in card.splitlines() if line.startswith("| `")]
    assert len(rows) == len(taxonomy.photo_labels)
    assert "| `road_damage` | 18 | phones (6), tiles (6), webcams (6) | 0.50 |" in rows
    assert "| `flooding` | 6 | phones (6) | 0.70 |" in rows
    assert any(row.startswith("| `street_normal` | 36 |") for row in rows)  # two classes are one label


def test_the_card_names_backbone_pictures_and_figures(
    card: str, photo_config: PhotoConfig, pictures: PictureSet
) -> None:
    for fact in (
        photo_config.backbone,
        "package of weights 0.1.0",
        "abababababababab",
        f"{len(pictures.paths)} pictures of 3 public sources",
        pictures.digest()[:16],
        "96 × 96",
        "AUROC 0.987",
        "below a probability of 0.64",
        "72% of\n  pictures and is right for 94.3%",
        "99.3% of pictures",
    ):
        assert fact in card, fact


def test_the_card_says_what_the_model_is_not_good_for(card: str) -> None:
    assert "## Limits" in card
    assert "nan" not in card
