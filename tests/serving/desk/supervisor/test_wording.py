"""Figures as readers of each language write them."""

import pytest

from evaluation.live.intervals import Share
from serving.desk.languages import read_languages
from serving.desk.supervisor.wording import Wording

LANGUAGES = read_languages("Europe/Paris")


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", ("95.0%", "5%", "0.5%", "1,234", "0.84")), ("fr", ("95,0 %", "5 %", "0,5 %", "1 234", "0,84"))],
)
def test_shares_and_numbers(language: str, expected: tuple[str, ...]) -> None:
    words = Wording(LANGUAGES[language])
    written = (
        words.share(0.95),
        words.whole_percent(0.05),
        words.whole_percent(0.005),
        words.whole(1234.4),
        words.fraction(0.8449),
    )
    assert tuple(" ".join(text.split()) for text in written) == expected


@pytest.mark.parametrize(("seconds", "expected"), [(4.26, "4.3 secs"), (14.4, "14 secs"), (90, "1.5 mins")])
def test_short_times(seconds: float, expected: str) -> None:
    assert Wording(LANGUAGES["en"]).seconds(seconds) == expected


def test_intervals_and_counts() -> None:
    words = Wording(LANGUAGES["en"])
    share = Share.of(5, 10, 0.975)
    assert (words.interval(share), words.counted(share)) == ("18.7% to 81.3%", "5 of 10")
