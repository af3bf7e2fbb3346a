"""What a training leaves behind until it has ended well: the MLflow run it writes to, and a checkpoint of each fit."""

import fcntl
import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from training.checkpoint import Checkpoint
from triage.errors import InvalidConfiguration

_LOCK, _RUN = ".lock", "run.json"


class Unfinished:
    """The folder of one training."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def run_id(self) -> str | None:
        """The MLflow run of the training that was interrupted; none where none was."""
        try:
            return str(json.loads((self._folder / _RUN).read_text(encoding="utf-8"))["run_id"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def remember(self, run_id: str) -> None:
        """Note the MLflow run that the next start shall go on with."""
        fresh = self._folder / f"{_RUN}.new"
        fresh.write_text(json.dumps({"run_id": run_id}) + "\n", encoding="utf-8")
        fresh.replace(self._folder / _RUN)

    def checkpoint(self, name: str) -> Checkpoint:
        """The checkpoint of one of the training's fits."""
        return Checkpoint(self._folder / f"{name}.safetensors")


@contextmanager
def unfinished(parent: Path, choices: Mapping[str, Any], *, fresh: bool = False) -> Iterator[Unfinished]:
    """The folder of the training with these choices; removed once the block ends well.

    Args:
        parent: holds a folder for each training.
        choices: everything that the result depends on, as JSON can hold it; others have another folder.
        fresh: forget what an interrupted training left.

    Raises:
        InvalidConfiguration: a training with the same choices is running, or the folder cannot be written.
    """
    key = hashlib.sha256(json.dumps(choices, sort_keys=True).encode()).hexdigest()[:16]
    folder = parent / key
    with alone(folder):
        if fresh:
            _empty(folder)
        yield Unfinished(folder)
        shutil.rmtree(folder)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Work in a folder as the only process; it is made where it is missing, and a killed process lets go of it.

    Raises:
        InvalidConfiguration: another one works there, or the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / _LOCK).open("a")
    except OSError as error:
        raise InvalidConfiguration(f"{folder} cannot be written ({error.strerror}); make room for it.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InvalidConfiguration(
                f"The same is running already in another process (it holds {folder}); wait for it, or end it."
            ) from error
        yield


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.name != _LOCK:
            path.unlink()
