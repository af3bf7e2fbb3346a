"""`python -m examples.intake`."""

import argparse
import os
import secrets
import sys
from pathlib import Path

import uvicorn

from examples.intake.app import create_app
from examples.intake.settings import IntakeSettings
from ondijon_triage_client import MissingKey

_LOCAL_KEY = Path(".triage") / "local.key"
_EPILOG = """Example: python -m examples.intake --triage http://127.0.0.1:3000 --port 8080
The key comes from TRIAGE_KEY, or from .triage/local.key, which `make run` writes. INTAKE_SECRET signs the links of
reporters; without it they work until this server stops. Phones give their position to https addresses alone: put a
proxy with a certificate before it, and name the proxy in FORWARDED_ALLOW_IPS."""


def main() -> int:
    """Serve the pages until Ctrl+C."""
    parser = argparse.ArgumentParser(
        prog="python -m examples.intake",
        description="A page where residents report a fault and follow it.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--triage", default="http://127.0.0.1:3000", help="address of the triage service")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8080, help="port to listen on")
    parser.add_argument("--limit", default="10 per 10 minutes", help="reports that one address may send")
    chosen = parser.parse_args()
    key = os.environ.get("TRIAGE_KEY") or (_LOCAL_KEY.read_text().strip() if _LOCAL_KEY.exists() else "")
    secret = os.environ.get("INTAKE_SECRET", "")
    try:
        app = create_app(IntakeSettings(chosen.triage, key, secret or secrets.token_urlsafe(32), chosen.limit))
    except (MissingKey, ValueError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command's message
        return 2
    kept = "" if secret else " Links work until it stops; INTAKE_SECRET keeps them."
    print(f"Residents report at http://{chosen.host}:{chosen.port}/ . Ctrl+C stops it.{kept}", flush=True)  # noqa: T201
    # Open pages would keep it waiting for their streams.
    uvicorn.run(app, host=chosen.host, port=chosen.port, log_level="warning", timeout_graceful_shutdown=2)
    return 0


if __name__ == "__main__":
    sys.exit(main())
