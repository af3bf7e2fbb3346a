"""The written report: one page that needs no other file, the same figures as JSON, every text escaped."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from evaluation.answers import Answers
from evaluation.evaluate import Evaluation
from evaluation.live.agreement import Agreement
from evaluation.report.write import write_report
from triage.errors import InvalidConfiguration
from triage.prediction import Decision
from triage.taxonomy import HEADS

SECTIONS = ["targets", "figures", "decisions", "thresholds", "risk-coverage", "reliability", "confusion", "slices",
            "robustness", "errors"]  # fmt: skip
ROAD, TAG = ("voirie", "voirie", "haute"), ("graffiti", "proprete", "haute")


class Page(HTMLParser):
    """Sections, links to other things, and the text of a page; refuses elements that are not closed in order."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.sections: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(content)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag not in {"meta", "img"}:
            self._open.append(tag)
        if tag == "section":
            self.sections.append(found["id"] or "")
        self.links += [value or "" for name, value in attrs if name in {"src", "href", "srcset", "data", "action"}]
        assert tag != "img" or found["alt"]

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def folder(evaluation: Evaluation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    human = {head: Agreement(40, 0.975, 0.9625) for head in HEADS}
    target = tmp_path_factory.mktemp("report") / "new" / "folder"
    write_report(replace(evaluation, human=human), target, data="nine cases")  # type: ignore[arg-type]
    return target


@pytest.fixture(scope="module")
def page(folder: Path) -> Page:
    return Page((folder / "report.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def figures(folder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return loaded


def test_the_folder_holds_the_page_and_the_figures_alone(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == ["report.html", "report.json"]


def test_the_page_has_every_section_and_a_link_to_each(page: Page) -> None:
    assert page.sections == SECTIONS
    assert [link for link in page.links if link.startswith("#")] == [f"#{name}" for name in SECTIONS]


def test_the_page_needs_no_other_file(folder: Path, page: Page) -> None:
    others = [link for link in page.links if not link.startswith("#")]
    assert len(others) == 5
    assert all(link.startswith("data:image/svg+xml;base64,") for link in others)
    content = (folder / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"https?:|//[a-z]|@import|url\(|<script|<link", content)


def test_figures_are_shown_as_they_are_in_the_json(page: Page, figures: dict[str, Any]) -> None:
    accuracy = figures["figures"]["model"]["category"]["accuracy"]
    assert accuracy["value"] == pytest.approx(6 / 9)
    assert f"{accuracy['value']:.3f}" in page.text
    assert f"{accuracy['low']:.3f}–{accuracy['high']:.3f}" in page.text


def test_the_json_holds_the_figures_of_each_section(figures: dict[str, Any]) -> None:
    assert figures["format"] == 1
    assert figures["source"]["thresholds"]["error_rate"] == 0.05
    assert figures["decisions"]["urgent_caught"]["hits"] == 1
    assert [line["ships"] for line in figures["thresholds"]].count(True) == 1
    assert len(figures["risk_coverage"]["risk"]) == 6
    assert len(figures["reliability"]["priority"]) == 15
    assert [change["code"] for change in figures["robustness"]] == ["plain", "typos", "capitals", "contact"]
    assert len(figures["worst_errors"]) == 7
    assert {target["reached"] for target in figures["targets"]} == {True, False, None}


def test_targets_show_their_status(page: Page) -> None:
    for status in ("reached", "missed", "not measured"):
        assert status in page.text


def test_human_agreement_stands_beside_the_model(page: Page) -> None:
    assert "on 40 rows of the corpus" in " ".join(page.text.split())
    assert "0.963" in page.text


def test_without_second_labels_the_column_is_left_out(evaluation: Evaluation, tmp_path: Path) -> None:
    page = Page(write_report(evaluation, tmp_path).read_text(encoding="utf-8"))
    assert "No second labelling" in page.text
    assert "human" not in [word.strip() for word in page.text.splitlines()]


def test_the_review_load_follows_the_alerts_a_day(evaluation: Evaluation, tmp_path: Path) -> None:
    write_report(evaluation, tmp_path, alerts_per_day=900)
    lines = json.loads((tmp_path / "report.json").read_text())["thresholds"]
    [shipped] = [line for line in lines if line["ships"]]
    assert shipped["reviews_per_day"] == pytest.approx(900 * 4 / 9)


def test_texts_are_escaped_and_masked(evaluation: Evaluation, answered: Callable[..., Answers], tmp_path: Path) -> None:
    cases: dict[str, Any] = {"a": (ROAD, TAG, Decision.ROUTE, 0.6)}
    answers = answered(cases, {"a": "<script>alert(1)</script> & rappelez le 06 39 98 12 34"})
    path = write_report(replace(evaluation, answers=answers), tmp_path)
    for content in (path.read_text(encoding="utf-8"), (tmp_path / "report.json").read_text(encoding="utf-8")):
        assert "06 39" not in content
        assert "12 34" not in content
    content = path.read_text(encoding="utf-8")
    assert "<script" not in content
    assert "<script>alert(1)</script> & rappelez le <TEL>" in Page(content).text


def test_texts_can_be_left_out(evaluation: Evaluation, tmp_path: Path) -> None:
    content = write_report(evaluation, tmp_path, texts=False).read_text(encoding="utf-8")
    assert "texte bbb" not in content + (tmp_path / "report.json").read_text(encoding="utf-8")
    assert "texts were left out" in content


def test_a_report_replaces_an_older_one(evaluation: Evaluation, tmp_path: Path) -> None:
    for data in ("first", "second"):
        write_report(evaluation, tmp_path, data=data)
    assert "second" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_written_is_one_sentence(evaluation: Evaluation, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidConfiguration, match="Name another folder"):
        write_report(evaluation, tmp_path / "file")
