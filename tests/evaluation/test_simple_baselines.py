"""The simple baselines on rows that can be counted by hand."""

import numpy as np
import pytest

from evaluation.simple_baselines import KEYWORDS, KeywordBaseline, MajorityBaseline
from triage.corpus import LabelledAlert
from triage.taxonomy import HEADS, Taxonomy


def alert(text: str, category: str = "voirie", department: str = "voirie", priority: str = "haute") -> LabelledAlert:
    return LabelledAlert(id=text[:50], text=text, category=category, department=department, priority=priority)


ROWS = [
    alert("un trou dans la chaussée"),
    alert("gros trou dangereux"),
    alert("trou devant la porte"),
    alert("lampadaire éteint devant la porte", "eclairage_public", "eclairage", "normale"),
    alert("le lampadaire est cassé", "eclairage_public", "eclairage", "normale"),
]


@pytest.fixture(scope="module")
def keyword(taxonomy: Taxonomy) -> KeywordBaseline:
    return KeywordBaseline(ROWS, taxonomy)


def test_the_majority_baseline_answers_the_shares_of_the_training_rows(taxonomy: Taxonomy) -> None:
    found = MajorityBaseline(ROWS, taxonomy).probabilities([alert("n'importe quoi"), alert("autre")], "category")
    codes = taxonomy.codes("category")
    assert found.shape == (2, len(codes))
    assert found[0, codes.index("voirie")] == pytest.approx(3 / 5)
    assert found[1, codes.index("eclairage_public")] == pytest.approx(2 / 5)


def test_keywords_are_words_of_two_rows_that_one_code_has_more_often(keyword: KeywordBaseline) -> None:
    words = keyword.keywords("category")
    # "devant", "la" and "porte" come with both codes; each counts for the one that has it more often.
    assert words["voirie"] == ("la", "trou")
    assert words["eclairage_public"] == ("devant", "lampadaire", "porte")
    assert words["graffiti"] == ()


def test_a_code_has_no_more_keywords_than_stated(taxonomy: Taxonomy) -> None:
    long = " ".join(f"mot{number}" for number in range(2 * KEYWORDS))
    rows = [alert(long), alert(long + " encore"), alert("chat", "animaux"), alert("chat noir", "animaux")]
    assert len(KeywordBaseline(rows, taxonomy).keywords("category")["voirie"]) == KEYWORDS


def test_the_code_with_most_keywords_is_answered(keyword: KeywordBaseline, taxonomy: Taxonomy) -> None:
    found = keyword.probabilities([alert("LAMPADAIRE cassé"), alert("encore un trou")], "category")
    codes = taxonomy.codes("category")
    assert [codes[number] for number in found.argmax(axis=1)] == ["eclairage_public", "voirie"]


def test_without_a_keyword_the_most_frequent_code_is_answered(keyword: KeywordBaseline, taxonomy: Taxonomy) -> None:
    [found] = keyword.probabilities([alert("bonjour")], "category")
    assert taxonomy.codes("category")[found.argmax()] == "voirie"
    assert found[taxonomy.codes("category").index("voirie")] == pytest.approx(3 / 5)


@pytest.mark.parametrize("head", HEADS)
def test_scores_cover_every_code_and_sum_to_one(keyword: KeywordBaseline, taxonomy: Taxonomy, head: str) -> None:
    found = keyword.probabilities(ROWS, head)  # type: ignore[arg-type]
    assert found.shape == (len(ROWS), len(taxonomy.codes(head)))  # type: ignore[arg-type]
    np.testing.assert_allclose(found.sum(axis=1), 1.0)


def test_personal_data_is_no_keyword(taxonomy: Taxonomy) -> None:
    rows = [alert(f"trou, appelez le 06 12 34 56 7{number}") for number in range(3)] + [alert("chat", "animaux")]
    words = KeywordBaseline(rows, taxonomy).keywords("category")["voirie"]
    assert "trou" in words
    assert not any(character.isdigit() for word in words for character in word)
