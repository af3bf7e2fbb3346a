"""The photo part of a bundle: calibrated, sure when to abstain, proven, and without anybody's picture."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from models.held_out import HELD_OUT, read_held_out
from models.networks.photo import PhotoNetwork
from models.photo import DESCRIPTION, MODEL, PART, PhotoDescription, PhotoModel, Picture
from models.photo_golden import GOLDEN, check_golden_pictures
from training.calibration import NEVER
from training.photo.config import PhotoConfig
from training.photo.part import KEPT_PER_SOURCE, HeldOutLogits, PhotoPart, PhotoPartWriter
from training.photo.pictures import PictureSet
from triage.taxonomy import Taxonomy

MakeHeldOut = Callable[..., HeldOutLogits]
MakeNetwork = Callable[..., PhotoNetwork]
Write = Callable[..., PhotoPart]


@pytest.fixture
def write(
    tmp_path: Path,
    make_network: MakeNetwork,
    photo_config: PhotoConfig,
    pictures: PictureSet,
    taxonomy: Taxonomy,
    samples: Sequence[Picture],
) -> Write:
    """Writes the part with these held-out answers into the scratch folder."""

    def make(held_out: HeldOutLogits, **changes: float) -> PhotoPart:
        labels = tuple(taxonomy.photo_labels)
        writer = PhotoPartWriter(tmp_path, photo_config.model_copy(update=changes), pictures, labels)
        return writer.write(make_network(), held_out, labels.index("irrelevant"), samples)

    return make


def test_the_part_is_whole_and_reproduces_its_golden_answers(
    tmp_path: Path, write: Write, make_held_out: MakeHeldOut, taxonomy: Taxonomy
) -> None:
    part = write(make_held_out())
    assert {path.name for path in (tmp_path / PART).iterdir()} == {
        "model.onnx",
        "description.json",
        "golden.json",
        "held_out.json",
    }
    description = PhotoDescription.model_validate_json((tmp_path / DESCRIPTION).read_bytes())
    assert description == part.description
    assert description.labels == tuple(taxonomy.photo_labels)
    check_golden_pictures(tmp_path / GOLDEN, PhotoModel(tmp_path / MODEL, description, threads=1))


def test_figures_are_flat_and_say_how_int8_compares(write: Write, make_held_out: MakeHeldOut) -> None:
    metrics = write(make_held_out()).metrics()
    assert all(name.startswith("photo_") for name in metrics)
    assert {"photo_macro_f1", "photo_worst_f1", "photo_covered_accuracy", "photo_int8_same_label"} <= set(metrics)
    assert metrics["photo_float_export_worst_logit_difference"] < 1e-3
    assert metrics["photo_int8_same_label"] > 0.8
    assert metrics["photo_accuracy"] > 0.9


@pytest.mark.parametrize(("strength", "warmer"), [(12.0, True), (1.2, False)])
def test_answers_that_are_too_sure_are_made_less_so(
    write: Write, make_held_out: MakeHeldOut, strength: float, warmer: bool
) -> None:
    assert (write(make_held_out(0.8, strength)).description.temperature > 1) is warmer


def test_what_does_not_abstain_is_as_right_as_promised(write: Write, make_held_out: MakeHeldOut) -> None:
    part = write(make_held_out(0.75), least_accuracy=0.9)
    assert 0 < part.description.abstains_below < 1
    assert 0.5 < part.figures.covered < 1
    # The promise is for what is drawn with the weights, which is not quite what is counted with them.
    assert part.figures.covered_accuracy >= 0.88 > part.figures.accuracy


def test_a_model_that_keeps_no_promise_always_abstains(write: Write, make_held_out: MakeHeldOut) -> None:
    part = write(make_held_out(0.2), least_accuracy=0.99)
    assert part.description.abstains_below == NEVER
    assert part.figures.covered == 0


# What is kept of the pictures


def test_only_labels_and_logits_are_kept(
    tmp_path: Path, write: Write, make_held_out: MakeHeldOut, pictures: PictureSet
) -> None:
    held_out = make_held_out()
    write(held_out)
    content = (tmp_path / HELD_OUT).read_text(encoding="utf-8")
    assert not any(name in content for name in (*pictures.sources.tolist(), ".jpg", ".png"))
    kept = read_held_out(tmp_path / HELD_OUT)
    assert len(kept.labels) == len(held_out.rows)
    assert sorted(kept.labels) == sorted(pictures.labels[held_out.rows].tolist())
    rounded = {tuple(row) for row in held_out.logits.round(2).tolist()}
    assert {tuple(row) for row in kept.logits} <= rounded


def test_few_answers_of_each_label_and_source_are_kept(
    tmp_path: Path, write: Write, make_held_out: MakeHeldOut, pictures: PictureSet
) -> None:
    rows = np.repeat(np.flatnonzero(pictures.labels == 0), KEPT_PER_SOURCE)
    others = np.flatnonzero(pictures.labels != 0)
    write(make_held_out(rows=np.concatenate([rows, others])))
    sources = len(set(pictures.sources[pictures.labels == 0].tolist()))
    kept = read_held_out(tmp_path / HELD_OUT).labels
    assert kept.count(0) == sources * KEPT_PER_SOURCE
    assert len(kept) - kept.count(0) == len(others)


def test_the_same_answers_are_kept_again(tmp_path: Path, write: Write, make_held_out: MakeHeldOut) -> None:
    write(make_held_out())
    first = (tmp_path / HELD_OUT).read_bytes()
    (tmp_path / PART).rename(tmp_path / "before")
    write(make_held_out())
    assert (tmp_path / HELD_OUT).read_bytes() == first
