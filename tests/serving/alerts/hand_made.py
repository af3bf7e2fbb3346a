"""A model and a finder of duplicates made by hand: their answers follow from words, distance and time alone."""

import re
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from PIL.Image import Image

from models.duplicates.finder import Found
from models.photo import Picture
from models.photo_reader import Pictures
from models.predictor import PredictedBatch
from triage.alert import Alert
from triage.duplicates.report import Report, SeenPhoto
from triage.prediction import Alternative, Answer, Decision, Duplicate, ModelInfo, Prediction
from triage.redaction import redact
from triage.settings import PROJECT_ROOT
from triage.store.records import Link, Linking, Neighbour, Search
from triage.taxonomy import load_taxonomy

MODEL = ModelInfo(name="hand-made", version="1", taxonomy=1, bundle_sha256="0" * 64)
HOUR_S = 3_600
NEAR_M, WINDOW, LATE = 60, timedelta(days=60), timedelta(days=2)
_PLATE = re.compile(r"\b[A-Z]{2}-\d{3}-[A-Z]{2}\b")


class HandMadeFinder:
    """Two reports of one category are about one fault within 60 m, unless the earlier one was closed before."""

    version = "hand-made-1"

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()
        self.waiting = False
        self.prepared: list[str] = []

    def prepare(self, texts: Sequence[str]) -> None:
        self.prepared += texts

    def search(self, report: Report) -> Search | None:
        if report.lat is None or report.lon is None:
            return None
        at = report.created_at
        return Search(report.lat, report.lon, NEAR_M, at - WINDOW, at + LATE, category_hint=report.hint)

    def find(self, report: Report, neighbours: Sequence[Neighbour]) -> Found:
        self.waiting = True
        self.gate.wait(20)
        if self.error is not None:
            raise self.error
        alike = [neighbour for neighbour in neighbours if neighbour.category == report.category]
        if "toute la rue" in report.text:
            return Found((), Linking(covers=tuple(neighbour.id for neighbour in alike)))
        if area := next((one for one in alike if "toute la rue" in one.text), None):
            return Found((), Linking(covered_by=area.id, links=(_link(report, area, "covered_by"),)))
        closed = [one for one in alike if one.closed_at and one.closed_at <= report.created_at]
        waiting = [one for one in alike if one not in closed]
        links = tuple(_link(report, one, "duplicate") for one in waiting)
        came_back = closed[0].id if closed and not waiting else None
        joined = waiting[0].id if waiting else None
        return Found(tuple(map(_duplicate, links)), Linking(joined, recurrence_of=came_back, links=links))


def _link(report: Report, other: Neighbour, kind: Any) -> Link:
    hours = abs((report.created_at - other.created_at).total_seconds()) / HOUR_S
    evidence = (
        {"measures": ["distance"], "values": [other.distance_m], "contribution": 1.31},
        {"measures": ["shortest", "letters"], "values": [5.0, None], "contribution": -0.1},
        {"phrase": "within 25 m"},
    )
    return Link(other.id, kind, 0.9, other.distance_m, hours, evidence)


def _duplicate(link: Link) -> Duplicate:
    assert link.distance_m is not None
    phrases = tuple(item["phrase"] for item in link.evidence if "phrase" in item)
    return Duplicate(
        id=link.other_id,
        probability=link.probability,
        distance_m=link.distance_m,
        age_hours=link.age_hours,
        evidence=phrases,
    )


class HandMadeModel:
    """Knows lamps from everything else; doubts what has a question mark, and asks for help at "danger"."""

    def __init__(self, plate_digest: Callable[[str], str]) -> None:
        self.taxonomy = load_taxonomy(PROJECT_ROOT / "datasets" / "taxonomy.yaml")
        self.finder: HandMadeFinder | None = HandMadeFinder()
        self.asked = 0
        self.pictures: list[Pictures] = []
        self.error: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()
        self._plate_digest = plate_digest

    def language(self, text: str) -> str | None:
        return "fr" if text else None

    def prepare(self, image: Image) -> Picture | None:
        return np.asarray(image.resize((4, 4)), np.uint8)

    def predict(self, alerts: Sequence[Alert], pictures: Sequence[Pictures] | None = None) -> PredictedBatch:
        self.asked += len(alerts)
        self.gate.wait(20)
        if self.error is not None:
            raise self.error
        seen = pictures or [()] * len(alerts)
        self.pictures += seen
        return PredictedBatch(
            predictions=tuple(map(self._answer, alerts)),
            reports=tuple(self._report(alert, group) for alert, group in zip(alerts, seen, strict=True)),
            tokenize_s=0.0,
            inference_s=0.0,
        )

    def explain(self, alert: Alert, prediction: Prediction, pictures: Pictures = ()) -> Any:
        raise NotImplementedError

    def _answer(self, alert: Alert) -> Prediction:
        decision = Decision.REVIEW if "?" in alert.text else Decision.ROUTE
        if "danger" in alert.text:
            decision = Decision.ROUTE_AND_REVIEW
        category = _category(alert.text)
        return Prediction(
            id=alert.id,
            category=Answer(code=category, confidence=0.9, alternatives=(Alternative(code="autre", confidence=0.1),)),
            department=Answer(code="voirie", confidence=1.0, alternatives=()),
            priority=Answer(code="normale", confidence=1.0, alternatives=()),
            decision=decision,
            reasons=() if decision is Decision.ROUTE else ("category_uncertain",),
            model=MODEL,
        )

    def _report(self, alert: Alert, pictures: Pictures) -> Report:
        return Report(
            id=alert.id,
            text=redact(alert.text).text,
            lat=alert.lat,
            lon=alert.lon,
            created_at=alert.created_at or datetime.now(UTC),
            hint=alert.category_hint,
            category=_category(alert.text),
            vector=b"a vector",
            photos=tuple(SeenPhoto(b"seen", 2**63 + 1) for picture in pictures if picture is not None),
            plates=frozenset(map(self._plate_digest, _PLATE.findall(alert.text))),
        )


def _category(text: str) -> str:
    return "eclairage_public" if re.search("lampadaire|lumière", text.lower()) else "voirie"
