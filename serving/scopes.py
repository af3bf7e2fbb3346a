"""What a key may be used for."""

from enum import StrEnum


class Scope(StrEnum):
    """One use of a key; `admin` stands for all."""

    PREDICT = "predict"
    ALERTS = "alerts"
    EVENTS = "events"
    PERSONAL = "personal"
    ADMIN = "admin"
