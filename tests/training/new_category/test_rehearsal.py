"""What is told again, what is left out in turn, and what is refused."""

from collections import Counter
from collections.abc import Callable

import pytest

from models.bundle import Bundle
from models.text import TextModel
from training.new_category.config import GrowthConfig
from training.new_category.rehearsal import choose_rows, folds, new_codes, require_examples
from triage.corpus import LabelledAlert
from triage.errors import InvalidCorpus, InvalidTaxonomy
from triage.taxonomy import Taxonomy

MakeRows = Callable[..., list[LabelledAlert]]


@pytest.fixture
def train(make_rows: MakeRows) -> list[LabelledAlert]:
    return [
        *make_rows("voirie", "voirie", 1, 30),
        *make_rows("graffiti", "proprete", 2, 8),
        *make_rows("collecte", "collecte", 0, 30),
        *make_rows("compostage", "collecte", 0, 12),
    ]


def test_what_is_new_is_told_by_the_two_taxonomies(taxonomy: Taxonomy, grown: Taxonomy) -> None:
    assert new_codes(taxonomy, grown) == ("compostage",)
    assert new_codes(grown, taxonomy) == ()


def test_every_example_comes_with_as_many_rows_of_each_category_and_with_the_nearest(
    train: list[LabelledAlert], bundle: Bundle
) -> None:
    config = GrowthConfig(rehearsed=10, near=15)
    rows = choose_rows(train, TextModel.from_bundle(bundle, 1).description, config)
    counts = Counter(row.category for row in rows.all)
    assert counts["compostage"] == len(rows.examples) == 12
    assert counts["graffiti"] == 8
    assert counts["voirie"] >= 10
    assert counts["collecte"] > counts["voirie"], "rows with the words of the examples were to be added"
    assert all(rows.all[place].category == "compostage" for place in rows.examples)
    assert len({row.id for row in rows.all}) == len(rows.all)


def test_each_example_is_left_out_once(train: list[LabelledAlert], bundle: Bundle) -> None:
    config = GrowthConfig(rehearsed=10, folds=5)
    rows = choose_rows(train, TextModel.from_bundle(bundle, 1).description, config)
    groups = folds(rows, config)
    assert sorted(place for group in groups for place in group) == list(rows.examples)
    assert {len(group) for group in groups} <= {2, 3}


def test_a_taxonomy_without_anything_new_and_a_category_with_few_examples_are_refused(
    train: list[LabelledAlert], taxonomy: Taxonomy, grown: Taxonomy
) -> None:
    with pytest.raises(InvalidTaxonomy, match="no category that the bundle lacks"):
        require_examples(train, taxonomy, taxonomy)
    with pytest.raises(InvalidCorpus, match="'compostage' has 9 train rows"):
        require_examples(train[:-3], taxonomy, grown)
    require_examples(train, taxonomy, grown)
