"""`python -m training.detectors FOLDER`: build the detectors into a folder."""

import sys
from pathlib import Path

from training.detectors.build import build_detectors
from triage.errors import TriageError


def main(arguments: list[str]) -> int:
    """Build into the one folder that is named; 0 when it worked."""
    if len(arguments) != 1:
        sys.stderr.write("Usage: python -m training.detectors FOLDER\n")
        return 2
    folder = Path(arguments[0])
    try:
        build_detectors(folder)
    except TriageError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    size = sum(path.stat().st_size for path in folder.iterdir())
    sys.stdout.write(f"The detectors are in {folder}: {size / 1e6:.2f} MB.\n")
    return 0


sys.exit(main(sys.argv[1:]))
