"""Links between reports that a city's staff made, with the other reports that they could have linked to."""

import csv
import gzip
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TextIO

from triage.duplicates.index import ReportIndex
from triage.duplicates.report import Report
from triage.errors import InvalidConfiguration
from triage.redaction import redact

REPORTS = "boston311_2016h2-2018h1.csv.gz"
LINKS = "boston311_duplicate_pairs.csv"

# Who stood around when staff linked: the originals of nearly all links do.
RADIUS_M = 200
BEFORE, AFTER = timedelta(days=30), timedelta(days=2)
# A busy corner says no more than its nearest.
MOST = 60


@dataclass(frozen=True, slots=True)
class LinkedCase:
    """A report that staff linked, the candidates around it, and which of them (a position) is the original."""

    report: Report
    candidates: tuple[Report, ...]
    original: int


def read_links(folder: Path) -> tuple[LinkedCase, ...]:
    """Every link whose original stands among the candidates: same service, in reach.

    Raises:
        InvalidConfiguration: the folder lacks a file.
    """
    reports = {report.id: report for report in _reports(folder / REPORTS)}
    index = ReportIndex(days=30)
    for report in reports.values():
        index.add(report)
    cases = []
    with _opened(folder / LINKS) as stream:
        for row in csv.DictReader(stream):
            if row["dup_id"] not in reports:
                continue
            report = reports[row["dup_id"]]
            since, until = report.created_at - BEFORE, report.created_at + AFTER
            near = [item for item in index.near(report, RADIUS_M, since, until) if item.hint == report.hint][:MOST]
            original = next((place for place, item in enumerate(near) if item.id == row["original_id"]), None)
            if original is not None:
                cases.append(LinkedCase(report, tuple(near), original))
    return tuple(cases)


def texts_of(folder: Path) -> list[str]:
    """Every text, without personal data."""
    return [report.text for report in _reports(folder / REPORTS)]


def _reports(path: Path) -> Iterator[Report]:
    with _opened(path) as stream:
        for row in csv.DictReader(stream):
            if not row["lat"] or not row["long"] or not math.isfinite(float(row["lat"])):
                continue
            yield Report(
                id=row["service_request_id"],
                text=redact(row["description"]).text,
                lat=float(row["lat"]),
                lon=float(row["long"]),
                created_at=datetime.fromisoformat(row["requested_datetime"]),
                hint=row["service_name"],
            )


def _opened(path: Path) -> TextIO:
    try:
        if path.suffix == ".gz":
            return io.TextIOWrapper(gzip.open(path), encoding="utf-8")
        return path.open(encoding="utf-8")
    except OSError as error:
        raise InvalidConfiguration(
            f"The reports at {path} cannot be read ({error.strerror}); set `reports: null` to train without them."
        ) from error
