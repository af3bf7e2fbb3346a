"""French unless an app asks for another language that there is."""

from collections.abc import Mapping

import pytest
from starlette.requests import Request

from serving.desk.languages import Language
from serving.open311.languages import LanguageChoice
from serving.problems import Problem


@pytest.fixture
def choice(languages: Mapping[str, Language]) -> LanguageChoice:
    return LanguageChoice(languages)


def request(query: str = "", header: str = "") -> Request:
    headers = [(b"accept-language", header.encode())] if header else []
    return Request({"type": "http", "query_string": query.encode(), "headers": headers})


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "fr"),
        ("en", "en"),
        ("en-GB,fr;q=0.5", "en"),
        ("de, en;q=0.8, fr;q=0.9", "fr"),
        ("de", "fr"),
        ("*", "fr"),
        ("en;q=0", "fr"),
        ("en;q=nan, fr;q=x", "fr"),
        ("en;q=2", "fr"),
        (";;;,=,en;level=1", "fr"),
    ],
)
def test_the_header_chooses_the_best_language_that_there_is(choice: LanguageChoice, header: str, code: str) -> None:
    assert choice.of(request(header=header)).code == code


def test_the_query_counts_more_than_the_header(choice: LanguageChoice) -> None:
    assert choice.of(request("lang=en", "fr")).code == "en"
    assert choice.of(request("lang=", "en")).code == "en"


def test_an_unknown_language_is_refused_and_the_refusal_is_french(choice: LanguageChoice) -> None:
    asked = request("lang=de")
    with pytest.raises(Problem) as caught:
        choice.of(asked)
    assert (caught.value.status, caught.value.errors[0].field) == (400, "lang")
    assert choice.of_error(asked).code == "fr"
