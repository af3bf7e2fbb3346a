"""Checkpoints: what was written is read again bit by bit, and a half-written or damaged one is never taken."""

import copy
from pathlib import Path

import pytest
import torch
from torch import nn

from training.checkpoint import (
    Checkpoint,
    InvalidCheckpoint,
    Saved,
    fitted_names,
    named,
    of_optimizer,
    random_states,
    set_random_states,
    to_optimizer,
)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Checkpoint:
    return Checkpoint(tmp_path / "deep" / "seed-0.safetensors")


def step(network: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    optimizer.zero_grad()
    network(torch.ones(2, 3)).square().sum().backward()
    optimizer.step()


def test_where_nothing_was_written_there_is_nothing(checkpoint: Checkpoint) -> None:
    assert checkpoint.read() is None


def test_what_was_written_is_read_again_with_every_bit(checkpoint: Checkpoint) -> None:
    tensors = {"a": torch.randn(3, 2), "b": torch.tensor([1, 2], dtype=torch.uint8), "c": torch.tensor(0.1).double()}
    notes = {"rate": 1 / 3, "names": ["é", None], "deep": {"er": True}}
    checkpoint.write(Saved(tensors, notes))
    found = checkpoint.read()
    assert found is not None
    assert found.notes == notes
    assert set(found.tensors) == set(tensors)
    assert all(torch.equal(found.tensors[name], value) for name, value in tensors.items())
    assert found.tensors["c"].dtype == torch.float64


def test_a_second_checkpoint_takes_the_place_of_the_first(checkpoint: Checkpoint, tmp_path: Path) -> None:
    for number in range(2):
        checkpoint.write(Saved({"a": torch.tensor([number])}, {"number": number}))
    found = checkpoint.read()
    assert found is not None
    assert found.notes["number"] == int(found.tensors["a"]) == 1
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["seed-0.safetensors"]


def test_a_write_that_was_cut_off_leaves_the_one_before(checkpoint: Checkpoint, tmp_path: Path) -> None:
    checkpoint.write(Saved({"a": torch.tensor([1])}, {"number": 1}))
    (tmp_path / "deep" / "seed-0.new").write_bytes(b"half of a")
    found = checkpoint.read()
    assert found is not None
    assert found.notes == {"number": 1}


@pytest.mark.parametrize("kept", [0, 5, 60])
def test_a_damaged_checkpoint_is_refused_with_what_to_do(checkpoint: Checkpoint, tmp_path: Path, kept: int) -> None:
    checkpoint.write(Saved({"a": torch.randn(100)}, {}))
    path = tmp_path / "deep" / "seed-0.safetensors"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(InvalidCheckpoint, match="--fresh"):
        checkpoint.read()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InvalidCheckpoint, match="cannot be written"):
        Checkpoint(tmp_path / "file" / "seed-0.safetensors").write(Saved({"a": torch.ones(1)}, {}))


def test_tensors_are_found_below_their_prefix() -> None:
    tensors = named("network", {"a.b": torch.ones(1)}) | named("best", {"a.b": torch.zeros(1)})
    found = Saved(tensors, {}).below("network")
    assert list(found) == ["a.b"]
    assert found["a.b"].item() == 1.0


def test_frozen_weights_have_no_place_in_a_checkpoint() -> None:
    network = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    network[0].weight.requires_grad_(False)
    assert fitted_names(network) == set(network.state_dict()) - {"0.weight"}


def test_an_optimizer_goes_on_as_if_it_had_never_stopped() -> None:
    torch.manual_seed(0)
    networks = [nn.Linear(3, 1) for _ in range(2)]
    networks[1].load_state_dict(networks[0].state_dict())
    one, two = (torch.optim.AdamW(network.parameters(), lr=0.1) for network in networks)
    step(networks[0], one)
    networks[1].load_state_dict(networks[0].state_dict())
    to_optimizer(two, copy.deepcopy(of_optimizer(one)))
    for network, optimizer in zip(networks, (one, two), strict=True):
        step(network, optimizer)
    assert all(torch.equal(*pair) for pair in zip(networks[0].parameters(), networks[1].parameters(), strict=True))


def test_random_numbers_go_on_where_they_stood() -> None:
    states = random_states()
    expected = torch.rand(5)
    torch.rand(7)
    set_random_states(states)
    assert torch.equal(torch.rand(5), expected)
