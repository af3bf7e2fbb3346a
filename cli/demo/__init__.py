"""`triage demo`: the review desk with 300 alerts in a scratch folder."""

from cli.demo.command import demo

__all__ = ["demo"]
