"""Decodes the photos that come by standard input and says on standard output what became of each; a process of its own.

Each photo is a line of JSON, which holds its `name` and its `length`, and its bytes.
"""

import json
import resource
import sys
import time
import warnings

from triage.errors import PhotoRefused
from triage.photo import LONGEST_SIDE, decode_photo


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000


def judged(content: bytes) -> tuple[str, str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        outcome = judged_with_warnings(content)
    return ("warned", repr(caught[0].message)) if caught else outcome


def judged_with_warnings(content: bytes) -> tuple[str, str]:
    try:
        image = decode_photo(content).image
    except PhotoRefused as refusal:
        return "refused", refusal.message
    except BaseException as error:
        return "raised", repr(error)
    if image.mode != "RGB" or image.info or max(image.size) > LONGEST_SIDE:
        return "wrong", f"{image.mode} {image.size} {image.info}"
    return "decoded", ""


def main() -> None:
    start = peak_mb()
    while line := sys.stdin.buffer.readline():
        photo = json.loads(line)
        content = sys.stdin.buffer.read(photo["length"])
        began = time.process_time()
        outcome, why = judged(content)
        photo |= {"outcome": outcome, "why": why, "seconds": time.process_time() - began, "mb": peak_mb() - start}
        sys.stdout.write(json.dumps(photo) + "\n")


if __name__ == "__main__":
    main()
