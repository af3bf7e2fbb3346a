"""Who runs the trials: this process one after another, or workers of Ray side by side."""

import importlib.util
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from training.tuning.trial import TrialRunner, TrialTask

# The least that Ray accepts; trials hand each other a number. Ray's own default is a third of the machine's memory.
_OBJECT_STORE_BYTES = 80 * 1024**2


def ray_is_there() -> bool:
    """Whether the extra `cluster` is installed."""
    return importlib.util.find_spec("ray") is not None


def run_one_by_one(task: TrialTask, draws: Sequence[int], done: Callable[[], None]) -> None:
    """Run a trial for each number of draws before it; `done` is called after each."""
    runner = TrialRunner(task)
    for number in draws:
        runner.run(number)
        done()


def run_side_by_side(task: TrialTask, draws: Sequence[int], done: Callable[[], None], jobs: int) -> None:
    """The same in so many processes of a local Ray cluster; a trial that fails ends the search with its error."""
    import ray  # noqa: PLC0415 - of the extra `cluster`
    from ray.util import ActorPool  # noqa: PLC0415

    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    ray.init(
        address="local",
        num_cpus=jobs,
        include_dashboard=False,
        log_to_driver=False,
        object_store_memory=_OBJECT_STORE_BYTES,
    )
    try:
        threads = max(1, (os.cpu_count() or 1) // jobs)
        worker = ray.remote(num_cpus=1)(_Worker)
        pool = ActorPool([worker.remote(task, str(Path.cwd()), threads) for _ in range(min(jobs, len(draws)))])
        for _ in pool.map_unordered(lambda actor, number: actor.run.remote(number), draws):
            done()
    finally:
        ray.shutdown()


class _Worker:
    """Runs trials in a process of Ray."""

    def __init__(self, task: TrialTask, folder: str, threads: int) -> None:
        os.chdir(folder)  # paths of the configuration, and MLflow's artifacts, are below the folder of the command
        torch.set_num_threads(threads)
        self._runner = TrialRunner(task)

    def run(self, draws: int) -> None:
        self._runner.run(draws)
