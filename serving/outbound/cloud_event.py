"""An event as others see it: CloudEvents 1.0, structured, in JSON."""

import json

from triage.settings import Settings
from triage.store.records import Json, OutboxEvent

MEDIA_TYPE = "application/cloudevents+json"
TYPE_PREFIX = "fr.ondijon.triage."
_URN = "urn:ondijon:triage"


def source_of(settings: Settings) -> str:
    """Who says it: the address of this installation where the settings name one."""
    return settings.public_url or _URN


def cloud_event(event: OutboxEvent, source: str) -> Json:
    """The event with its context, as https://github.com/cloudevents/spec (version 1.0) has it."""
    return {
        "specversion": "1.0",
        "id": event.id,
        "source": source,
        "type": TYPE_PREFIX + event.kind,
        "subject": event.alert_id,
        "time": event.created_at.isoformat(),
        "datacontenttype": "application/json",
        "data": event.body,
    }


def cloud_event_json(event: OutboxEvent, source: str) -> str:
    """The same on one line."""
    return json.dumps(cloud_event(event, source), ensure_ascii=False, separators=(",", ":"))
