"""Photos of an alert, as pages show them."""

from dataclasses import dataclass
from typing import Any

from serving.desk.view.links import desk_path
from triage.store.records import StoredAlert


@dataclass(frozen=True, slots=True)
class PhotoView:
    """One photo.

    Attributes:
        number: its place among the alert's photos, from 1.
        path: where its blurred copy is; None where none is kept.
        held: whether it waits for a person, since something in it could not be blurred for sure.
        label: code of what the model saw; None where it could not say.
        share: how sure the model is of that.
        heat_path: the picture of where it saw it.
    """

    number: int
    path: str | None
    held: bool
    label: str | None
    share: float | None
    heat_path: str | None


def photos_of(alert: StoredAlert) -> tuple[PhotoView, ...]:
    """The photos of an alert, in the order in which they came."""
    # Only readable photos are stored; the answer tells of all, so its labels fit where the numbers are equal.
    said = (alert.prediction or {}).get("photos", [])
    labels: list[dict[str, Any]] = list(said) if len(said) == len(alert.photos) else [{}] * len(alert.photos)
    return tuple(
        _photo(alert.id, number, photo, label)
        for number, (photo, label) in enumerate(zip(alert.photos, labels, strict=True), 1)
    )


def _photo(alert_id: str, number: int, photo: dict[str, Any], said: dict[str, Any]) -> PhotoView:
    kept, sure = bool(photo.get("key")), bool(said) and not said["abstains"]
    return PhotoView(
        number=number,
        path=desk_path(alert_id, f"photos/{number}") if kept else None,
        held=bool(photo.get("held")),
        label=said["label"] if sure else None,
        share=said["confidence"] if sure else None,
        heat_path=desk_path(alert_id, f"heat/{number}") if kept and sure else None,
    )
