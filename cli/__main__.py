"""`python -m cli`, for containers, where the command `triage` is not installed."""

from cli.main import run

run()
