"""The pair network as two ONNX graphs: the same answers, for texts of any length."""

from pathlib import Path

import numpy as np
import pytest
import torch

from models.duplicates.network import PairNetwork as ExportedNetwork
from models.networks.pairs import PairNetwork
from training.duplicates.export import _prove, export_network

STATES, WIDTH = 12, 8


@pytest.fixture(scope="module")
def network() -> PairNetwork:
    torch.manual_seed(2)
    return PairNetwork(STATES, WIDTH, dropout=0.3).eval()


@pytest.fixture(scope="module")
def exported(network: PairNetwork, tmp_path_factory: pytest.TempPathFactory) -> ExportedNetwork:
    folder = tmp_path_factory.mktemp("graphs")
    return export_network(network, STATES, folder / "encoder.onnx", folder / "comparison.onnx")


def texts(*lengths: int) -> list[np.ndarray]:
    generator = np.random.default_rng(6)
    return [generator.normal(size=(length, STATES)).astype(np.float32) for length in lengths]


def test_the_graphs_answer_as_the_network_for_texts_of_any_length(
    network: PairNetwork, exported: ExportedNetwork
) -> None:
    one, two = texts(1, 7, 48, 3), texts(48, 1, 2, 48)[::-1]
    narrow = [[exported.encode(text) for text in side] for side in (one, two)]
    found = exported.compare(*narrow)
    with torch.inference_mode():
        for row, (first, second) in enumerate(zip(one, two, strict=True)):
            both = [network.encoder(torch.from_numpy(text[None])) for text in (first, second)]
            masks = [torch.ones(side.shape[:2]) for side in both]
            assert narrow[0][row] == pytest.approx(both[0][0].numpy(), abs=1e-4)
            expected = network.comparison(both[0], masks[0], both[1], masks[1]).item()
            assert found[row] == pytest.approx(expected, abs=1e-3)


def test_both_orders_of_a_pair_give_the_same_logit(exported: ExportedNetwork) -> None:
    one, two = [exported.encode(text) for text in texts(5, 9, 2)], [exported.encode(text) for text in texts(8, 3, 2)]
    np.testing.assert_allclose(exported.compare(one, two), exported.compare(two, one), atol=1e-4)


def test_narrow_states_fit_into_a_byte(exported: ExportedNetwork) -> None:
    [text] = texts(30)
    assert np.abs(exported.encode(100 * text)).max() <= 4


def test_graphs_of_another_network_are_refused(exported: ExportedNetwork) -> None:
    torch.manual_seed(3)
    with pytest.raises(RuntimeError, match=r"differs by .* in a logit"):
        _prove(PairNetwork(STATES, WIDTH, dropout=0.0).eval(), exported, STATES)


def test_the_graphs_are_files_without_neighbours(network: PairNetwork, tmp_path: Path) -> None:
    export_network(network, STATES, tmp_path / "one.onnx", tmp_path / "two.onnx")
    assert {path.name for path in tmp_path.iterdir()} == {"one.onnx", "two.onnx"}
