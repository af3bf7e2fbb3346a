"""How weights move: rates by layer, warm-up and decay, and the moving average."""

from typing import Any

import pytest
import torch

from models.networks.text import TextNetwork
from training.config import TextConfig
from training.text.schedule import Schedule

RATES = {"learning_rate": 8e-4, "head_learning_rate": 1e-2, "weight_decay": 0.0}


@pytest.fixture
def config(tiny_config: TextConfig) -> TextConfig:
    return tiny_config.model_copy(update=RATES | {"layer_decay": 0.5, "warmup_share": 0.1, "average_decay": 0.9})


@pytest.fixture
def network(make_tiny: Any) -> TextNetwork:
    network: TextNetwork = make_tiny().network
    return network


def rates(schedule: Schedule) -> dict[str, float]:
    """The full rate of each weight by its name."""
    by_weight = {
        id(weight): group["initial_lr"] for group in schedule.optimizer.param_groups for weight in group["params"]
    }
    return {name: by_weight[id(weight)] for name, weight in schedule.network.named_parameters() if weight.requires_grad}


def at(network: TextNetwork, value: float) -> None:
    """Put the bias of one head to a value, as learning would."""
    network.heads["category"].bias.data.fill_(value)


def bias(network: TextNetwork) -> float:
    values: torch.Tensor = network.heads["category"].bias
    return values.detach()[0].item()


def test_lower_layers_move_with_smaller_rates(network: TextNetwork, config: TextConfig) -> None:
    found = rates(Schedule.of(network, config, 100))
    expected = {
        "heads.": 1e-2,
        "language.": 1e-2,
        "encoder.encoder.layer.1.": 8e-4,
        "encoder.encoder.layer.0.": 4e-4,
        "encoder.embeddings.": 2e-4,
    }
    for name, rate in found.items():
        (wanted,) = (value for start, value in expected.items() if name.startswith(start))
        assert rate == pytest.approx(wanted), name


def test_without_decay_all_layers_share_one_rate(network: TextNetwork, config: TextConfig) -> None:
    found = rates(Schedule.of(network, config.model_copy(update={"layer_decay": 1.0}), 100))
    assert {rate for name, rate in found.items() if name.startswith("encoder.")} == {8e-4}


def test_a_frozen_table_has_no_rate(network: TextNetwork, config: TextConfig) -> None:
    network.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    groups = Schedule.of(network, config, 100).optimizer.param_groups
    assert all(weight.requires_grad for group in groups for weight in group["params"])


def test_rates_rise_over_the_first_steps_and_fall_to_a_fiftieth(network: TextNetwork, config: TextConfig) -> None:
    schedule = Schedule.of(network, config, 100)
    shares = []
    for _ in range(101):
        shares.append(schedule.optimizer.param_groups[0]["lr"] / 1e-2)
        schedule.step()
    # A tenth of the steps is warm-up; after it the rate falls in a line over the other ninety.
    assert shares[:3] == pytest.approx([0.1, 0.2, 0.3])
    assert shares[9] == shares[10] == pytest.approx(1.0)
    assert shares[55] == pytest.approx(0.5)
    assert shares[91] == pytest.approx(0.1)
    assert shares[100] == pytest.approx(0.02)


def test_the_average_lags_behind_the_weights(network: TextNetwork, config: TextConfig) -> None:
    schedule = Schedule.of(network, config, 100)
    found = []
    for value in (1.0, 2.0, 2.0):
        at(network, value)
        schedule.step()
        found.append(bias(schedule.averaged))
    # It starts from the first step's weights, then goes a tenth of the way each time.
    assert found == pytest.approx([1.0, 1.1, 1.19])
    assert bias(network) == 2.0


def test_a_decay_of_zero_keeps_no_average(network: TextNetwork, config: TextConfig) -> None:
    schedule = Schedule.of(network, config.model_copy(update={"average_decay": 0.0}), 100)
    assert schedule.average is None
    assert schedule.averaged is network
    at(network, 3.0)
    schedule.step()
    assert bias(schedule.averaged) == 3.0


def test_a_step_moves_a_weight_that_has_a_gradient(network: TextNetwork, config: TextConfig) -> None:
    schedule = Schedule.of(network, config, 10)  # one step of warm-up, so that the first has the full rate
    at(network, 1.0)
    network.heads["category"].bias.grad = torch.ones_like(network.heads["category"].bias)
    schedule.step()
    assert bias(network) == pytest.approx(1.0 - 1e-2)  # the first step of Adam is as long as its rate
