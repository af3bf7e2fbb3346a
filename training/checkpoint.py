"""A file from which a fit goes on: tensors beside a few notes, replaced whole or not at all; no pickle."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from triage.errors import TriageError

_NOTES = "notes"
_CPU_STATE, _CUDA_STATE = "random.torch", "random.cuda"


class InvalidCheckpoint(TriageError):
    """A training cannot go on from what it left behind."""

    code = "invalid_checkpoint"


@dataclass(frozen=True, slots=True)
class Saved:
    """What a checkpoint holds; `notes` is whatever JSON can hold."""

    tensors: dict[str, Tensor]
    notes: dict[str, Any]

    def below(self, prefix: str) -> dict[str, Tensor]:
        """The tensors whose names begin with `prefix.`, without it."""
        start = f"{prefix}."
        return {name.removeprefix(start): value for name, value in self.tensors.items() if name.startswith(start)}


class Checkpoint:
    """One such file; it need not be there yet."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Saved | None:
        """What was written last; none at first.

        Raises:
            InvalidCheckpoint: the file was damaged.
        """
        if not self._path.exists():
            return None
        try:
            with safe_open(self._path, "pt") as file:
                notes = json.loads(file.metadata()[_NOTES])
                return Saved({name: file.get_tensor(name) for name in file.keys()}, notes)  # noqa: SIM118 - no mapping
        except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
            raise InvalidCheckpoint(
                f"The checkpoint {self._path} cannot be read ({error}); start anew with --fresh."
            ) from error

    def write(self, saved: Saved) -> None:
        """Replace the file; a reader or a crash finds the one before or this one.

        Raises:
            InvalidCheckpoint: it cannot be written.
        """
        fresh = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            tensors = {name: value.detach().cpu().clone() for name, value in saved.tensors.items()}
            save_file(tensors, fresh, {_NOTES: json.dumps(saved.notes)})
            with fresh.open("rb") as stream:
                os.fsync(stream.fileno())
            fresh.replace(self._path)
        except (OSError, SafetensorError) as error:
            raise InvalidCheckpoint(
                f"The checkpoint {self._path} cannot be written ({error}); make room or name another folder of work."
            ) from error


def named(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Tensors under a common prefix, as `Saved.below` finds them."""
    return {f"{prefix}.{name}": value for name, value in tensors.items()}


def fitted_names(network: nn.Module) -> frozenset[str]:
    """What a fit can change in a network: its frozen weights are those of every start, and need no place on disk."""
    frozen = {name for name, value in network.named_parameters() if not value.requires_grad}
    return frozenset(network.state_dict()) - frozen


def only(names: Iterable[str], tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of these names."""
    return {name: tensors[name] for name in names}


def of_optimizer(optimizer: torch.optim.Optimizer) -> Saved:
    """The state of an optimizer, its tensors named by the number of the parameter."""
    state = optimizer.state_dict()
    tensors = {f"{number}.{name}": value for number, held in state["state"].items() for name, value in held.items()}
    return Saved(tensors, {"param_groups": state["param_groups"]})


def to_optimizer(optimizer: torch.optim.Optimizer, saved: Saved) -> None:
    """Give an optimizer of the same parameters its state back."""
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in saved.tensors.items():
        number, _, part = name.partition(".")
        state.setdefault(int(number), {})[part] = value
    optimizer.load_state_dict({"state": state, "param_groups": saved.notes["param_groups"]})


def random_states() -> dict[str, Tensor]:
    """Where torch's generators stand."""
    states = {_CPU_STATE: torch.get_rng_state()}
    if torch.cuda.is_available():
        states[_CUDA_STATE] = torch.cuda.get_rng_state()
    return states


def set_random_states(tensors: Mapping[str, Tensor]) -> None:
    """Put torch's generators where they stood."""
    torch.set_rng_state(tensors[_CPU_STATE])
    if torch.cuda.is_available() and _CUDA_STATE in tensors:
        torch.cuda.set_rng_state(tensors[_CUDA_STATE])
