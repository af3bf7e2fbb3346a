"""Files that only their owner may read."""

import os
from pathlib import Path


def write_private(path: Path, content: str) -> None:
    """Write a file whole (mode 600), in a folder that is made where it is missing (mode 700).

    Raises:
        OSError: it cannot be written; then it is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    scratch = path.with_suffix(".new")
    scratch.unlink(missing_ok=True)
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(content)
    scratch.replace(path)
