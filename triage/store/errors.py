"""Errors of the store. No message holds a text of an alert, nor what a database driver said about its values."""

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


class BadCursor(TriageError):
    """The cursor of a page is not one that this store gave."""

    code = "bad_cursor"


class OriginalUnreadable(TriageError):
    """An original text is stored, but no key at hand decrypts it."""

    code = "original_unreadable"
