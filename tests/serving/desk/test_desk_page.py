import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from serving.problems import Problem, overloaded
from tests.serving.desk.made import NOON, evidence, hidden, new_alert, prediction
from tests.serving.staff.desk_client import Browser, Desk, StartDesk
from triage.prediction import ExplainedPrediction, ExplainedWord, Explanation
from triage.store.records import Link, Linking, StoredAlert
from triage.taxonomy import Head

ATTACK = '<script>alert(1)</script><img src=x onerror="alert(2)">"\'><svg/onload=alert(3)> {{ 7*7 }} trou'

Put = Callable[..., StoredAlert]


class Explainer:
    """Explains any text by one word, or fails."""

    def __init__(self, error: Exception | None = None, word: str = "trou") -> None:
        self.error = error
        self.word = word
        self.texts: list[str] = []

    async def submit(self, item: Any) -> Any:
        if self.error is not None:
            raise self.error
        self.texts.append(item.alert.text)
        weights: dict[Head, float] = {"category": 1.0, "department": 0.0, "priority": 0.0}
        word = ExplainedWord(text=self.word, start=0, end=len(self.word), weights=weights)
        explanation = Explanation(text=self.word, words=(word,), department_rules=())
        whole = prediction() | {"id": "x", "decision": "review", "reasons": (), "explanation": explanation}
        return type("Answered", (), {"prediction": ExplainedPrediction.model_validate(whole)})()


def explain_with(desk: Desk, explainer: Explainer) -> None:
    stands_in: Any = explainer
    desk.runtime.engine = replace(desk.engine, explainer=stands_in)


def test_the_next_alert_stands_on_the_page(agent: Browser, put: Put) -> None:
    put("low", "Un banc cassé", rank=1.0)
    put("high", "Des sacs éventrés", rank=2.0)
    page = agent.get("/review").text
    assert re.search(r'<span class="alert-id">high</span>', page)
    assert page.index("Des sacs éventrés") < page.index("Un banc cassé")


def test_a_reload_shows_the_same_alert(agent: Browser, put: Put) -> None:
    put("a")
    put("b")
    first = re.search(r'alert-id">(\w)<', agent.get("/review").text)
    again = re.search(r'alert-id">(\w)<', agent.get("/review").text)
    assert first and again and first[1] == again[1]


def test_two_agents_get_two_alerts(agent: Browser, colleague: Browser, put: Put) -> None:
    put("a")
    put("b")
    shown = {re.search(r'alert-id">(\w)<', who.get("/review").text)[1] for who in (agent, colleague)}  # type: ignore[index]
    assert shown == {"a", "b"}


def test_an_empty_queue_says_so_and_what_to_do(agent: Browser) -> None:
    page = agent.get("/review").text
    assert "Tout est traité" in page
    assert 'id="again"' in page


def test_alerts_that_others_look_at_leave_a_sentence(agent: Browser, colleague: Browser, put: Put) -> None:
    put("a")
    colleague.get("/review")
    page = agent.get("/review").text
    assert "Rien pour vous en ce moment" in page
    assert "chez c.roy" in page


def test_an_alert_that_a_colleague_looks_at_can_be_read_but_not_answered(
    agent: Browser, colleague: Browser, put: Put
) -> None:
    put("a")
    colleague.get("/review")
    page = agent.get("/review/alerts/a").text
    assert 'id="held"' in page
    assert re.search(r'id="accept"[^>]*disabled', page)


def test_looking_takes_an_alert_from_nobody(agent: Browser, colleague: Browser, put: Put) -> None:
    put("a")
    assert 'id="looking"' in agent.get("/review/alerts/a?look=1").text
    assert 'id="held"' not in colleague.get("/review/alerts/a").text


def test_texts_ids_and_names_are_shown_and_never_run(desk: Desk, agent: Browser, put: Put) -> None:
    alert_id = '"><script>alert(4)</script>'
    put("other", ATTACK, queue=None, language="fr")
    with desk.store() as store:
        link = Link("other", "candidate", 0.7, 3.0, 1.0, evidence((["distance"], 1.0), said=["<b>said</b>"]))
        store.add(new_alert(alert_id, ATTACK, reasons=("<i>reason</i>",)), lambda _: Linking(links=(link,)))
    page = agent.get("/review").text
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 2
    assert "{{ 7*7 }}" in page
    for tag in ("<script>alert", "<img src=x", "<svg/onload", "<b>said", "<i>reason"):
        assert tag not in page
    assert re.findall(r"<script(?! src=\"/review/static/)", page) == []


def test_only_our_own_host_is_named(agent: Browser, put: Put) -> None:
    put("a")
    page = agent.get("/review").text
    links = re.findall(r'(?:href|src|action|hx-get)="([^"]*)"', page)
    assert links
    assert all(link.startswith(("/review", "#")) for link in links)


