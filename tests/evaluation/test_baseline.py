"""The baseline: learns a toy corpus, from masked texts alone, over all codes of the taxonomy."""

import numpy as np
import pytest

from evaluation.baseline import TfidfBaseline
from evaluation.metrics import label_numbers
from triage.corpus import LabelledAlert
from triage.settings import PROJECT_ROOT
from triage.taxonomy import HEADS, Taxonomy, load_taxonomy

KINDS = {
    ("eclairage_public", "eclairage", "haute"): ["lampadaire éteint", "la lampe ne marche plus", "rue sans lumière"],
    ("voirie", "voirie", "critique"): ["nid de poule profond", "trou dans la chaussée", "trottoir affaissé"],
    ("graffiti", "proprete", "basse"): ["tag sur le mur", "graffiti sur la façade", "mur tagué"],
}


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return load_taxonomy(PROJECT_ROOT / "datasets" / "taxonomy.yaml")


@pytest.fixture(scope="module")
def rows() -> list[LabelledAlert]:
    return [
        LabelledAlert(id=text, text=text, category=category, department=department, priority=priority)
        for (category, department, priority), texts in KINDS.items()
        for text in texts
    ]


@pytest.fixture(scope="module")
def baseline(rows: list[LabelledAlert], taxonomy: Taxonomy) -> TfidfBaseline:
    return TfidfBaseline(rows, taxonomy)


def unlabelled(text: str) -> LabelledAlert:
    return LabelledAlert(id="new", text=text, category="autre", department="accueil", priority="normale")


@pytest.mark.parametrize("head", HEADS)
def test_the_baseline_learns_a_toy_corpus(
    baseline: TfidfBaseline, rows: list[LabelledAlert], taxonomy: Taxonomy, head: str
) -> None:
    probabilities = baseline.probabilities(rows, head)  # type: ignore[arg-type]
    truth = label_numbers(rows, head, taxonomy)  # type: ignore[arg-type]
    assert (probabilities.argmax(axis=1) == truth).all()


@pytest.mark.parametrize("head", HEADS)
def test_probabilities_cover_every_code_and_sum_to_one(
    baseline: TfidfBaseline, rows: list[LabelledAlert], taxonomy: Taxonomy, head: str
) -> None:
    probabilities = baseline.probabilities(rows, head)  # type: ignore[arg-type]
    assert probabilities.shape == (len(rows), len(taxonomy.codes(head)))  # type: ignore[arg-type]
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)


def test_codes_that_never_occurred_get_nothing(baseline: TfidfBaseline, taxonomy: Taxonomy) -> None:
    probabilities = baseline.probabilities([unlabelled("chien errant")], "category")[0]
    assert probabilities[taxonomy.codes("category").index("animaux")] == 0.0


def test_accents_and_capitals_do_not_matter(baseline: TfidfBaseline) -> None:
    one, two = baseline.probabilities([unlabelled("lampadaire éteint"), unlabelled("LAMPADAIRE ETEINT")], "category")
    np.testing.assert_allclose(one, two)


def test_personal_data_does_not_matter(baseline: TfidfBaseline) -> None:
    texts = ["tag sur le mur, 06 12 34 56 78", "tag sur le mur, 07 98 76 54 32"]
    one, two = baseline.probabilities([unlabelled(text) for text in texts], "category")
    np.testing.assert_array_equal(one, two)


def test_a_text_of_unknown_words_is_still_answered(baseline: TfidfBaseline) -> None:
    (found,) = baseline.probabilities([unlabelled("zzz ???")], "priority")
    assert found.sum() == pytest.approx(1.0)


def test_the_same_rows_give_the_same_baseline(
    baseline: TfidfBaseline, rows: list[LabelledAlert], taxonomy: Taxonomy
) -> None:
    again = TfidfBaseline(rows, taxonomy)
    np.testing.assert_array_equal(again.probabilities(rows, "category"), baseline.probabilities(rows, "category"))
