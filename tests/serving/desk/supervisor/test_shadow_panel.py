"""The challenger on the supervisor's page: how often it differs, on which alerts, and what staff chose there."""

import re
from datetime import timedelta
from typing import Any

import pytest

from models.bundle import Bundle
from models.promotions import Challenger
from serving.desk.supervisor.handlers import PATH
from serving.models.shadow import Trial
from tests.serving.desk.supervisor.conftest import add, decide
from tests.serving.desk.supervisor.test_page import part, supervisor, words
from tests.serving.staff.desk_client import NOON, Desk
from triage.store.shadow import ShadowAnswer

THEIRS = "c" * 64


def said(category: str = "voirie", decision: str = "route") -> dict[str, Any]:
    codes = {"category": category, "department": "voirie", "priority": "normale"}
    return {head: {"code": code, "confidence": 0.9} for head, code in codes.items()} | {"decision": decision}


@pytest.fixture
def trial(desk: Desk) -> Trial:
    """A challenger that answers a fifth of the alerts."""
    since = NOON - timedelta(days=5)
    named = Challenger(version="v2", bundle_sha256=THEIRS, share=0.2, since=since, by="anne", why="<b>rues</b>")
    given = desk.engine.batcher.predict
    trial = Trial(named, Bundle(desk.engine.bundle.folder, desk.engine.bundle.manifest, THEIRS), given)
    desk.engine.shadow.try_out(trial)
    return trial


def keep(desk: Desk, alert_id: str, challenger: dict[str, Any], days: float = 1) -> None:
    add(desk, alert_id, 0.9, "review")
    answer = ShadowAnswer(alert_id, NOON - timedelta(days=days), desk.engine.bundle.sha256, THEIRS, said(), challenger)
    with desk.store() as store:
        store.add_shadow_answers([answer])


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "No model is tried beside the one in use."), ("fr", "Aucun modèle")]
)
def test_without_a_challenger_the_page_says_how_to_try_one(desk: Desk, language: str, expected: str) -> None:
    assert expected in part(supervisor(desk, language).get(PATH).text, "shadow")


@pytest.mark.usefixtures("trial")
def test_a_challenger_that_has_not_answered_yet_is_named(desk: Desk) -> None:
    html = supervisor(desk).get(PATH).text
    assert "Model v2 answers 20% of the alerts unheard; anne began it on 27 May 2026 14:00." in words(html)
    assert "<b>rues</b>" not in html
    assert "“<b>rues</b>”" in part(html, "shadow-who")
    assert "It has not answered any alert in this time" in part(html, "shadow")


@pytest.mark.usefixtures("trial")
def test_figures_say_how_often_the_two_differ_and_whom_staff_followed(desk: Desk) -> None:
    for number in range(3):
        keep(desk, f"same-{number}", said(decision="review"))
    keep(desk, "other/1", said("proprete"))
    keep(desk, "other 2", said("eau_assainissement"))
    decide(desk, "other/1", category="proprete")
    html = supervisor(desk).get(PATH).text
    assert part(html, "shadow-differing").endswith("40.0% 5.3% to 85.3% 2 of 5")
    assert "100.0%" in part(html, "shadow-champion-routed")
    assert "2 of 5" in part(html, "shadow-challenger-routed")
    assert part(html, "shadow-champion-right").endswith("0 of 1")
    assert part(html, "shadow-challenger-right").endswith("1 of 1")
    category = desk.engine.desk.names["en"].category("voirie")
    assert f"{category} 40.0% 5.3% to 85.3% 2 of 5" in part(html, "shadow")


@pytest.mark.usefixtures("trial")
def test_the_newest_disagreements_lead_to_their_alerts_without_taking_them(desk: Desk) -> None:
    keep(desk, "older", said("proprete"), days=2)
    keep(desk, "new/er", said("collecte"))
    keep(desk, "same", said())
    html = supervisor(desk).get(PATH).text
    section = html[html.index('id="shadow"') :]
    assert re.findall(r'href="(/review/alerts/[^"]+)"', section) == [
        "/review/alerts/new%2Fer?look=1",
        "/review/alerts/older?look=1",
    ]


@pytest.mark.usefixtures("trial")
def test_answers_beside_another_bundle_do_not_count(desk: Desk) -> None:
    add(desk, "old", 0.9, "review")
    with desk.store() as store:
        store.add_shadow_answers([ShadowAnswer("old", NOON - timedelta(days=1), "d" * 64, THEIRS, said(), said("eau"))])
    assert "It has not answered any alert" in part(supervisor(desk).get(PATH).text, "shadow")


@pytest.mark.usefixtures("trial")
def test_the_panel_is_french_first_and_gives_ids_once(desk: Desk) -> None:
    keep(desk, "one", said("proprete"))
    html = supervisor(desk, "fr").get(PATH).text
    assert "Le modèle v2 répond à 20 % des alertes" in words(html)
    names = re.findall(r'\sid="([^"]+)"', html)
    assert len(names) == len(set(names))
