"""The fusion: the text decides where it names an object, the photo where it does not, and chances stay chances."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.bundle import load_bundle
from models.fusion import DESCRIPTION, Fusion, FusionDescription, Gate, Linear, TextAnswer
from models.predictor import Predictor
from triage.errors import InvalidBundle
from triage.settings import PROJECT_ROOT
from triage.taxonomy import HEADS, Head, load_taxonomy

Reseal = Callable[..., Path]

TAXONOMY = load_taxonomy(PROJECT_ROOT / "datasets" / "taxonomy.yaml")
CODES: dict[Head, tuple[str, ...]] = {head: TAXONOMY.codes(head) for head in HEADS}
LABELS = tuple(TAXONOMY.photo_labels)
URGENT = CODES["priority"].index(TAXONOMY.urgent_priority)
# Embeddings of texts: the first number says that they name nothing, the second that something raises the priority.
VAGUE, CLEAR, VAGUE_AND_RAISED = (1.0, -1.0), (-1.0, -1.0), (1.0, 1.0)


def fusion(bias: float = 0.0, **gate: float) -> Fusion:
    """A fusion whose gate follows the text that names nothing, unless told otherwise."""
    weights = dict.fromkeys(Gate.model_fields, 0.0) | {"bias": bias, "names_nothing": 3.0} | gate
    probes = {
        "names_nothing": Linear(weights=(5.0, 0.0), bias=0.0),
        "raised": Linear(weights=(0.0, 20.0), bias=0.0),
    }
    return Fusion(FusionDescription(**probes, gate=Gate(**weights)), TAXONOMY, CODES)


def text(embedding: tuple[float, float] = CLEAR, has_words: bool = True, **codes: str) -> TextAnswer:
    """A text that is sure of these codes; of others than given it takes the last ones."""
    probabilities = {}
    for head in HEADS:
        likely = np.full(len(CODES[head]), 0.01)
        likely[CODES[head].index(codes.get(head, CODES[head][-1]))] = 1
        probabilities[head] = likely / likely.sum()
    return TextAnswer(probabilities, np.array(embedding), has_words)


def photo(label: str, confidence: float = 1.0) -> np.ndarray:
    shares = np.full(len(LABELS), (1 - confidence) / (len(LABELS) - 1))
    shares[LABELS.index(label)] = confidence
    return shares


def best(probabilities: dict[Head, np.ndarray], head: Head = "category") -> str:
    return CODES[head][int(probabilities[head].argmax())]


# Who decides


@pytest.mark.parametrize("label", [code for code, entry in TAXONOMY.photo_labels.items() if entry.category])
def test_without_words_the_answer_is_what_the_photo_shows(label: str) -> None:
    entry = TAXONOMY.photo_labels[label]
    fused = fusion(bias=-20).fuse(text(has_words=False), photo(label))
    assert best(fused.probabilities, "category") == entry.category
    assert best(fused.probabilities, "priority") == entry.priority
    assert best(fused.probabilities, "department") == TAXONOMY.categories[entry.category or ""].default_department
    assert fused.probabilities["priority"][URGENT] == pytest.approx(entry.urgent)
    assert fused.photo_share == pytest.approx(1)
    assert not fused.inconclusive


def test_a_text_that_names_nothing_leaves_it_to_the_photo_and_a_clear_one_does_not() -> None:
    vague = fusion().fuse(text(VAGUE), photo("graffiti", 0.95))
    clear = fusion().fuse(text(CLEAR, category="voirie"), photo("graffiti", 0.95))
    assert best(vague.probabilities) == "graffiti"
    assert best(clear.probabilities) == "voirie"
    assert vague.photo_share > 0.9
    assert clear.photo_share < 0.1


@pytest.mark.parametrize("label", [code for code, entry in TAXONOMY.photo_labels.items() if not entry.category])
@pytest.mark.parametrize("asked", [text(has_words=False, category="voirie"), text(VAGUE, category="voirie")])
def test_a_photo_that_shows_nothing_wrong_beside_a_text_that_names_nothing_belongs_nowhere(
    label: str, asked: TextAnswer
) -> None:
    fused = fusion(bias=20).fuse(asked, photo(label))
    assert best(fused.probabilities) == TAXONOMY.fallback_category
    assert best(fused.probabilities, "department") == TAXONOMY.fallback_department
    assert best(fused.probabilities, "priority") == CODES["priority"][-1]
    assert fused.photo_share == 0


def test_a_raised_text_raises_nothing_where_the_photo_shows_nothing_wrong() -> None:
    fused = fusion(bias=20).fuse(text(VAGUE_AND_RAISED, priority="basse"), photo("street_normal"))
    assert best(fused.probabilities, "priority") == CODES["priority"][-1]


def test_a_closed_gate_leaves_the_answer_of_the_text() -> None:
    asked = text(CLEAR, category="voirie")
    for head, row in fusion().mix(asked, photo("waste"), gate=0.0).items():
        np.testing.assert_array_equal(row, asked.probabilities[head])


def test_what_is_inconclusive_names_nothing_and_has_no_photo_that_says_more() -> None:
    cases = {
        (VAGUE, "irrelevant"): True,
        (VAGUE, "street_normal"): True,
        (VAGUE, "waste"): False,
        (CLEAR, "irrelevant"): False,
        (CLEAR, "waste"): False,
    }
    found = {
        (embedding, label): fusion().fuse(text(embedding), photo(label)).inconclusive for embedding, label in cases
    }
    assert found == cases
    assert fusion().fuse(text(has_words=False), photo("irrelevant")).inconclusive


# Chances


shares = st.integers(0, 2**32).map(np.random.default_rng)


@settings(max_examples=100, deadline=None)
@given(shares, st.booleans(), st.floats(-30, 30))
def test_every_answer_sums_to_one_whatever_is_joined(
    generator: np.random.Generator, has_words: bool, bias: float
) -> None:
    rows = {head: generator.dirichlet(np.full(len(CODES[head]), 0.3)) for head in HEADS}
    asked = TextAnswer(rows, generator.normal(0, 3, 2), has_words)
    joined = fusion(bias=bias, agreement=2.0).fuse(asked, generator.dirichlet(np.full(len(LABELS), 0.3)))
    for head in HEADS:
        assert joined.probabilities[head].sum() == pytest.approx(1)
        assert (joined.probabilities[head] >= -1e-12).all()
    assert 0 <= joined.photo_share <= 1


@pytest.mark.parametrize("label", [code for code, entry in TAXONOMY.photo_labels.items() if entry.category])
def test_a_raised_priority_is_one_step_higher_and_never_urgent(label: str) -> None:
    entry = TAXONOMY.photo_labels[label]
    calm = fusion(bias=20).fuse(text(VAGUE), photo(label)).probabilities["priority"]
    raised = fusion(bias=20).fuse(text(VAGUE_AND_RAISED), photo(label)).probabilities["priority"]
    rank = CODES["priority"].index(entry.priority or "")
    assert int(calm.argmax()) == rank
    assert int(raised.argmax()) == max(rank - 1, URGENT + 1)
    assert raised[URGENT] == pytest.approx(calm[URGENT], abs=1e-6)


# Several photos


def test_one_photo_is_its_own_answer() -> None:
    np.testing.assert_allclose(fusion().join_photos(photo("waste", 0.7)[None]), photo("waste", 0.7))


def test_a_photo_of_a_fault_is_louder_than_two_that_show_none() -> None:
    joined = fusion().join_photos(
        np.stack([photo("street_normal", 0.9), photo("waste", 0.9), photo("irrelevant", 0.9)])
    )
    assert LABELS[int(joined.argmax())] == "waste"


@settings(max_examples=50, deadline=None)
@given(shares, st.integers(1, 3))
def test_photos_join_to_chances_in_any_order(generator: np.random.Generator, count: int) -> None:
    rows = generator.dirichlet(np.full(len(LABELS), 0.3), count)
    joined = fusion().join_photos(rows)
    assert joined.sum() == pytest.approx(1)
    np.testing.assert_allclose(joined, fusion().join_photos(rows[::-1]))


# Disagreement


@pytest.mark.parametrize(
    ("category", "label", "apart"),
    [
        ("voirie", "waste", True),
        ("voirie", "road_damage", False),
        ("collecte", "waste", False),  # a full bin looks like litter
        ("voirie", "street_normal", False),
        ("voirie", "irrelevant", False),
        ("animaux", "flooding", True),
    ],
)
def test_a_photo_disagrees_where_it_shows_what_such_an_alert_would_not_carry(
    category: str, label: str, apart: bool
) -> None:
    joined = fusion(bias=-20)
    seen = photo(label, 0.9)
    assert joined.disagrees(seen, joined.fuse(text(CLEAR, category=category), seen)) is apart


# What the gate sees


def test_the_gate_sees_numbers_within_bounds() -> None:
    sure = TextAnswer({head: np.eye(len(CODES[head]))[0] for head in HEADS}, np.array([1e9, 0.0]), has_words=True)
    for seen in (photo("waste"), photo("irrelevant"), np.full(len(LABELS), 1 / len(LABELS))):
        found = fusion().gate_inputs(sure, seen)
        assert found.shape == (len(Gate.model_fields),)
        assert np.abs(found).max() <= 6


def test_the_gate_sees_whether_both_agree() -> None:
    agreement = list(Gate.model_fields).index("agreement")
    together, apart = (
        fusion().gate_inputs(text(CLEAR, category=category), photo("waste"))[agreement]
        for category in ("proprete", "animaux")
    )
    assert together > 0.8
    assert apart < 0.2


def test_weights_stand_in_the_order_of_the_inputs() -> None:
    names = list(Gate.model_fields)
    weights = fusion(**{name: float(number) for number, name in enumerate(names)}).gate_weights
    assert weights.tolist() == list(range(len(names)))


# Bundles


@pytest.mark.parametrize("content", ["", "{}", '{"gate": 1}', "[]"])
def test_a_file_that_describes_no_fusion_is_refused(colour_copy: Path, reseal: Reseal, content: str) -> None:
    (colour_copy / DESCRIPTION).write_text(content, encoding="utf-8")
    bundle = load_bundle(reseal(colour_copy))
    with pytest.raises(InvalidBundle, match="does not describe a fusion"):
        Fusion.from_bundle(bundle, TAXONOMY, CODES)


def test_a_fusion_of_another_text_model_is_refused_before_anything_is_served(colour_copy: Path, reseal: Reseal) -> None:
    (colour_copy / DESCRIPTION).write_text(fusion().description.model_dump_json(), encoding="utf-8")
    with pytest.raises(InvalidBundle, match="reads another text model"):
        Predictor.load(reseal(colour_copy), threads=1)
