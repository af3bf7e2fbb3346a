"""Starts writers in processes of their own, and kills them."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Written:
    """What one writer did until it was killed.

    Attributes:
        moments: when each alert was acknowledged, in seconds of the monotonic clock.
        repeated: how many of them the store had already.
    """

    moments: tuple[float, ...]
    repeated: int


class Lane:
    """A row of writers, each killed before the next starts; numbers its alerts from 0, without a gap.

    A writer begins with the first alert that the one before it has no answer for, as a sender does that tries again.
    """

    def __init__(self, name: str, process: "subprocess.Popen[str]") -> None:
        self._name = name
        self._process = process
        self.acknowledged = 0

    def write(self, seconds: float, begun: Callable[[], object] = lambda: None) -> Written:
        """Start a writer, and kill it so many seconds after its first alert.

        Args:
            seconds: how long it writes.
            begun: called after its first alert; the seconds begin when it returns.

        Raises:
            RuntimeError: it ended by itself.
        """
        lines, pid = self._start()
        kill = threading.Timer(seconds, _kill, (pid,))
        moments: list[float] = []
        repeated = 0
        for line in lines:
            if line == "gone\n":
                break
            word, moment = line.split()
            moments.append(float(moment))
            repeated += word == "repeated"
            if len(moments) == 1:
                begun()
                kill.start()
        if not moments or time.monotonic() - moments[0] < seconds:
            kill.cancel()
            raise RuntimeError("A writer ended before it was killed; its error stands above.")
        kill.join()
        self.acknowledged += len(moments)
        return Written(tuple(moments), repeated)

    def _start(self) -> tuple[Iterator[str], int]:
        source, target = self._process.stdout, self._process.stdin
        if source is None or target is None:
            raise RuntimeError("The writers' process has no pipes.")
        target.write(f"{self._name} {self.acknowledged}\n")
        target.flush()
        started = source.readline()
        if not started:
            raise RuntimeError("The writers' process ended; its error stands above.")
        return iter(source), int(started.split()[1])


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


@contextlib.contextmanager
def lane(name: str, url: str, key: str, options: Sequence[str] = ()) -> Iterator[Lane]:
    """A row of writers into one store.

    Args:
        name: starts the ids of its alerts.
        url: the store, whose tables are there.
        key: the key for personal data.
        options: of the Python interpreter.
    """
    command = [sys.executable, *options, "-m", "evaluation.benchmarks.store.writer"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        if process.stdin is None:
            raise RuntimeError("The writers' process has no pipes.")
        process.stdin.write(f"{url}\n{key}\n")  # not on its command line, which every user of the machine may read
        process.stdin.flush()
        yield Lane(name, process)
        process.stdin.close()
