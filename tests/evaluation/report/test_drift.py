"""The report on drift is one page that needs no other file and escapes every word."""

import re
from pathlib import Path

import pytest

from evaluation.live.drift.report import compare
from evaluation.live.drift.sentences import EnglishWriter
from evaluation.report.drift import Looked, render_drift, write_drift_report
from tests.evaluation.live.drift.conftest import alerts_like_those_of_the_reference, as_observed, as_reference
from triage.errors import InvalidConfiguration

LOOKED = Looked("those of <b>.jsonl", "essai 1", "the validation split", 850)
WRITER = EnglishWriter({"category-1": "“<i>”"}, {"fr": "French"})


@pytest.fixture(scope="module")
def page() -> str:
    reference = as_reference(alerts_like_those_of_the_reference(1, 850))
    return render_drift(compare(reference, as_observed(alerts_like_those_of_the_reference(2), 0.9)), LOOKED, WRITER)


def test_every_measure_has_its_line_and_its_drawing(page: str) -> None:
    for number in range(1, 9):
        code = f"DRF{number:03}"
        assert f'<a href="#{code}">' in page
        assert f'<section id="{code}"' in page
    assert "1 of 8 measures have drifted" in page
    assert page.count("<path") == 8
    assert "French" in page


def test_it_needs_no_other_file_and_escapes_what_it_names(page: str) -> None:
    assert not re.search(r"<(script|link|img|i|b)\b|url\(|http", page)
    assert "&lt;b&gt;.jsonl" in page
    assert "“&lt;i&gt;”" in page


def test_drawings_stay_in_their_frame(page: str) -> None:
    for path in re.findall(r' d="M([^"]+)"', page):
        points = [tuple(map(float, point.split(","))) for point in path.split("L")]
        assert all(44 <= x <= 420 and 0 <= y <= 156 for x, y in points)
    assert all(float(width) <= 100 for width in re.findall(r'rect class="\w+" y="\d" width="([\d.]+)"', page))


def test_a_page_without_measures_says_so() -> None:
    reference = as_reference(alerts_like_those_of_the_reference(1, 850))
    few = as_observed(alerts_like_those_of_the_reference(2, 5))
    page = render_drift(compare(reference, few), LOOKED, WRITER)
    assert "Too few alerts to tell" in page
    assert page.count("not measured") >= 8
    assert "<path" not in page


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    reference = as_reference(alerts_like_those_of_the_reference(1, 850))
    report = compare(reference, as_observed(alerts_like_those_of_the_reference(2, 5)))
    with pytest.raises(InvalidConfiguration, match="Name another file"):
        write_drift_report(report, LOOKED, WRITER, tmp_path / "missing" / "report.html")
