"""The supervisor's page over HTTP: its figures, its simulator, and what it says where there is nothing."""

import re
from html import unescape

import pytest

from serving.desk.supervisor.handlers import PATH
from tests.serving.desk.supervisor.conftest import UNSURE, add
from tests.serving.staff.desk_client import Browser, Desk
from triage.staff import Role

HTMX = {"HX-Request": "true"}


def supervisor(desk: Desk, language: str = "en") -> Browser:
    browser = desk.signed_in("c.roux", Role.SUPERVISOR)
    browser.cookies.set("lang", language)
    return browser


def words(html: str) -> str:
    """What a reader sees, with single spaces."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).strip()


def part(html: str, name: str) -> str:
    """The words of the element with this id, up to the end of its kind."""
    found = re.search(rf'<(\w+)[^>]* id="{name}".*?</\1>', html, re.DOTALL)
    assert found, name
    return words(found[0])


def test_figures_are_counted_from_decisions_and_answers(filled: Desk) -> None:
    html = supervisor(filled).get(PATH).text
    assert part(html, "tile-accuracy").startswith("Right without a person 50.0%")
    assert part(html, "tile-overrides").startswith("Answers that staff changed 25.0% 1 of 4")
    assert part(html, "tile-waiting").startswith("Waiting now 4 0 of the random sample")
    assert "Too few answers to tell" in part(html, "promise")
    assert "Category and department 50.0% 1.3% to 98.7% 1 of 2" in part(html, "accuracy")
    assert "On 1 alert that two agents or more answered." in part(html, "agreement")
    assert "Roads service Water and sewerage (1) 1 8" in part(html, "returned")


def test_the_simulator_says_what_another_threshold_would_bring(filled: Desk) -> None:
    html = supervisor(filled).get(f"{PATH}?threshold=60").text
    assert part(html, "simulated-threshold") == "Threshold 76.5% 60.0%"
    assert part(html, "simulated-coverage") == "Routed without a look 44.4% 88.9%"
    assert part(html, "simulated-reviews") == "Alerts to review per day 1.7 0.3"
    assert part(html, "simulated-error") == "Expected errors among the routed 1.0% 15.5%"
    assert "Among those routed today too: 1 of 2 of the random sample were wrong" in words(html)
    assert "Among those that staff see today and would no more: 0 of 2 answered ones were wrong" in words(html)


def test_an_error_rate_finds_its_threshold(filled: Desk) -> None:
    html = supervisor(filled).get(f"{PATH}?error_rate=0,5").text
    assert "No threshold keeps so low a rate" in words(html)
    html = supervisor(filled).get(f"{PATH}?error_rate=5").text
    assert part(html, "simulated-threshold") == "Threshold 76.5% 99.0%"
    assert 'name="error_rate" min="0.5" max="15.0" step="0.5" value="5.0"' in html


def test_htmx_gets_the_simulator_alone_with_the_other_slider(filled: Desk) -> None:
    answer = supervisor(filled).get(f"{PATH}/simulator?error_rate=15", headers=HTMX)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert part(answer.text, "simulated-threshold") == "Threshold 76.5% 99.0%"
    assert re.search(r'<input[^>]* id="threshold"[^>]* hx-swap-oob="true"', answer.text)
    moved = supervisor(filled).get(f"{PATH}/simulator?threshold=70", headers=HTMX).text
    assert 'id="threshold"' not in moved
    assert part(moved, "simulated-threshold") == "Threshold 76.5% 70.0%"


def test_without_javascript_the_simulator_is_a_part_of_the_page(filled: Desk) -> None:
    answer = supervisor(filled).get(f"{PATH}/simulator?weeks=4&threshold=70")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{PATH}?weeks=4&threshold=70#simulator"


def test_answers_of_another_bundle_are_left_out_of_the_simulator(desk: Desk) -> None:
    add(desk, "new", 0.99, None)
    with desk.store() as store:
        alert = store.alert("new")
        assert alert is not None
        assert alert.prediction is not None
        older = alert.prediction | {"model": {"bundle_sha256": "0" * 64}}
        add(desk, "old", 0.7, "review", **UNSURE)
        store.add_prediction("old", older)
    html = words(supervisor(desk).get(PATH).text)
    assert "Alerts rehearsed: 1," in html
    assert "1 alert that an earlier model answered is left out." in html


@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_empty_store_has_a_page_that_says_so(desk: Desk, language: str) -> None:
    answer = supervisor(desk, language).get(PATH)
    assert answer.status_code == 200
    assert answer.headers["Content-Language"] == language
    expected = "No decision yet." if language == "en" else "Aucune décision pour l’instant."
    assert expected in words(answer.text)
    assert '<svg class="chart"' not in answer.text


@pytest.mark.parametrize(
    "query", ["weeks=7", "weeks=x&threshold=nan", "error_rate=inf", "threshold=-4", "error_rate=1e9"]
)
def test_a_query_that_cannot_be_read_shows_the_usual_page(filled: Desk, query: str) -> None:
    answer = supervisor(filled).get(f"{PATH}?{query}")
    assert answer.status_code == 200
    assert '<option value="12" selected>' in answer.text


def test_the_page_needs_neither_inline_style_nor_inline_script(filled: Desk) -> None:
    html = supervisor(filled).get(f"{PATH}?threshold=60").text
    assert not re.search(r"<style|<script(?![^>]* src=)|\sstyle=|\son[a-z]+=|href=\"http", html)


def test_every_chart_has_a_title_and_a_table(filled: Desk) -> None:
    html = supervisor(filled).get(f"{PATH}?threshold=60").text
    charts = re.findall(r'<svg class="chart"[^>]*aria-labelledby="([\w-]+)"', html)
    assert len(charts) == len(set(charts)) == 5
    for title in charts:
        assert re.search(rf'<title id="{title}">[^<]+</title>', html)
    assert len(re.findall(r"<summary>(?:The chart|The curves) as a table</summary>", html)) == 4


def test_ids_are_given_once(filled: Desk) -> None:
    names = re.findall(r'\sid="([^"]+)"', supervisor(filled).get(PATH).text)
    assert len(names) == len(set(names))


def test_agents_may_not_see_it(filled: Desk) -> None:
    browser = filled.signed_in("a.petit", Role.AGENT)
    for path in (PATH, f"{PATH}/simulator"):
        assert browser.get(path).status_code == 403
