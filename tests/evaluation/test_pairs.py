"""Pairs of texts and pictures: what fits, what does not, and what the answer must be."""

from collections.abc import Callable

import pytest

from evaluation.pairs import Joined, Pair, category_accuracy, make_pairs
from triage.corpus import LabelledAlert
from triage.taxonomy import HEADS, Taxonomy

MakePairs = Callable[..., list[Pair]]


def text(name: str, category: str, taxonomy: Taxonomy, priority: str = "basse") -> LabelledAlert:
    department = taxonomy.categories[category].default_department
    return LabelledAlert(id=name, text="texte", category=category, department=department, priority=priority)


@pytest.fixture
def clear(taxonomy: Taxonomy) -> list[LabelledAlert]:
    return [text("litter", "proprete", taxonomy), text("dog", "animaux", taxonomy), text("road", "voirie", taxonomy)]


@pytest.fixture
def vague(taxonomy: Taxonomy) -> list[LabelledAlert]:
    return [text("see photo", taxonomy.fallback_category, taxonomy)]


@pytest.fixture
def shown(taxonomy: Taxonomy) -> tuple[int, ...]:
    """Four pictures of each label."""
    return tuple(number for number in range(len(taxonomy.photo_labels)) for _ in range(4))


@pytest.fixture
def pairs(
    clear: list[LabelledAlert], vague: list[LabelledAlert], shown: tuple[int, ...], taxonomy: Taxonomy
) -> list[Pair]:
    return make_pairs(clear, vague, shown, taxonomy, draws=3, seed=0)


def labels_of(pairs: list[Pair], shown: tuple[int, ...], taxonomy: Taxonomy, way: Joined, row: int) -> set[str]:
    """Labels of the pictures that were joined with one text in one way."""
    names = list(taxonomy.photo_labels)
    return {names[shown[pair.picture]] for pair in pairs if pair.joined is way and pair.text == row}


def test_a_fitting_picture_shows_the_category_of_the_text(
    pairs: list[Pair], shown: tuple[int, ...], taxonomy: Taxonomy
) -> None:
    assert labels_of(pairs, shown, taxonomy, Joined.CLEAR_FITTING, 0) == {"waste"}
    assert labels_of(pairs, shown, taxonomy, Joined.CLEAR_FITTING, 2) == {"road_damage"}


def test_a_wrong_picture_shows_a_fault_that_the_text_could_not_be_about(
    clear: list[LabelledAlert], shown: tuple[int, ...], taxonomy: Taxonomy
) -> None:
    pairs = make_pairs(clear, [], shown, taxonomy, draws=200, seed=0)
    shows = {code for code, entry in taxonomy.photo_labels.items() if entry.category}
    # Litter may lie under graffiti, a road may flood or have a manhole: such pictures are neither right nor wrong.
    assert labels_of(pairs, shown, taxonomy, Joined.CLEAR_WRONG, 0) == shows - {"waste", "graffiti"}
    assert labels_of(pairs, shown, taxonomy, Joined.CLEAR_WRONG, 1) == shows
    assert labels_of(pairs, shown, taxonomy, Joined.CLEAR_WRONG, 2) == shows - {"road_damage", "manhole", "flooding"}


@pytest.mark.parametrize(("way", "row"), [(Joined.CLEAR_NOTHING, 0), (Joined.VAGUE_NOTHING, 3)])
def test_a_picture_of_nothing_shows_no_fault(
    pairs: list[Pair], shown: tuple[int, ...], taxonomy: Taxonomy, way: Joined, row: int
) -> None:
    assert labels_of(pairs, shown, taxonomy, way, row) <= {"street_normal", "irrelevant"}


def test_a_text_that_no_label_fits_has_no_fitting_pair(pairs: list[Pair]) -> None:
    assert not [pair for pair in pairs if pair.text == 1 and pair.joined is Joined.CLEAR_FITTING]


def test_each_text_is_joined_so_many_times_in_each_way(pairs: list[Pair]) -> None:
    for row, ways in {0: 3, 1: 2, 2: 3, 3: 2}.items():
        assert len([pair for pair in pairs if pair.text == row]) == 3 * ways


def test_the_answer_is_the_label_of_the_text_where_it_names_its_object(
    pairs: list[Pair], clear: list[LabelledAlert], vague: list[LabelledAlert]
) -> None:
    rows = [*clear, *vague]
    for pair in pairs:
        if pair.joined is not Joined.VAGUE_FITTING:
            assert pair.labels == {head: rows[pair.text].label(head) for head in HEADS}


def test_the_answer_is_what_the_picture_shows_where_the_text_names_nothing(
    pairs: list[Pair], shown: tuple[int, ...], taxonomy: Taxonomy
) -> None:
    found = [pair for pair in pairs if pair.joined is Joined.VAGUE_FITTING]
    assert found
    for pair in found:
        entry = list(taxonomy.photo_labels.values())[shown[pair.picture]]
        assert pair.labels["category"] == entry.category
        assert pair.labels["priority"] == entry.priority
        assert pair.labels["department"] == taxonomy.categories[entry.category or ""].default_department


def test_a_label_with_many_pictures_is_drawn_no_more_often(vague: list[LabelledAlert], taxonomy: Taxonomy) -> None:
    many = (0,) * 500 + tuple(range(1, len(taxonomy.photo_labels)))
    found = make_pairs([], vague, many, taxonomy, draws=700, seed=0)
    shown = [many[pair.picture] for pair in found if pair.joined is Joined.VAGUE_FITTING]
    assert 50 < shown.count(0) < 150  # a seventh of them


def test_labels_without_pictures_are_joined_with_nothing(
    clear: list[LabelledAlert], vague: list[LabelledAlert], taxonomy: Taxonomy
) -> None:
    only_nothing = (list(taxonomy.photo_labels).index("irrelevant"),)
    found = make_pairs(clear, vague, only_nothing, taxonomy, draws=2, seed=0)
    assert {pair.joined for pair in found} == {Joined.CLEAR_NOTHING, Joined.VAGUE_NOTHING}


def test_the_same_seed_joins_the_same(
    clear: list[LabelledAlert], vague: list[LabelledAlert], shown: tuple[int, ...], taxonomy: Taxonomy
) -> None:
    one, two, other = (make_pairs(clear, vague, shown, taxonomy, draws=3, seed=seed) for seed in (1, 1, 2))
    assert one == two
    assert one != other


# Measured


def test_accuracy_is_counted_for_each_way_that_occurs(pairs: list[Pair]) -> None:
    answers = [pair.labels["category"] if pair.joined is Joined.CLEAR_FITTING else "autre" for pair in pairs]
    found = category_accuracy(pairs, answers)
    assert found[Joined.CLEAR_FITTING] == 1
    assert found[Joined.CLEAR_WRONG] == 0
    assert found[Joined.VAGUE_NOTHING] == 1
    assert found.keys() == {pair.joined for pair in pairs}


def test_half_right_is_a_half() -> None:
    labels = dict.fromkeys(HEADS, "x")
    pairs = [Pair(0, number, Joined.CLEAR_WRONG, labels) for number in range(4)]
    assert category_accuracy(pairs, ["x", "y", "x", "y"]) == {Joined.CLEAR_WRONG: 0.5}
