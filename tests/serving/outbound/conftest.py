"""A running service, as the alerts' own tests have it."""

from tests.serving.alerts.conftest import client, keys, lamp, model, post, service, start, stored

__all__ = ["client", "keys", "lamp", "model", "post", "service", "start", "stored"]
