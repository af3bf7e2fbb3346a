"""How the service writes its log: for eyes, or one JSON object a line for collectors."""

import logging
from typing import TextIO

from pythonjsonlogger.json import JsonFormatter

from triage.settings import LogFormat

_FIELDS = "%(message)s %(levelname)s %(name)s"
_RENAMED = {"levelname": "level", "name": "logger", "message": "event"}
# Those that BentoML gives handlers of their own.
_FOREIGN = ("bentoml", "uvicorn.error", "circus")


def configure_logs(form: LogFormat, stream: TextIO | None = None) -> None:
    """Let what the service has to say be seen, in the form that the settings name.

    BentoML shows warnings alone of loggers that are not its own; a swap of the model is worth a line.

    Args:
        form: text for people, JSON for collectors.
        stream: where lines of JSON go; standard error by default.
    """
    logging.getLogger("triage").setLevel(logging.INFO)
    if form is LogFormat.TEXT:
        return
    handler = json_handler(stream)
    logging.getLogger().handlers = [handler]
    for name in _FOREIGN:
        logging.getLogger(name).handlers = [handler]
        logging.getLogger(name).propagate = False


def json_handler(stream: TextIO | None = None) -> logging.Handler:
    """A handler that writes a JSON object a line: `timestamp`, `level`, `logger`, `event` and what else was given."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter(_FIELDS, rename_fields=_RENAMED, timestamp=True, json_ensure_ascii=False))
    return handler
