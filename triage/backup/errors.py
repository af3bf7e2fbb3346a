"""Errors of backups."""

from triage.errors import TriageError


class BackupFailed(TriageError):
    """A backup cannot be written."""

    code = "backup_failed"


class InvalidBackup(TriageError):
    """The file is no backup, or not what was written; nothing was restored."""

    code = "invalid_backup"


class StoreNotEmpty(TriageError):
    """What is stored would be lost."""

    code = "store_not_empty"
