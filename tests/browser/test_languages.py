"""French and English: no page mixes them, and the choice stays."""

import re
from collections.abc import Iterator
from functools import cache

import pytest
from playwright.sync_api import expect

from serving.desk.languages import CODES, DEFAULT, SOURCE, read_catalogue, read_languages
from serving.desk.names import read_reasons
from tests.browser.conftest import Visit
from tests.browser.installation import BUNDLE
from tests.browser.scenes import Stage, tour
from tests.browser.visitor import Visitor
from triage.taxonomy import load_taxonomy

# What residents and staff wrote, and the names of the two languages in their own words.
_QUOTED = (
    ".text, .candidate-text, .waiting-title, .map-list a, .map-mark title, .alert-id, q, .member, .languages, .small p"
)
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")
_SEAM = re.compile(r"%\(|%%|\{\{|\bNone\b|_\(")
# Messages of one short word may be words of the other language too, or stand in both.
_SHORTEST = 4


@cache
def messages() -> tuple[tuple[str, str], ...]:
    """Every message and name, in English and French, where they differ."""

    def found() -> Iterator[tuple[str, str]]:
        for entry in read_catalogue(DEFAULT):
            if entry.id:
                ids = [entry.id] if isinstance(entry.id, str) else entry.id
                strings = [entry.string] if isinstance(entry.string, str) else entry.string
                yield from zip(ids, strings, strict=True)
        taxonomy = load_taxonomy(BUNDLE / "taxonomy.yaml")
        for group in (taxonomy.categories, taxonomy.departments, taxonomy.priorities, taxonomy.photo_labels):
            yield from ((entry.en, entry.fr) for entry in group.values())
        yield from ((reason.en, reason.fr) for reason in read_reasons().values())

    return tuple(pair for pair in found() if pair[0] != pair[1])


@cache
def spoken(language: str, *, alone: bool) -> re.Pattern[str]:
    """Whatever a language says, or what no other one says besides."""
    column = 0 if language == SOURCE else 1
    own, other = ({pair[each] for pair in messages()} for each in (column, 1 - column))
    patterns = [
        ".+?".join(map(re.escape, _PLACEHOLDER.split(message)))
        for message in sorted(own - other if alone else own)
        if len(_PLACEHOLDER.sub("", message).strip()) >= _SHORTEST
    ]
    return re.compile("|".join(patterns))


def is_foreign(piece: str, language: str) -> bool:
    """Whether a piece of text is a message of the other language."""
    [other] = set(CODES) - {language}
    bare = piece.strip(" ·:→,.()")
    return bool(spoken(other, alone=True).fullmatch(bare)) and not spoken(language, alone=False).fullmatch(bare)


def said(window: Visitor) -> list[str]:
    """Every piece of text on a page, hidden ones and names of controls too."""
    pieces: list[str] = window.page.evaluate(
        """quoted => {
            const names = ['title', 'alt', 'aria-label', 'placeholder', 'data-close', 'data-follows', 'data-offline'];
            const found = [document.title];
            const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (walker.nextNode()) {
                const node = walker.currentNode;
                if (!node.parentElement.closest(`script, style, ${quoted}`)) found.push(node.data);
            }
            for (const each of document.querySelectorAll('body *'))
                if (!each.closest(quoted))
                    for (const name of names)
                        if (each.hasAttribute(name)) found.push(each.getAttribute(name));
            return found.map(each => each.trim()).filter(Boolean);
        }""",
        _QUOTED,
    )
    return pieces


@pytest.mark.parametrize("language", CODES)
def test_no_page_says_anything_in_the_other_language(visit: Visit, stage: Stage, language: str) -> None:
    [other] = set(CODES) - {language}
    foreign, torn = {}, {}
    for name, window in tour(visit, stage, language=language):
        pieces = said(window)
        foreign[name] = [piece for piece in pieces if is_foreign(piece, language)]
        # A message with a hole that was not filled in shows its seams.
        torn[name] = [piece for piece in pieces if _SEAM.search(piece)]
        # To a reader of the other language this page must look foreign, or the test sees nothing.
        assert any(is_foreign(piece, other) for piece in pieces), name
        assert window.find("html").get_attribute("lang") == language
    assert {name: each for name, each in foreign.items() if each} == {}
    assert {name: each for name, each in torn.items() if each} == {}


def test_the_switch_stays_on_the_page_and_is_remembered(agent: Visitor) -> None:
    alert = agent.desk.send("Bonjour, il y a un souci ici")
    words = read_languages("Europe/Paris")
    for path, place, message in (
        (f"/review/alerts/{alert}", "#skip", "Skip"),
        ("/review/help", "h1", "How the desk works"),
    ):
        agent.open(path)
        for code in CODES:
            agent.find(f"#language-{code}").click()
            expect(agent.find("html")).to_have_attribute("lang", code)
            expect(agent.find(place)).to_contain_text(words[code].gettext(message))
            expect(agent.find(f"#language-{code}")).to_have_attribute("aria-current", "true")
            assert agent.path() == path
        agent.page.reload()
        expect(agent.find("html")).to_have_attribute("lang", CODES[-1])


def test_a_stranger_reads_french_and_may_switch(visit: Visit) -> None:
    window = visit(name=None)
    window.context.clear_cookies()
    window.open()
    expect(window.find("html")).to_have_attribute("lang", DEFAULT)
    window.find(f"#language-{SOURCE}").click()
    expect(window.find("html")).to_have_attribute("lang", SOURCE)
    assert window.path() == "/review/sign-in"


def test_a_text_in_another_language_is_marked_so_that_it_is_read_out_rightly(visit: Visit) -> None:
    window = visit()
    alert = window.desk.send("The street light in front of the bakery has been broken since yesterday evening")
    window.take(alert)
    assert window.desk.stored(alert).language == "en"
    expect(window.find("#text")).to_have_attribute("lang", "en")
    expect(window.find(".alert-top .language")).to_have_attribute("title", "anglais")
