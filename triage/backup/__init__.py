"""Backups of the alert store: one file of either database, read again by either."""
