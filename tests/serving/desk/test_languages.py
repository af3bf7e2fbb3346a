from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from serving.desk.languages import CODES, DEFAULT, FOLDER, SOURCE, Language, read_catalogue, read_languages
from triage.errors import InvalidConfiguration
from triage.settings import PROJECT_ROOT

_KEYWORDS = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
_METHODS = [("**.html", "jinja2"), ("**.py", "python")]
# What drifted is told in sentences that the command line has too.
_FOLDERS = (PROJECT_ROOT / "serving", PROJECT_ROOT / "evaluation" / "live" / "drift")
_TRANSLATED = [code for code in CODES if code != SOURCE]

Message = str | tuple[str, ...]


@cache
def messages() -> frozenset[tuple[Message, str | None]]:
    """Every message of code and templates, with its context."""

    def found() -> Iterator[tuple[Message, str | None]]:
        options = {"**.html": {"trimmed": "true", "silent": "false"}}
        for folder in _FOLDERS:
            for _, _, message, _, context in extract_from_dir(folder, _METHODS, options, keywords=_KEYWORDS):
                yield message, context

    return frozenset(found())


@pytest.mark.parametrize("code", _TRANSLATED)
def test_every_message_is_translated(code: str) -> None:
    catalogue = read_catalogue(code)
    missing = []
    for message, context in messages():
        entry = catalogue.get(message if isinstance(message, str) else message[0], context)
        strings = [] if entry is None else [entry.string] if isinstance(entry.string, str) else list(entry.string)
        if not strings or not all(strings) or (entry is not None and entry.fuzzy):
            missing.append(message)
    assert not missing


@pytest.mark.parametrize("code", _TRANSLATED)
def test_no_translation_is_left_over(code: str) -> None:
    assert {(entry.id, entry.context) for entry in read_catalogue(code) if entry.id} <= messages()


@pytest.mark.parametrize("code", _TRANSLATED)
def test_a_translation_has_the_placeholders_of_its_message(code: str) -> None:
    faults = [(entry.id, list(entry.check())) for entry in read_catalogue(code) if entry.id and list(entry.check())]
    assert not faults


@pytest.mark.parametrize("code", _TRANSLATED)
def test_no_file_holds_a_broken_entry(code: str) -> None:
    for path in (FOLDER / code).glob("*.po"):
        with path.open("rb") as file:
            assert read_po(file, code, abort_invalid=True)


def test_french_is_the_default() -> None:
    assert next(iter(read_languages("Europe/Paris"))) == DEFAULT == "fr"


def test_an_unknown_time_zone_is_refused_by_name() -> None:
    with pytest.raises(InvalidConfiguration, match="Europe/Dijon"):
        read_languages("Europe/Dijon")


@pytest.mark.parametrize(
    ("share", "french", "english"),
    [
        (0.934, "93\N{NO-BREAK SPACE}%", "93%"),
        (0.9991, ">\N{NO-BREAK SPACE}99\N{NO-BREAK SPACE}%", ">\N{NO-BREAK SPACE}99%"),
        (1.0, "100\N{NO-BREAK SPACE}%", "100%"),
        (0.001, "<\N{NO-BREAK SPACE}1\N{NO-BREAK SPACE}%", "<\N{NO-BREAK SPACE}1%"),
        (0.0, "0\N{NO-BREAK SPACE}%", "0%"),
    ],
)
def test_a_probability_that_is_not_certain_is_not_called_so(
    share: float, french: str, english: str, languages: dict[str, Language]
) -> None:
    said = {
        code: language.percent(share).replace("\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}")
        for code, language in languages.items()
    }
    assert said == {"fr": french, "en": english}


def test_times_are_those_of_the_citys_clocks(languages: dict[str, Language]) -> None:
    summer = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    assert languages["fr"].moment(summer) == "2 juil. 2026 00:30"
    assert languages["en"].moment(summer) == "2 Jul 2026 00:30"
    assert languages["fr"].clock(summer) == "00:30"
    assert languages["en"].day(summer) == "2 Jul 2026"
    assert languages["en"].day(date(2026, 7, 1)) == "1 Jul 2026"


def test_ages_are_rounded_and_never_lie_in_the_future(languages: dict[str, Language]) -> None:
    now = datetime(2026, 6, 1, 12, tzinfo=UTC)
    assert languages["fr"].ago(now - timedelta(hours=3), now) == "il y a 3 heures"
    assert languages["fr"].ago(now + timedelta(hours=3), now) == "à l'instant"
    assert languages["en"].ago(now - timedelta(days=2), now) == "2 days ago"


def test_distances_and_numbers_are_written_as_readers_write_them(languages: dict[str, Language]) -> None:
    def plain(text: str) -> str:
        return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")

    french = languages["fr"]
    assert plain(french.metres(14.2)) == "14 m"
    assert plain(french.metres(1_234)) == "1,2 km"
    assert plain(french.number(50_000)) == "50 000"
    assert french.signed(-1.25) in {"−1,2", "−1,3"}
    assert french.signed(0.8) == "+0,8"
    assert french.name_of("en") == "anglais"
    assert french.name_of("zz") == "zz"
