"""The alerts of the demo, as `datasets/demo/alerts.jsonl` holds them: their times count back from now."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from triage.errors import InvalidConfiguration, first_fault
from triage.settings import PROJECT_ROOT
from triage.taxonomy import Head

FILE = PROJECT_ROOT / "datasets" / "demo" / "alerts.jsonl"


class DemoPhoto(BaseModel):
    """The picture of an alert: what is drawn, and the label of photos that show the same, if there is one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    drawing: str
    label: str | None = None


class DemoAlert(BaseModel):
    """An alert of the demo.

    Attributes:
        hours_ago: when it was sent.
        category, department, priority: what the guide says.
        fault: alerts with the same one are duplicates.
        area: whether it reports the outage of a whole area.
        covered_by: the fault of the area that it lies in.
        recurrence_of: the fault that came back.
        closed_hours_ago: when its fault was dealt with.
        answered: codes that were chosen at the desk by mistake.
        returned: why a department gave it back.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    text: str
    lat: float
    lon: float
    hours_ago: float = Field(gt=0)
    language: str
    category: str
    department: str
    priority: str
    fault: str | None = None
    area: bool = False
    covered_by: str | None = None
    recurrence_of: str | None = None
    closed_hours_ago: float | None = None
    photo: DemoPhoto | None = None
    answered: Mapping[Head, str] = Field(default_factory=dict)
    returned: str | None = None

    def sent_at(self, now: datetime) -> datetime:
        """When it was sent."""
        return now - timedelta(hours=self.hours_ago)

    def document(self, now: datetime) -> dict[str, Any]:
        """The alert as the resident's app sends it."""
        place = {"lat": self.lat, "lon": self.lon}
        return {"id": self.id, "text": self.text, **place, "created_at": self.sent_at(now).isoformat()}


def read_demo_alerts(path: Path = FILE) -> tuple[DemoAlert, ...]:
    """The alerts, oldest first.

    Raises:
        InvalidConfiguration: the file is missing or malformed.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        alerts = [DemoAlert.model_validate(json.loads(line)) for line in lines]
    except OSError as error:
        raise InvalidConfiguration(f"The demo's alerts {path} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        raise InvalidConfiguration(f"The file {path} is malformed: {first_fault(error, 'the file')}.") from error
    except ValueError as error:
        raise InvalidConfiguration(f"The file {path} is malformed: {error}.") from error
    return tuple(sorted(alerts, key=lambda alert: -alert.hours_ago))
