"""What an alert says, in bytes that are the same however its sender wrote it down."""

import hashlib
import json
from datetime import UTC

from triage.addition import Addition
from triage.alert import Alert, Photo


def canonical_addition(alert_id: str, addition: Addition, key: str | None) -> bytes:
    """The same of what is added to an alert: a repeat is harmless, and a new key makes the same words an addition."""
    said = {"text": addition.text, "photo": [_photo(photo) for photo in addition.photo]}
    return json.dumps({"id": alert_id, "key": key} | said, sort_keys=True, separators=(",", ":")).encode()


def canonical_content(alert: Alert) -> bytes:
    """The fields of an alert in one fixed form, to tell a harmless repeat from an id used twice.

    The order of fields, spaces, the zone of a time and the way in which a photo came make no difference. A photo counts
    by its bytes, or by its link where it came as one: a repeat need not fetch it again.
    """
    fields = {
        "id": alert.id,
        "text": alert.text,
        "photo": [_photo(photo) for photo in alert.photo],
        "lat": alert.lat,
        "lon": alert.lon,
        "created_at": alert.created_at.astimezone(UTC).isoformat() if alert.created_at else None,
        "category_hint": alert.category_hint,
    }
    # Only where they are given: alerts from before there were these fields keep their digests.
    later = {"address": alert.address, "commune": alert.commune, "channel": alert.channel}
    fields |= {name: value for name, value in later.items() if value is not None}
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()


def _photo(photo: Photo) -> str:
    return photo.url or photo.path or hashlib.sha256(photo.content()).hexdigest()
