"""The city's categories in Signalen's words."""

from pathlib import Path

import pytest

from serving.signalen.categories import DEFAULT_CATEGORIES, Slugs, load_categories
from triage.errors import InvalidConfiguration
from triage.prediction import Alternative, Answer
from triage.taxonomy import Taxonomy

BASE = "https://signalen.example/terms"
STREET = f"{BASE}/categories/wegen-verkeer-straatmeubilair"


def answer(**confidences: float) -> Answer:
    (code, confidence), *others = confidences.items()
    alternatives = tuple(Alternative(code=other, confidence=value) for other, value in others)
    return Answer(code=code, confidence=confidence, alternatives=alternatives)


def test_the_file_that_ships_has_slugs_for_every_category(taxonomy: Taxonomy) -> None:
    categories = load_categories(None, taxonomy)
    assert set(categories.slugs) == set(taxonomy.categories)
    assert categories.fallback == Slugs(main="overig", sub="overig")


def test_probabilities_of_one_main_category_add_up(taxonomy: Taxonomy) -> None:
    said = answer(voirie=0.4, proprete=0.35, eclairage_public=0.25)
    main, sub = load_categories(None, taxonomy).ranked(said, BASE)
    assert main == ([STREET, f"{BASE}/categories/afval"], [0.65, 0.35])
    assert sub == (
        [
            f"{STREET}/sub_categories/onderhoud-stoep-straat-en-fietspad",
            f"{BASE}/categories/afval/sub_categories/veeg-zwerfvuil",
            f"{STREET}/sub_categories/lantaarnpaal-straatverlichting",
        ],
        [0.4, 0.35, 0.25],
    )


def test_two_categories_of_one_sub_category_are_one(taxonomy: Taxonomy) -> None:
    _, (urls, probabilities) = load_categories(None, taxonomy).ranked(answer(transports=0.5, reseaux=0.5), BASE)
    assert urls == [f"{STREET}/sub_categories/overig-wegen-verkeer-straatmeubilair"]
    assert probabilities == [1.0]


def test_a_category_without_slugs_counts_as_the_fallback(tmp_path: Path, taxonomy: Taxonomy) -> None:
    path = tmp_path / "signalen.yaml"
    path.write_text("autre: {main: overig, sub: overig}\nvoirie: {main: wegen, sub: gat}", encoding="utf-8")
    main, _ = load_categories(path, taxonomy).ranked(answer(animaux=0.5, autre=0.3, voirie=0.2), BASE)
    assert main == ([f"{BASE}/categories/overig", f"{BASE}/categories/wegen"], [0.8, 0.2])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("banana: {main: a, sub: b}", "'banana', which the taxonomy lacks"),
        ("voirie: {main: a, sub: b}", "lacks the category 'autre'"),
        ("autre: {main: 'a/../b', sub: b}", "malformed"),
        ("autre: {main: a}", "malformed"),
        ("autre: [", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_a_reason(
    tmp_path: Path, taxonomy: Taxonomy, content: str, said: str
) -> None:
    path = tmp_path / "signalen.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InvalidConfiguration, match=said):
        load_categories(path, taxonomy)


def test_a_taxonomy_may_lack_codes_of_the_file_that_ships(taxonomy: Taxonomy) -> None:
    fewer = {code: one for code, one in taxonomy.categories.items() if code != "voirie"}
    assert load_categories(None, taxonomy.model_copy(update={"categories": fewer})).slugs
    assert DEFAULT_CATEGORIES.exists()
