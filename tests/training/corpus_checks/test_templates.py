from collections.abc import Callable

import pytest

from training.corpus_checks.templates import AccentlessShare, FrequentOpenings, MedianLength, RecurringPhrases
from training.corpus_checks.wording import five_grams, has_accent, words
from triage.corpus import LabelledAlert
from triage.taxonomy import Taxonomy

MakeRow = Callable[..., LabelledAlert]


def numbered(start: int, length: int) -> str:
    return " ".join(f"word{number}" for number in range(start, start + length))


def test_words_ignore_accents_case_and_punctuation() -> None:
    assert words("L'ÉGOUT, rue Œuvre… déborde !") == ["l", "egout", "rue", "œuvre", "deborde"]


@pytest.mark.parametrize(
    ("text", "expected"), [("café", True), ("CAFÉ", True), ("cafe", False), ("attention ⚠️", False)]
)
def test_only_letters_have_accents(text: str, expected: object) -> None:
    assert has_accent(text) is expected


def test_a_phrase_repeated_within_one_text_does_not_recur(row: MakeRow) -> None:
    assert five_grams([row("a b c d e a b c d e")]).recurring == {}


def test_few_recurring_phrases_pass(row: MakeRow, taxonomy: Taxonomy) -> None:
    rows = [row(f"au coin de la rue {numbered(0, 200)}"), row(f"Au coin de la rue, {numbered(500, 200)}")]
    assert five_grams(rows).total == 2 * 201 - 1
    assert RecurringPhrases().find(rows, taxonomy) == []


def test_many_recurring_phrases_are_named_with_their_rows(row: MakeRow, taxonomy: Taxonomy) -> None:
    rows = [row(f"au coin de la rue {numbered(0, 20)}"), row(f"Au coin de la rue, {numbered(500, 20)}")]
    (message,) = RecurringPhrases().find(rows, taxonomy)
    assert message.startswith("1 of 41 phrases of five words (2.44%) occur in several texts, more than 1.00%")
    assert "“au coin de la rue” (r1 and r2)" in message


def test_only_the_most_frequent_phrases_are_shown(row: MakeRow, taxonomy: Taxonomy) -> None:
    rows = [row(numbered(0, 10)), row(numbered(0, 10)), row(numbered(0, 5))]
    (message,) = RecurringPhrases(shown=1).find(rows, taxonomy)
    assert "rewrite first “word0 word1 word2 word3 word4” (r1, r2 and r3) and 5 more." in message


def test_an_opening_within_the_limit_passes(row: MakeRow, taxonomy: Taxonomy) -> None:
    rows = [row("Il y a un trou"), row("il y a du bruit"), *(row(numbered(start, 5)) for start in range(10))]
    assert FrequentOpenings().find(rows, taxonomy) == []


def test_a_frequent_opening_is_named_with_its_rows(row: MakeRow, taxonomy: Taxonomy) -> None:
    rows = [row("Il y a un trou"), row("il y a du bruit"), row("IL Y À des rats"), row("bonjour"), row("bonjour")]
    (message,) = FrequentOpenings().find(rows, taxonomy)
    assert message == (
        "3 of 5 texts begin with “il y a”, more than 0.5%; begin differently in some of the rows r1, r2 and r3."
    )


def test_a_quarter_without_accents_passes(row: MakeRow, taxonomy: Taxonomy) -> None:
    rows = [row("trou devant l ecole"), *(row("Réverbère éteint") for _ in range(3))]
    assert AccentlessShare().find(rows, taxonomy) == []


@pytest.mark.parametrize(
    ("plain", "accented", "remedy"), [(1, 9, "write more texts without"), (4, 6, "write fewer texts without")]
)
def test_too_few_and_too_many_texts_without_accents_are_found(
    row: MakeRow, taxonomy: Taxonomy, plain: int, accented: int, remedy: str
) -> None:
    rows = [row("trou devant l ecole")] * plain + [row("Réverbère éteint")] * accented
    (message,) = AccentlessShare().find(rows, taxonomy)
    assert message.startswith(f"{plain * 10}.0% of the texts have no accent")
    assert remedy in message


@pytest.mark.parametrize("length", [14, 18, 22])
def test_a_realistic_median_length_passes(row: MakeRow, taxonomy: Taxonomy, length: int) -> None:
    rows = [row(numbered(0, 2)), row(numbered(0, length)), row(numbered(0, 60))]
    assert MedianLength().find(rows, taxonomy) == []


@pytest.mark.parametrize(("length", "remedy"), [(13, "write longer texts."), (23, "write shorter texts.")])
def test_texts_too_short_or_too_long_are_found(row: MakeRow, taxonomy: Taxonomy, length: int, remedy: str) -> None:
    (message,) = MedianLength().find([row(numbered(0, length))], taxonomy)
    assert message == f"The median text has {length} words, outside 14 to 22; {remedy}"
