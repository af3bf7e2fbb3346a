"""Real reports of other cities: their texts from a folder kept outside, our labels from `datasets/real_reports`.

Texts are never copied into the project. A label file names each report by the city's own number, or
by a digest of the phrase where the city has none.
"""

import csv
import gzip
import hashlib
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from pydantic import ValidationError

from triage.alert import plain_text
from triage.corpus import LabelledAlert
from triage.errors import InvalidCorpus
from triage.redaction import redact
from triage.settings import PROJECT_ROOT
from triage.taxonomy import HEADS, Taxonomy

LABELS = PROJECT_ROOT / "datasets" / "real_reports"
LEAST_LENGTH = 8


@dataclass(frozen=True, slots=True)
class City:
    """Where a city's reports lie, and which columns hold what; a report without number is named by its text."""

    name: str
    file: str
    lang: str
    text: tuple[str, ...]
    number: str | None = None


CITIES = (
    City("konstanz", "konstanz_2020-2022_de.csv", "de", ("text",), "id"),
    City("boston", "boston311_2016h2-2018h1.csv.gz", "en", ("description",), "service_request_id"),
    City("paris", "paris_dansmarue_sample.csv.gz", "fr", ("type", "soustype")),
)


def labelled_reports(folder: Path, taxonomy: Taxonomy, labels: Path = LABELS) -> tuple[LabelledAlert, ...]:
    """The reports that have labels, with their split.

    Args:
        folder: the cities' files.
        taxonomy: the codes that labels come from.
        labels: folder of one `<city>.csv` a city (`key,category,department,priority,split`).

    Raises:
        InvalidCorpus: a file is missing, or a label is not in the taxonomy.
    """
    return tuple(row for city in CITIES for row in _labelled(city, folder, labels / f"{city.name}.csv", taxonomy))


def unlabelled_reports(folder: Path, count: int, seed: int, labels: Path = LABELS) -> list[str]:
    """Masked texts of up to `count` reports of each city that have no labels, drawn with a seed."""
    texts = []
    for city in CITIES:
        known = {line["key"] for line in _label_lines(labels / f"{city.name}.csv")}
        reports = list(_reports(city, folder))
        # A text may come twice under two numbers; its label must not be taught by the back door.
        taken = {_masked(text).casefold() for key, text in reports if key in known}
        found = {masked: None for _, text in reports if (masked := _masked(text)).casefold() not in taken}
        texts += random.Random(seed).sample(list(found), min(count, len(found)))
    return texts


def _masked(text: str) -> str:
    return redact(plain_text(text)).text


def _labelled(city: City, folder: Path, file: Path, taxonomy: Taxonomy) -> Iterator[LabelledAlert]:
    texts = dict(_reports(city, folder))
    for line in _label_lines(file):
        key = line.pop("key")
        if key not in texts:
            raise InvalidCorpus(f"{file}: the report '{key}' is not in {folder / city.file}; remove its line.")
        try:
            row = LabelledAlert(id=f"{city.name}-{key}", text=texts[key], lang=city.lang, **line)
        except (ValidationError, TypeError) as error:
            fault = error.errors()[0] if isinstance(error, ValidationError) else {"loc": ["cells"], "msg": "too many"}
            raise InvalidCorpus(f"{file}: '{key}': {fault['loc'][0]}: {fault['msg']}; mend its line.") from error
        for head in HEADS:
            if row.label(head) not in taxonomy.codes(head):
                raise InvalidCorpus(f"{file}: '{row.label(head)}' of '{key}' is no {head} of the taxonomy; mend it.")
        yield row


def _label_lines(file: Path) -> list[dict[str, str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            lines = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidCorpus(f"The labels {file} cannot be read: {error}.") from error
    if any("key" not in line for line in lines):
        raise InvalidCorpus(f"The labels {file} have no column 'key'; see datasets/real_reports/README.md.")
    twice = [key for key, count in Counter(line["key"] for line in lines).items() if count > 1]
    if twice:
        raise InvalidCorpus(f"The labels {file} name '{twice[0]}' twice; keep one line of it.")
    return lines


def _reports(city: City, folder: Path) -> Iterator[tuple[str, str]]:
    path = folder / city.file
    try:
        with _opened(path) as stream:
            for line in csv.DictReader(stream):
                text = " : ".join(" ".join((line[column] or "").split()) for column in city.text)
                if len(text) >= LEAST_LENGTH:
                    yield line[city.number] if city.number else report_key(text), text
    except KeyError as error:
        raise InvalidCorpus(f"The reports {path} lack the column {error}; is it the city's own file?") from error
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidCorpus(
            f"The reports {path} cannot be read: {error}. Name the folder that holds them, or set `reports` to null."
        ) from error


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def report_key(text: str) -> str:
    """The name of a report without a number: a digest of its text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
