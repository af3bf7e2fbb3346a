"""Where the demo's photos come from: drawn by code, or taken from folders named after photo labels."""

import io
import random
from pathlib import Path

from cli.demo.alerts import DemoAlert, DemoPhoto
from cli.demo.pictures import draw
from triage.errors import InvalidConfiguration

_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".heic"}
_JPEG_QUALITY = 88


class PhotoSource:
    """Gives the photo of an alert.

    Args:
        folder: holds a folder of pictures for each photo label; without it, and for labels that it lacks, pictures are
            drawn.

    Raises:
        InvalidConfiguration: the folder holds no picture.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._found: dict[str, list[Path]] = {}
        if folder is None:
            return
        for path in sorted(folder.glob("*/*")):
            if path.suffix.lower() in _SUFFIXES and path.is_file():
                self._found.setdefault(path.parent.name, []).append(path)
        if not self._found:
            raise InvalidConfiguration(
                f"{folder} holds no pictures; it needs folders named after photo labels, such as {folder}/graffiti."
            )

    def photo(self, alert: DemoAlert) -> bytes | None:
        """The photo of an alert, always the same; None where it has none."""
        if alert.photo is None:
            return None
        pictures = self._found.get(alert.photo.label or "", [])
        return random.Random(alert.id).choice(pictures).read_bytes() if pictures else _drawn(alert, alert.photo)


def _drawn(alert: DemoAlert, photo: DemoPhoto) -> bytes:
    content = io.BytesIO()
    draw(photo.drawing, alert.id).save(content, "JPEG", quality=_JPEG_QUALITY)
    return content.getvalue()
