"""Where a fit of the text network stands after an epoch: all that the next one depends on."""

import random
from dataclasses import dataclass, field
from enum import StrEnum

from torch import Tensor

from training.checkpoint import (
    Checkpoint,
    InvalidCheckpoint,
    Saved,
    fitted_names,
    named,
    of_optimizer,
    only,
    random_states,
    set_random_states,
    to_optimizer,
)
from training.text.schedule import Schedule

_COUNTED = ("epoch", "steps", "seconds", "best_epoch", "best_score", "ending")


class Ending(StrEnum):
    """Why a fit ended."""

    EPOCHS = "all epochs are done"
    PATIENCE = "the validation score rose no more"
    MINUTES = "its budget of minutes was used up"
    STEPS = "its budget of steps was used up"


@dataclass
class FitState:
    """A fit in progress: counters, the best weights so far, and what moves.

    `epoch` is the last that was scored, from 1; `seconds` those of all starts together.
    """

    schedule: Schedule
    generator: random.Random
    epoch: int = 0
    steps: int = 0
    seconds: float = 0.0
    best_epoch: int = 0
    best_score: float = -1.0
    ending: Ending | None = None
    best: dict[str, Tensor] = field(default_factory=dict)

    def note(self, score: float) -> None:
        """Count an epoch that was just scored, and keep its weights if they are the best so far."""
        self.epoch += 1
        if score > self.best_score:
            self.best_epoch, self.best_score = self.epoch, score
            weights = self.schedule.averaged.state_dict()
            self.best = {name: value.clone() for name, value in weights.items()}

    def save(self, checkpoint: Checkpoint) -> None:
        """Write everything.

        Raises:
            InvalidCheckpoint: it cannot be written.
        """
        schedule = self.schedule
        names = fitted_names(schedule.network)
        optimizer = of_optimizer(schedule.optimizer)
        tensors = (
            named("network", only(names, schedule.network.state_dict()))
            | named("best", only(names, self.best))
            | named("optimizer", optimizer.tensors)
            | random_states()
        )
        if schedule.average:
            tensors |= named("average", only(names, schedule.averaged.state_dict()))
            tensors |= {"averaged": schedule.average.n_averaged}
        notes = {
            **{name: getattr(self, name) for name in _COUNTED},
            "optimizer": optimizer.notes,
            "scheduler": schedule.scheduler.state_dict(),
            "generator": self.generator.getstate(),
        }
        checkpoint.write(Saved(tensors, notes))

    def restore(self, checkpoint: Checkpoint) -> bool:
        """Take everything from a checkpoint; False where there is none.

        Raises:
            InvalidCheckpoint: it is damaged, or belongs to another network.
        """
        saved = checkpoint.read()
        if saved is None:
            return False
        try:
            self._take(saved)
        except (KeyError, ValueError, TypeError, RuntimeError) as error:
            raise InvalidCheckpoint(
                f"The checkpoint does not fit what is trained now ({error}); start anew with --fresh."
            ) from error
        return True

    def _take(self, saved: Saved) -> None:
        schedule, notes = self.schedule, saved.notes
        start = schedule.network.state_dict()
        # The frozen weights, which are in no checkpoint, are those of the start.
        self.best = {name: value.clone() for name, value in (start | saved.below("best")).items()}
        schedule.network.load_state_dict(start | saved.below("network"))
        if schedule.average:
            schedule.averaged.load_state_dict(start | saved.below("average"))
            schedule.average.n_averaged.copy_(saved.tensors["averaged"])
        to_optimizer(schedule.optimizer, Saved(saved.below("optimizer"), notes["optimizer"]))
        schedule.scheduler.load_state_dict(notes["scheduler"])
        for name in _COUNTED:
            setattr(self, name, notes[name])
        self.ending = Ending(notes["ending"]) if notes["ending"] else None
        version, words, gauss = notes["generator"]
        self.generator.setstate((version, tuple(words), gauss))
        set_random_states(saved.tensors)
