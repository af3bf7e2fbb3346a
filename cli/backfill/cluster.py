"""The one place that knows Ray: a private cluster on this machine or an existing one, and parts sent through it."""

import contextlib
import logging
import os
import secrets
import socket
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from cli.backfill.parts import Part, Piece
from cli.backfill.scoring import Job, PartReport, Scorer
from cli.backfill.terminal import native_messages_dropped
from models.onnx import available_cores
from triage.errors import BackfillFailed, InvalidConfiguration, TriageError

# Parts pass by their numbers alone, so little has to lie in shared memory.
_OBJECT_STORE_BYTES = 100 << 20
# The switch by which Ray keeps to 127.0.0.1 on Windows and macOS. Without it, it takes the machine's outer address in
# place of 127.0.0.1, and listens there.
_LOOPBACK = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
# It reports to nobody, and prints nothing of its own.
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DATA_DISABLE_PROGRESS_BARS": "1",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
_PATIENCE_S = 10


@contextlib.contextmanager
def started(address: str | None, workers: int | None) -> Iterator[int]:
    """Start Ray on this machine, open to nobody else, or join a cluster; gives how many parts it answers at a time.

    Args:
        address: of a cluster that this machine is part of, such as `head:6379`, or `auto`; None for this machine alone.
        workers: how many; by default one for each core.

    Raises:
        InvalidConfiguration: the cluster cannot be reached or has fewer cores.
    """
    with native_messages_dropped(), contextlib.ExitStack() as stack:
        if address is None:
            count = workers or available_cores()
            _start(stack, count)
        else:
            count = _join(stack, address, workers)
        yield count


def _start(stack: contextlib.ExitStack, cores: int) -> None:
    folder = stack.enter_context(_scratch_folder())
    ray = _imported(_private())
    stack.callback(ray.shutdown)
    ray.init(
        "local",
        num_cpus=cores,
        num_gpus=0,
        include_dashboard=False,
        object_store_memory=_OBJECT_STORE_BYTES,
        logging_level=logging.ERROR,
        log_to_driver=False,
        _temp_dir=folder,
    )


def _join(stack: contextlib.ExitStack, address: str, workers: int | None) -> int:
    """Join a cluster; returns how many workers it is to have."""
    _require_listener(address)
    ray = _imported(_LOOPBACK if _host(address) == "127.0.0.1" else {})
    stack.callback(ray.shutdown)
    try:
        ray.init(address, logging_level=logging.ERROR, log_to_driver=False)
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise InvalidConfiguration(
            f"The cluster at {address} cannot be joined: {said} Check --address, or leave it out to use this machine."
        ) from error
    cores = int(ray.cluster_resources().get("CPU", 0))
    if cores < (workers or 1):
        raise InvalidConfiguration(f"The cluster at {address} has {cores} cores; name at most as many --workers.")
    return workers or cores


def answer_parts(job: Job, parts: Sequence[Part], workers: int) -> Iterator[tuple[PartReport, str]]:
    """Let the workers answer parts; each report comes when its part is written, with the node that wrote it.

    Raises:
        BackfillFailed: a worker cannot go on; what is written stays.
    """
    import ray
    import ray.data

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    items = [_as_item(part) for part in parts]
    reports = ray.data.from_items(items, override_num_blocks=len(items)).map_batches(
        _PartActor,
        fn_constructor_args=(job,),
        batch_size=1,
        batch_format="numpy",
        num_cpus=1,
        # A part that waits behind another is not there for a worker that has nothing to do.
        compute=ray.data.ActorPoolStrategy(size=min(workers, len(parts)), max_tasks_in_flight_per_actor=1),
    )
    try:
        for row in reports.iter_rows():
            if row["problem"]:
                raise BackfillFailed(f"{row['problem']} What is answered is kept; start the same command again.")
            yield PartReport(*(row[name] for name in PartReport.__dataclass_fields__)), row["node"]
    except ray.exceptions.RayTaskError:
        raise  # a fault of this program, whose trace says where
    except ray.exceptions.RayError as error:
        said = str(error).strip().splitlines()[-1]
        raise BackfillFailed(f"Ray gave up: {said} What is answered is kept; start the same command again.") from error


class _PartActor:
    """A worker: holds the models, and answers one part at a time."""

    def __init__(self, job: Job) -> None:
        # An error here would come back as a page of Ray's; with the first part it is a sentence.
        self._scorer: Scorer | None = None
        self._problem = ""
        try:
            self._scorer = Scorer(job)
        except TriageError as error:
            self._problem = error.message

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[Any]]:
        import ray

        part = _as_part(batch)
        report, problem = PartReport(part.number, 0, 0, 0.0, 0.0), self._problem
        if self._scorer:
            try:
                report = self._scorer.run(part)
            except TriageError as error:
                problem = error.message
            except OSError as error:
                problem = f"{part.name} cannot be read or written: {error}."
        node = ray.get_runtime_context().get_node_id()
        told = {name: [getattr(report, name)] for name in PartReport.__dataclass_fields__}
        return told | {"problem": [problem], "node": [node]}


def _as_item(part: Part) -> dict[str, int]:
    piece = part.piece
    return {
        "number": part.number,
        "file": part.file,
        "first_row": part.first_row,
        "begin": piece.begin,
        "end": piece.end,
        "rows": piece.rows,
    }


def _as_part(batch: dict[str, Any]) -> Part:
    item = {name: int(values[0]) for name, values in batch.items()}
    return Part(item["number"], item["file"], item["first_row"], Piece(item["begin"], item["end"], item["rows"]))


def _private() -> dict[str, str]:
    """Variables of a cluster that only this process may use."""
    return {
        **_LOOPBACK,
        "RAY_AUTH_MODE": "token",
        # Otherwise Ray keeps a token for ever in the home folder.
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
    }


def _scratch_folder() -> "tempfile.TemporaryDirectory[str]":
    # Paths of sockets may have 107 characters at most, 104 on macOS, and Ray adds 62.
    short = None if len(tempfile.gettempdir()) < 24 else "/tmp"  # noqa: S108 - the folder in it has a name of its own
    return tempfile.TemporaryDirectory(prefix="triage-", dir=short, ignore_cleanup_errors=True)


def _imported(variables: dict[str, str]) -> Any:
    """Ray, which reads its variables when it is imported."""
    os.environ.update(_QUIET | variables)
    import ray

    logging.getLogger("ray").setLevel(logging.ERROR)
    return ray


def _host(address: str) -> str | None:
    return urlsplit(f"//{address}").hostname


def _require_listener(address: str) -> None:
    """Ray would try for minutes, and then give no reason."""
    if address == "auto":
        return
    if "://" in address:
        raise InvalidConfiguration(
            f"--address {address} is for clients outside a cluster; start triage on one of its machines with --address"
            " auto, or send it there with: ray job submit -- triage backfill --address auto …."
        )
    try:
        port = urlsplit(f"//{address}").port
        socket.create_connection((_host(address) or "", port or 0), _PATIENCE_S).close()
    except (OSError, ValueError) as error:
        raise InvalidConfiguration(
            f"Nothing answers at {address}: {error}. Check --address, or leave it out to use this machine."
        ) from error
