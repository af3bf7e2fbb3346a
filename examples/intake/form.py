"""What a resident filled in, checked far enough to say in words what is missing; the service checks the rest."""

import re
from dataclasses import dataclass

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from examples.intake.languages import N_
from ondijon_triage_client import MAX_PHOTO_BYTES, MAX_PHOTOS, Alert

MAX_TEXT = 5_000
_BREAKS = re.compile(r"\r\n?")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was filled in; all but the photos is shown again where something is missing."""

    text: str = ""
    address: str = ""
    commune: str = ""
    lat: str = ""
    lon: str = ""
    agreed: bool = False
    photos: tuple[bytes, ...] = ()
    ticket: str = ""
    withdraws: bool = False

    @property
    def place(self) -> tuple[float, float] | None:
        """The position, where the browser gave one."""
        try:
            lat, lon = float(self.lat), float(self.lon)
        except ValueError:
            return None
        return (lat, lon) if abs(lat) <= 90 and abs(lon) <= 180 else None

    def faults(self) -> list[str]:
        """What must be mended, as messages that are not translated yet."""
        found = []
        if not self.text.strip() and not self.photos:
            found.append(N_("Say in a few words what is wrong, or add a photo."))
        if len(self.text) > MAX_TEXT:
            found.append(N_("Your text is too long; 5,000 characters are the most."))
        if len(self.photos) > MAX_PHOTOS:
            found.append(N_("Send three photos at most."))
        if any(len(photo) > MAX_PHOTO_BYTES for photo in self.photos):
            found.append(N_("A photo is too large; 10 MB are the most."))
        if not self.agreed:
            found.append(N_("Please agree that your report is passed on: without that we cannot send it."))
        return found

    def alert(self, alert_id: str) -> Alert:
        """The alert that it becomes; without a time of its own, so that the same form again is the same alert."""
        lat, lon = self.place or (None, None)
        return Alert(
            id=alert_id,
            text=self.text,
            lat=lat,
            lon=lon,
            address=self.address or None,
            commune=self.commune or None,
            channel="web",
            photos=self.photos,
        )


async def read_form(request: Request) -> Filled:
    """The form of a request; photos are bounded by the body's limit, and one byte too many of each is enough to see.

    Raises:
        HTTPException: 400 for what is no form.
    """
    async with request.form(max_files=40, max_fields=16, max_part_size=65_536) as form:
        photos = [part for part in form.getlist("photo") if isinstance(part, UploadFile) and part.size]
        return Filled(
            text=_BREAKS.sub("\n", _text(form, "text")),
            address=_line(form, "address", 300),
            commune=_line(form, "commune", 100),
            lat=_line(form, "lat", 30),
            lon=_line(form, "lon", 30),
            agreed=_text(form, "agreed") == "yes",
            photos=tuple([await photo.read(MAX_PHOTO_BYTES + 1) for photo in photos[: MAX_PHOTOS + 1]]),
            ticket=_line(form, "ticket", 1_000),
            withdraws=_text(form, "action") == "withdraw",
        )


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return _UNPRINTABLE.sub(" ", value) if isinstance(value, str) else ""


def _line(form: FormData, name: str, most: int) -> str:
    return " ".join(_text(form, name).split())[:most]
