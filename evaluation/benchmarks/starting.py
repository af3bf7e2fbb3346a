"""How long imports and the loading of sessions take by themselves, in a process of their own."""

import subprocess
import sys
from pathlib import Path

_PROGRAM = """
import sys, time
started = time.perf_counter()
import bentoml
import serving.app
import serving.models.loading
from models.predictor import Predictor
from pathlib import Path
Predictor.load(Path(sys.argv[1]), threads=1, languages=True)
print(time.perf_counter() - started)
"""


def imports_and_load_s(bundle: Path) -> float:
    """Seconds to import what serves and to load a bundle.

    Raises:
        CalledProcessError: the bundle does not load.
    """
    command = [sys.executable, "-c", _PROGRAM, str(bundle.resolve())]
    done = subprocess.run(command, check=True, capture_output=True, encoding="utf-8")  # noqa: S603 - our own interpreter
    return float(done.stdout.split()[-1])
