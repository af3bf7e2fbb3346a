"""`triage backfill`: answers a whole archive through Ray Data, part by part, so that it may be cut off."""

from cli.backfill.command import backfill

__all__ = ["backfill"]
