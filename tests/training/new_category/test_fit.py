"""A grown network keeps what it knew, learns what is new, and leaves its lower layers alone."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from models.bundle import Bundle
from models.networks.text import TextNetwork
from models.text import TextDescription, TextModel
from training.new_category.config import GrowthConfig
from training.new_category.fit import Material, answers, fit_grown, grow
from training.new_category.restore import restore_network
from training.new_category.states import read_texts
from triage.corpus import LabelledAlert
from triage.taxonomy import HEADS, Taxonomy

MakeRows = Callable[..., list[LabelledAlert]]

NEW = "compostage"
CONFIG = GrowthConfig(
    fitted_layers=1, epochs=12, batch_size=8, learning_rate=3e-3, head_learning_rate=2e-2, repeats=3, rehearsed=20
)


@pytest.fixture(scope="module")
def description(bundle: Bundle) -> TextDescription:
    return TextModel.from_bundle(bundle, 1).description


@pytest.fixture(scope="module")
def restored(bundle: Bundle, description: TextDescription) -> TextNetwork:
    return restore_network(bundle, description, 0.1).network


@pytest.fixture(scope="module")
def rows(make_rows: MakeRows) -> list[LabelledAlert]:
    known = [*make_rows("voirie", "voirie", 1, 20), *make_rows("graffiti", "proprete", 2, 20)]
    return [*known, *make_rows(NEW, "collecte", 0, 12)]


@pytest.fixture(scope="module")
def material(rows: list[LabelledAlert], bundle: Bundle, description: TextDescription, grown: Taxonomy) -> Material:
    read = read_texts(bundle, [row.masked_text for row in rows], below=1, threads=1)
    return Material.of(rows, read, description, grown)


def test_heads_keep_the_rows_of_known_codes_in_the_order_of_the_new_taxonomy(
    restored: TextNetwork, description: TextDescription, grown: Taxonomy
) -> None:
    bigger = grow(restored, description, grown)
    for head in HEADS:
        for code in description.codes[head]:
            before = restored.heads[head].weight[description.codes[head].index(code)]  # type: ignore[index,union-attr]
            after = bigger.heads[head].weight[grown.codes(head).index(code)]  # type: ignore[index,union-attr]
            assert torch.equal(before, after)
    assert bigger.codes == {head: len(grown.codes(head)) for head in HEADS}
    assert restored.codes["category"] == bigger.codes["category"] - 1


def test_only_rows_that_the_bundle_could_answer_count_as_known(material: Material) -> None:
    assert material.known.tolist() == [True] * 40 + [False] * 12


def test_before_any_fit_the_upper_layers_answer_what_the_bundle_answers(
    restored: TextNetwork, material: Material
) -> None:
    found = answers(restored, material.read, CONFIG)
    for head in HEADS:
        assert np.abs(found[head] - material.read.logits[head]).max() < 0.05


def test_the_new_category_is_learned_the_old_ones_are_kept_and_lower_layers_stay(
    restored: TextNetwork, material: Material, description: TextDescription, grown: Taxonomy
) -> None:
    before = {name: values.clone() for name, values in restored.state_dict().items()}
    losses: list[float] = []
    fitted = fit_grown(restored, material, description, grown, CONFIG, lambda loss, _epoch: losses.append(loss))
    said = answers(fitted, material.read, CONFIG)["category"].argmax(axis=1)
    assert (said == material.labels["category"]).mean() > 0.9
    assert len(losses) == CONFIG.epochs
    assert losses[-1] < losses[0] / 2
    after = fitted.state_dict()
    for name, values in before.items():
        assert torch.equal(restored.state_dict()[name], values), f"{name} of the bundle's own network moved"
        if name.startswith(("encoder.embeddings", "encoder.encoder.layer.0", "language")):
            assert torch.equal(after[name], values), f"{name} was to stay"
    assert not torch.equal(
        after["encoder.encoder.layer.1.output.dense.weight"], before["encoder.encoder.layer.1.output.dense.weight"]
    )


def test_equal_seeds_give_equal_networks(
    restored: TextNetwork, material: Material, description: TextDescription, grown: Taxonomy
) -> None:
    short = CONFIG.model_copy(update={"epochs": 1})
    first, second = (fit_grown(restored, material, description, grown, short).state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)
