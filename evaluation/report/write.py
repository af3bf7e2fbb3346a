"""Writes a report: `report.html`, which needs no other file, and `report.json` with the same figures."""

import itertools
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BaseModel

from evaluation.evaluate import Evaluation
from evaluation.intervals import Interval
from evaluation.live.intervals import Share
from evaluation.report.content import ALERTS_PER_DAY, ReportContent, report_content
from evaluation.report.plots import confusion_plot, reliability_plot, risk_coverage_plot
from triage.errors import InvalidConfiguration

PAGE = "report.html"
FIGURES = "report.json"
_TEMPLATE = "report.html.jinja"


def write_report(
    evaluation: Evaluation,
    folder: Path,
    *,
    data: str = "the test split",
    alerts_per_day: float = ALERTS_PER_DAY,
    texts: bool = True,
) -> Path:
    """Write `report.html` and `report.json` into a folder, which is made if need be; returns the page's path.

    Args:
        evaluation: from `evaluate`.
        folder: where both files go; older ones are replaced.
        data: what was measured, in words.
        alerts_per_day: how many alerts the city gets, for the review load.
        texts: whether the worst errors show their masked texts; leave them out where texts must not be copied.

    Raises:
        InvalidConfiguration: the folder cannot be written.
    """
    content = report_content(evaluation, data, alerts_per_day, texts=texts)
    figures = json.dumps(asdict(content), default=_plain, ensure_ascii=False, indent=1, allow_nan=False)
    page = render(content)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FIGURES).write_text(figures + "\n", encoding="utf-8")
        (folder / PAGE).write_text(page, encoding="utf-8")
    except OSError as error:
        raise InvalidConfiguration(
            f"The report cannot be written to {folder}: {error.strerror}. Name another folder."
        ) from error
    return folder / PAGE


def render(content: ReportContent) -> str:
    """The page, with its plots inside; every text is escaped."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"figure": _figure, "percent": _percent, "interval": _interval, "points": _points}
    stated = content.source.thresholds.error_rate
    plots = {
        "reliability": reliability_plot(content.reliability),
        "risk_coverage": risk_coverage_plot(
            content.risk_coverage, content.policy_risk_coverage, content.decisions, stated
        ),
        "confusion": {head: confusion_plot(item) for head, item in content.confusions.items()},
    }
    families = {name: list(items) for name, items in itertools.groupby(content.slices, lambda item: item.family)}
    return environment.get_template(_TEMPLATE).render(content=content, families=families, plots=plots)


def _figure(value: float | Interval | Share) -> str:
    return f"{value:.3f}"


def _percent(value: float | Share) -> str:
    return f"{value:.1%}"


def _interval(value: Interval) -> str:
    return f"{value.low:.3f}–{value.high:.3f}"


def _points(value: float) -> str:
    return f"{100 * value:+.1f}"


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, BaseModel):
        return value.model_dump()
    raise TypeError(f"{type(value).__name__} has no place in a report.")
