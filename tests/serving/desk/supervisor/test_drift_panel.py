"""The supervisor's panel of drift: every measure in words, in the reader's language."""

import re
from dataclasses import replace

from evaluation.live.drift.sentences import Category, Count, Language, Percent, Sentence
from serving.desk.languages import read_languages
from serving.desk.supervisor.drift import DriftWriter
from serving.desk.supervisor.handlers import PATH
from tests.serving.desk.supervisor.conftest import add
from tests.serving.desk.supervisor.test_page import supervisor, words
from tests.serving.staff.desk_client import Desk
from tests.serving.test_drift import without_reference

CODES = [f"DRF{number:03}" for number in range(1, 9)]


def panel(html: str) -> str:
    found = re.search(r'<section[^>]* id="drift".*?</section>', html, re.DOTALL)
    assert found
    return found[0]


def measures(html: str) -> dict[str, str]:
    """What is said of each measure."""
    return {code: words(item) for code, item in re.findall(r'<li id="drift-(\w+)">(.*?)</li>', panel(html), re.DOTALL)}


def fill(desk: Desk, number: int) -> None:
    for place in range(number):
        add(desk, f"alert-{place}", 0.9, None, days=1 + place / 1000)


def test_every_measure_is_told_with_its_sentence_and_threshold(desk: Desk) -> None:
    fill(desk, 110)
    html = supervisor(desk).get(PATH).text
    told = measures(html)
    assert list(told) == CODES
    assert "measures have drifted 110 alerts came in from 18 May 2026 to 1 Jun 2026." in words(panel(html))
    assert told["DRF001"].startswith("Categories Drifted 93.5% of the alerts would need another category")
    assert "“Road and pavement” differs most, with 100.0% instead of 6.5%." in told["DRF001"]
    assert re.search(r"DRF001 · Difference 93\.5%, threshold \d+\.\d%$", told["DRF001"])
    assert told["DRF008"].startswith("Changed answers Not measured Staff have looked at 0 answers")
    assert "threshold" not in told["DRF008"]


def test_it_speaks_french(desk: Desk) -> None:
    fill(desk, 110)
    html = supervisor(desk, "fr").get(PATH).text
    told = measures(html)
    assert "mesures ont dérivé" in words(panel(html))
    assert "« Chaussée et trottoirs », 100,0 % au lieu de 6,5 %." in told["DRF001"]
    assert "Écart 93,5 %, seuil" in told["DRF001"]
    english = measures(supervisor(desk, "en").get(PATH).text)
    assert all(told[code] != english[code] for code in CODES)


def test_too_few_alerts_are_no_verdict(desk: Desk) -> None:
    fill(desk, 3)
    html = supervisor(desk).get(PATH).text
    assert "Too few alerts to tell 3 alerts came in" in words(panel(html))
    assert all("Not measured" in told for told in measures(html).values())


def test_a_bundle_without_a_reference_is_told_how_to_get_one(desk: Desk) -> None:
    desk.runtime.engine = replace(without_reference(desk), staff=desk.engine.staff)
    assert "The model in use has no reference" in words(panel(supervisor(desk).get(PATH).text))


def test_sentences_are_written_as_readers_write_them(desk: Desk) -> None:
    language = read_languages("Europe/Paris")["fr"]
    writer = DriftWriter(language, desk.engine.desk.names["fr"])
    values = {"a": Percent(0.5), "b": Count(1200), "c": Category("voirie"), "d": Language("de"), "e": Language("")}
    written = Sentence("%(a)s, %(b)s, %(c)s, %(d)s, %(e)s", values).written(writer)
    assert " ".join(written.split()) == ("50,0 %, 1 200, « Chaussée et trottoirs », allemand, une langue inconnue")