def test_the_page_is_french_until_english_is_chosen(agent: Browser, put: Put) -> None:
    put("a")
    page = agent.get("/review")
    assert '<html lang="fr">' in page.text
    assert page.headers["content-language"] == "fr"
    answer = agent.get("/review/language/en?back=/review/help")
    assert (answer.status_code, answer.headers["location"]) == (303, "/review/help")
    page = agent.get("/review")
    assert '<html lang="en">' in page.text
    assert "Cleanliness and dumping" in page.text
    assert "The model is not sure enough of the category." in page.text


def test_a_language_that_there_is_not_is_not_kept(agent: Browser) -> None:
    assert agent.get("/review/language/xx").status_code == 404
    assert agent.get("/review/language/en?back=https://evil.example/").headers["location"] == "/review"


def test_keys_can_be_turned_off(agent: Browser, put: Put) -> None:
    put("a")
    assert 'data-key="enter"' in agent.get("/review").text
    assert agent.post_form("/review/keys", keys="off").headers["location"] == "/review/help"
    page = agent.get("/review").text
    assert "data-key=" not in page
    assert "<kbd" not in page
    agent.post_form("/review/keys", keys="on")
    assert 'data-key="enter"' in agent.get("/review").text


def test_every_key_is_printed_where_it_acts(agent: Browser, put: Put) -> None:
    put("a")
    page = agent.get("/review").text
    for key in re.findall(r'aria-keyshortcuts="([^"]+)"', page):
        assert re.search(rf"<kbd[^>]*>{'Entrée' if key == 'Enter' else re.escape(key)}</kbd>", page), key


def test_enter_in_a_field_accepts_the_answer(agent: Browser, put: Put) -> None:
    """Browsers press the first button of the form, also without a script."""
    put("a")
    [form] = re.findall(r'<form[^>]*id="decision".*?</form>', agent.get("/review").text, re.DOTALL)
    assert "formaction" not in re.findall(r"<button[^>]*>", form)[0]


def test_deciding_words_are_marked_when_asked_for(desk: Desk, agent: Browser, put: Put) -> None:
    explain_with(desk, explainer := Explainer())
    put("a", "Gros trou rue Monge, <TEL>")
    part = agent.get("/review/alerts/a/words", headers={"HX-Request": "true"}).text
    assert '<mark class="strong">trou</mark>' in part
    assert "<html" not in part
    whole = agent.get("/review/alerts/a/words").text
    assert '<mark class="strong">trou</mark>' in whole
    assert "<html" in whole
    assert explainer.texts == ["Gros trou rue Monge, <TEL>"] * 2


def test_a_mask_that_decided_is_marked(desk: Desk, agent: Browser, put: Put) -> None:
    explain_with(desk, Explainer(word="<TEL>"))
    put("a", "Gros trou rue Monge, <TEL>")
    part = agent.get("/review/alerts/a/words", headers={"HX-Request": "true"}).text
    assert '<mark class="strong"><span class="mask">téléphone masqué</span></mark>' in part
    assert "Surlignés" in part


def test_where_nothing_is_marked_no_legend_says_so(desk: Desk, agent: Browser, put: Put) -> None:
    explain_with(desk, Explainer(word="ailleurs"))
    put("a", "Gros trou rue Monge")
    part = agent.get("/review/alerts/a/words", headers={"HX-Request": "true"}).text
    assert "Surlignés" not in part
    assert "Aucun mot ne se détache" in part


