"""The plots: SVG inside a data URI, the same for the same figures."""

import base64
import re

import pytest

from evaluation.evaluate import Evaluation
from evaluation.live.intervals import Share
from evaluation.report.content import ReportContent, report_content
from evaluation.report.plots import confusion_plot, reliability_plot, risk_coverage_plot


@pytest.fixture(scope="module")
def content(evaluation: Evaluation) -> ReportContent:
    return report_content(evaluation, "nine cases", 100)


def svg(uri: str) -> str:
    head, _, data = uri.partition(",")
    assert head == "data:image/svg+xml;base64"
    return base64.b64decode(data).decode()


def texts(drawing: str) -> list[str]:
    """What the drawing writes: matplotlib leaves each text as a comment beside its outlines."""
    return [text.strip() for text in re.findall(r"<!--(.*?)-->", drawing, re.DOTALL)]


def test_a_confusion_plot_writes_codes_and_counts_but_no_zeros(content: ReportContent) -> None:
    written = texts(svg(confusion_plot(content.confusions["priority"])))
    codes = list(content.confusions["priority"].codes)
    assert [text for text in written if text in codes] == codes * 2
    # Answered: critique 1 of 3 right and 2 as haute; haute 2 right, 1 as critique; basse 2 right, 1 as haute.
    assert sorted(text for text in written if text.isdigit()) == ["1", "1", "1", "2", "2", "2"]


def test_a_reliability_plot_has_a_panel_for_each_head_with_its_counts(content: ReportContent) -> None:
    written = texts(svg(reliability_plot(content.reliability)))
    assert {"category", "department", "priority", "share right", "rows"} <= set(written)
    assert written.count("9") == 3


def test_the_risk_coverage_plot_marks_what_ships(content: ReportContent) -> None:
    curve = content.risk_coverage
    written = texts(svg(risk_coverage_plot(curve, content.policy_risk_coverage, content.decisions, 0.05)))
    assert "what ships: 66.7% routed, 50.0% wrong" in written
    assert "stated error, 5%" in written


def test_where_nothing_is_routed_nothing_is_marked(content: ReportContent) -> None:
    nothing = type(content.decisions)(Share.of(0, 6), Share.of(0, 0), Share.of(1, 3), Share.of(1, 6))
    written = texts(svg(risk_coverage_plot(content.risk_coverage, content.policy_risk_coverage, nothing, 0.05)))
    assert not any(text.startswith("what ships") for text in written)


def test_the_same_figures_give_the_same_bytes(content: ReportContent) -> None:
    assert confusion_plot(content.confusions["category"]) == confusion_plot(content.confusions["category"])
