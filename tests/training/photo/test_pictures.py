"""Folders of pictures: read in the order of their index, and refused with what to do about it."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.photo.config import PhotoConfig
from training.photo.pictures import INDEX, PictureSet, read_pictures
from triage.errors import InvalidCorpus
from triage.taxonomy import Taxonomy

LABELS = ("waste", "manhole")
CLASSES = {"rubbish": "waste", "cover": "manhole", "lid": "manhole"}
ROWS = [("a.jpg", "rubbish", "x"), ("b.jpg", "lid", "y"), ("c.jpg", "bench", "x"), ("d.jpg", "cover", "x")]

MakeFolder = Callable[..., Path]


@pytest.fixture
def make_folder(tmp_path: Path) -> MakeFolder:
    def make(rows: list[tuple[str, str, str]] = ROWS, columns: str = "file,class,source") -> Path:
        for number, (file, *_) in enumerate(rows):
            Image.new("RGB", (8, 8), (number, 0, 0)).save(tmp_path / file)
        (tmp_path / INDEX).write_text("\n".join([columns, *map(",".join, rows)]) + "\n", encoding="utf-8")
        return tmp_path

    return make


def test_pictures_come_in_the_order_of_the_index_with_label_and_source(make_folder: MakeFolder) -> None:
    found = read_pictures(make_folder(), CLASSES, LABELS)
    assert [path.name for path in found.paths] == ["a.jpg", "b.jpg", "d.jpg"]
    assert found.labels.tolist() == [0, 1, 1]
    assert found.sources.tolist() == ["x", "y", "x"]


def test_a_class_that_stands_for_no_label_needs_no_picture(make_folder: MakeFolder) -> None:
    folder = make_folder()
    (folder / "c.jpg").unlink()
    assert len(read_pictures(folder, CLASSES, LABELS).paths) == 3


def test_the_drawn_pictures_have_every_label(pictures: PictureSet, taxonomy: Taxonomy) -> None:
    assert set(pictures.labels.tolist()) == set(range(len(taxonomy.photo_labels)))
    assert set(pictures.sources.tolist()) == {"phones", "tiles", "webcams"}


def test_pictures_are_counted_by_label_and_source(make_folder: MakeFolder) -> None:
    found = read_pictures(make_folder(), CLASSES, LABELS).counts(LABELS)
    assert found == {"waste": {"x": 1}, "manhole": {"y": 1, "x": 1}}


def test_the_digest_changes_with_a_picture_a_label_or_a_source_and_with_nothing_else(
    picture_folder: Path, photo_config: PhotoConfig, taxonomy: Taxonomy, tmp_path: Path
) -> None:
    labels = tuple(taxonomy.photo_labels)
    copy = Path(shutil.copytree(picture_folder, tmp_path / "copy"))
    before = read_pictures(picture_folder, photo_config.classes, labels)
    found = read_pictures(copy, photo_config.classes, labels)
    assert found.digest() == before.digest()
    others = np.where(found.labels == 0, 1, found.labels)
    assert PictureSet(found.paths, others, found.sources).digest() != before.digest()
    assert PictureSet(found.paths, found.labels, found.sources[::-1].copy()).digest() != before.digest()
    Image.new("RGB", (8, 8)).save(found.paths[0])
    assert found.digest() != before.digest()


# What is refused


def test_a_missing_index_names_the_option(tmp_path: Path) -> None:
    with pytest.raises(InvalidCorpus, match=r"index\.csv cannot be read .* --images") as caught:
        read_pictures(tmp_path / "none", CLASSES, LABELS)
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize("columns", ["file,class,origin", "file;class;source", ""])
def test_an_index_of_other_columns_is_told_which_it_needs(make_folder: MakeFolder, columns: str) -> None:
    with pytest.raises(InvalidCorpus, match="must have the columns class, file, source"):
        read_pictures(make_folder(columns=columns), CLASSES, LABELS)


def test_a_picture_that_is_not_there_is_named(make_folder: MakeFolder) -> None:
    folder = make_folder()
    (folder / "b.jpg").unlink()
    with pytest.raises(InvalidCorpus, match=r"b\.jpg is listed in index\.csv but is not there; copy"):
        read_pictures(folder, CLASSES, LABELS)


def test_an_index_without_a_configured_class_is_refused(make_folder: MakeFolder) -> None:
    with pytest.raises(InvalidCorpus, match="lists no picture of the configured classes"):
        read_pictures(make_folder(), {"other": "waste"}, LABELS)
    with pytest.raises(InvalidCorpus, match="lists no picture of the configured classes"):
        read_pictures(make_folder([]), CLASSES, LABELS)


def test_a_label_that_the_taxonomy_lacks_is_named_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidCorpus, match="names the label 'bench', which the taxonomy lacks"):
        read_pictures(tmp_path, CLASSES | {"bench": "bench"}, LABELS)


@pytest.mark.parametrize("row", ["a.jpg,rubbish", "a.jpg"])
def test_a_row_that_lacks_a_column_is_refused_by_its_line(make_folder: MakeFolder, row: str) -> None:
    folder = make_folder()
    with (folder / INDEX).open("a", encoding="utf-8") as stream:
        stream.write(row + "\n")
    with pytest.raises(InvalidCorpus, match="line 6"):
        read_pictures(folder, CLASSES, LABELS)


def test_an_index_in_another_encoding_is_refused_by_name(make_folder: MakeFolder) -> None:
    folder = make_folder()
    (folder / INDEX).write_bytes("file,class,source\né.jpg,rubbish,x\n".encode("latin-1"))
    with pytest.raises(InvalidCorpus, match=r"index\.csv"):
        read_pictures(folder, CLASSES, LABELS)


def test_a_column_more_is_no_fault(picture_folder: Path) -> None:
    with (picture_folder / INDEX).open(encoding="utf-8", newline="") as stream:
        assert "source_class" in next(csv.reader(stream))
