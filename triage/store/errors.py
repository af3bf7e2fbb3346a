"""Errors of the store. No message holds a text of an alert, nor what a database driver said about its values."""

from datetime import datetime

from triage.errors import TriageError


class StoreFailed(TriageError):
    """The database cannot be reached, read or written; nothing of the call was stored."""

    code = "store_failed"


class StoreTooNew(StoreFailed):
    """A newer version of this project made the database; this one must not touch it."""

    code = "store_too_new"


class StoreTooOld(StoreFailed):
    """An older version of this project made the database, and it may not be upgraded here."""

    code = "store_too_old"


class IdTaken(TriageError):
    """An alert with this id is stored already, with other content."""

    code = "id_taken"


class UnknownAlert(TriageError):
    """No alert with this id is stored."""

    code = "unknown_alert"


class AlertWithdrawn(TriageError):
    """The alert was withdrawn: nothing is added to it, and nobody reports on it."""

    code = "alert_withdrawn"


class AlertChanged(TriageError):
    """Something was added to the alert since it was read: it is at `version` now."""

    code = "alert_changed"

    def __init__(self, version: int) -> None:
        super().__init__(f"The alert is at version {version} by now; read it again, then send the change again.")
        self.version = version


class WebhookTaken(TriageError):
    """Another webhook has this name."""

    code = "webhook_taken"


class UnknownWebhook(TriageError):
    """No webhook has this name."""

    code = "unknown_webhook"


class BadCursor(TriageError):
    """The cursor of a page is not one that this store gave."""

    code = "bad_cursor"


class OriginalUnreadable(TriageError):
    """An original text is stored, but no key at hand decrypts it."""

    code = "original_unreadable"


class ClaimedByOther(TriageError):
    """Somebody else looks at this alert: `reviewer`, until `until`."""

    code = "claimed_by_other"

    def __init__(self, reviewer: str, until: datetime) -> None:
        super().__init__("Somebody else looks at this alert; take another one.")
        self.reviewer = reviewer
        self.until = until


class AlreadyDecided(TriageError):
    """There is another last answer than the one that was seen: `reviewer`'s, of `at`; none where it was undone."""

    code = "already_decided"

    def __init__(self, reviewer: str | None, at: datetime | None) -> None:
        super().__init__("The answer to this alert has changed since it was shown; look at it again.")
        self.reviewer = reviewer
        self.at = at


class NothingToUndo(TriageError):
    """No decision on this alert is in effect, or another than the one that is to be undone."""

    code = "nothing_to_undo"
