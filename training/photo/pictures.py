"""A folder of labelled pictures with their sources, read from its `index.csv`."""

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from triage.errors import InvalidCorpus

INDEX = "index.csv"
COLUMNS = {"file", "class", "source"}

Integers = npt.NDArray[np.int64]
Texts = npt.NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class PictureSet:
    """Pictures in the order of their index: paths, number of each label, and source, shape (pictures,)."""

    paths: tuple[Path, ...]
    labels: Integers
    sources: Texts

    def digest(self) -> str:
        """SHA-256 over every picture with its label and source."""
        total = hashlib.sha256()
        for path, label, source in zip(self.paths, self.labels, self.sources, strict=True):
            total.update(f"{label} {source} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
        return total.hexdigest()

    def counts(self, labels: tuple[str, ...]) -> dict[str, dict[str, int]]:
        """Pictures of each label by source."""
        found: dict[str, dict[str, int]] = {}
        for label, source in zip(self.labels, self.sources, strict=True):
            by_source = found.setdefault(labels[label], {})
            by_source[str(source)] = by_source.get(str(source), 0) + 1
        return found


def read_pictures(folder: Path, classes: Mapping[str, str], labels: tuple[str, ...]) -> PictureSet:
    """Read the index of a folder; classes that stand for no label are left out.

    Raises:
        InvalidCorpus: the index or a picture is missing, or a class stands for an unknown label.
    """
    foreign = set(classes.values()) - set(labels)
    if foreign:
        raise InvalidCorpus(f"The configuration names the label '{min(foreign)}', which the taxonomy lacks.")
    rows = [row for row in _rows(folder / INDEX) if row["class"] in classes]
    if not rows:
        raise InvalidCorpus(f"{folder / INDEX} lists no picture of the configured classes.")
    paths = tuple(folder / row["file"] for row in rows)
    missing = next((path for path in paths if not path.is_file()), None)
    if missing:
        raise InvalidCorpus(f"The picture {missing} is listed in {INDEX} but is not there; copy the folder again.")
    return PictureSet(
        paths,
        np.array([labels.index(classes[row["class"]]) for row in rows], np.int64),
        np.array([row["source"] for row in rows]),
    )


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            if not set(reader.fieldnames or ()) >= COLUMNS:
                raise InvalidCorpus(f"{path} must have the columns {', '.join(sorted(COLUMNS))}.")
            return [_whole(row, f"{path}, line {reader.line_num}") for row in reader]
    except OSError as error:
        raise InvalidCorpus(
            f"{path} cannot be read ({error.strerror}); name a folder of pictures with --images."
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidCorpus(f"{path} cannot be read ({error}); write it again as CSV in UTF-8.") from error


def _whole(row: dict[str, str], where: str) -> dict[str, str]:
    missing = [name for name in sorted(COLUMNS) if not row[name]]
    if missing:
        raise InvalidCorpus(f"{where}: there is no {missing[0]}; fill it in or remove the line.")
    return row