@pytest.mark.parametrize("error", [overloaded("busy"), RuntimeError("broken")])
def test_a_model_that_cannot_be_asked_costs_no_answer(desk: Desk, agent: Browser, put: Put, error: Exception) -> None:
    explain_with(desk, Explainer(error))
    put("a", "Gros trou")
    part = agent.get("/review/alerts/a/words", headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert "Gros trou" in part.text
    assert "ne peut pas expliquer" in part.text
    assert 'id="accept"' in agent.get("/review").text


def test_personal_data_stays_masked(agent: Browser, put: Put) -> None:
    put("a", "Appelez le <TEL>", original="Appelez le 06 12 34 56 78")
    page = agent.get("/review").text
    assert "téléphone masqué" in page
    assert "06 12 34" not in page
    assert 'id="unmask"' not in page


def test_a_supervisor_reads_the_text_as_sent_and_it_is_logged(desk: Desk, supervisor: Browser, put: Put) -> None:
    put("a", "Appelez le <TEL>", original="Appelez le 06 12 34 56 78")
    assert 'id="unmask"' in supervisor.get("/review/alerts/a").text
    page = supervisor.post_form("/review/alerts/a/unmask")
    assert page.status_code == 200
    assert "06 12 34 56 78" in page.text
    assert page.headers["cache-control"] == "no-store"
    with desk.store() as store:
        assert [entry.reader for entry in store.readings("a")] == ["b.durand"]
    assert ("b.durand", "unmask", "a") in desk.audited("unmask")


def test_an_agent_cannot_read_the_text_as_sent(desk: Desk, agent: Browser, put: Put) -> None:
    put("a", "Appelez le <TEL>", original="Appelez le 06 12 34 56 78")
    answer = agent.post_form("/review/alerts/a/unmask")
    assert answer.status_code == 403
    assert "06 12" not in answer.text
    with desk.store() as store:
        assert store.readings("a") == ()


def test_a_text_that_was_erased_is_said_to_be(supervisor: Browser, put: Put) -> None:
    put("a", "Appelez le <TEL>")
    answer = supervisor.post_form("/review/alerts/a/unmask")
    assert answer.status_code == 409
    assert "effacé" in answer.text


@pytest.mark.parametrize("path", ["/review/alerts/gone", "/review/alerts/gone/words", "/review/alerts/gone/photos/1"])
def test_an_unknown_alert_is_a_page_that_leads_back(agent: Browser, path: str) -> None:
    answer = agent.get(path)
    assert answer.status_code == 404
    assert 'href="/review"' in answer.text


def test_an_id_with_a_slash_has_a_page(agent: Browser, put: Put) -> None:
    put("a/decide")
    assert "a/decide" in agent.get("/review/alerts/a%2Fdecide").text


def test_a_long_queue_is_shown_in_parts(agent: Browser, put: Put) -> None:
    for number in range(35):
        put(f"n{number:02}", rank=100.0 - number)
    page = agent.get("/review").text
    assert '<span class="count" id="queue-count">35</span>' in page
    assert page.count('class="waiting"') == 30
    more = re.search(r'id="queue-more" href="([^"]+)"', page)
    assert more
    rest = agent.get(more[1]).text
    assert rest.count('class="waiting"') == 5
    assert agent.get("/review?after=nonsense").status_code == 404


def test_an_alert_without_text_place_or_model_has_a_page(agent: Browser, put: Put) -> None:
    put("bare", "", lat=None, lon=None, prediction=None, language=None, reasons=("imported",))
    page = agent.get("/review").text
    assert "Cette alerte est arrivée sans texte." in page
    assert "n&#39;a pas de lieu" in page


def test_photos_are_served_only_through_their_alert(start: StartDesk, tmp_path: Any, paint: Any) -> None:
    desk = start(photo_store=str(tmp_path / "photos"))
    assert desk.engine.desk.photos is not None
    key = desk.engine.desk.photos.put(paint("gray"))
    with desk.store() as store:
        photos = ({"key": key, "held": False}, {"key": None, "held": True})
        store.add(new_alert("a", photos=photos))
        store.add(new_alert("lost", photos=({"key": "0" * 64, "held": False},), queue=None))
    agent = desk.signed_in()
    photo = agent.get("/review/alerts/a/photos/1")
    assert (photo.status_code, photo.headers["content-type"]) == (200, "image/jpeg")
    assert photo.headers["cache-control"] == "no-store"
    for path in ("a/photos/2", "a/photos/0", "a/photos/-1", "a/photos/9", "a/photos/x", "lost/photos/1"):
        assert agent.get(f"/review/alerts/{path}").status_code == 404
    page = agent.get("/review").text
    assert '"/review/alerts/a/photos/1"' in page
    assert "La photo 2 n&#39;est pas montrée" in page
    assert key not in page
    assert desk.browser().get("/review/alerts/a/photos/1").status_code == 303


def test_static_files_are_kept_by_browsers_and_nothing_else_is_served(agent: Browser) -> None:
    page = agent.get("/review").text
    style = re.search(r'href="(/review/static/desk\.css\?v=[0-9a-f]+)"', page)
    assert style
    answer = agent.get(style[1])
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    assert agent.get("/review/static/desk.css").headers["cache-control"] == "no-cache"
    for name in ("../pages.py", "pages.py", "%2e%2e%2fpages.py", "htmx.LICENSE.txt", ""):
        assert agent.get(f"/review/static/{name}").status_code == 404


class DownDoor:
    """A store that cannot be used."""

    async def run(self, *_: Any) -> Any:
        raise Problem(503, "store_unavailable", "The alert store cannot be used.", headers={"Retry-After": "5"})


def test_a_store_that_is_down_is_said_on_a_page(desk: Desk, agent: Browser, put: Put) -> None:
    put("a")
    fields = hidden(agent.get("/review").text)
    door: Any = DownDoor()
    desk.runtime.engine = replace(desk.engine, door=door)
    for answer in (agent.get("/review"), agent.post("/review/alerts/a/decide", fields)):
        assert answer.status_code == 503
        assert "<html" in answer.text
        assert 'href="/review"' in answer.text


def test_the_history_tells_what_happened(desk: Desk, agent: Browser, put: Put) -> None:
    put("a")
    agent.post_form("/review/alerts/a/note", note="Vu avec l'équipe, appeler le 06 12 34 56 78")
    page = agent.get("/review/alerts/a").text
    assert "a.petit a noté" in page
    assert "Vu avec l&#39;équipe, appeler le &lt;TEL&gt;" in page
    assert desk.clock.now == NOON


def test_the_help_names_every_key_of_the_desk(agent: Browser, put: Put) -> None:
    put("a")
    desk_keys = set(re.findall(r'aria-keyshortcuts="([^"]+)"', agent.get("/review").text))
    told = set(re.findall(r"<kbd>([^<]+)</kbd>", agent.get("/review/help").text))
    assert {key for key in desk_keys if not key.isdigit()} <= told | {"Enter"}
    assert "1–9" in told
