"""What every request passes before it reaches a route."""

from collections.abc import Mapping
from typing import Any

from serving.authentication import AuthenticationMiddleware
from serving.desk.languages import read_languages
from serving.desk.map.backdrop import Backdrop
from serving.foreign_keys import ForeignKeyMiddleware
from serving.key_limits import KeyLimitMiddleware
from serving.limits import BodyLimitMiddleware
from serving.open311.errors import StandardErrorsMiddleware
from serving.open311.languages import LanguageChoice
from serving.paths import PathMiddleware
from serving.problems import ProblemMiddleware
from serving.readiness import ReadinessMiddleware
from serving.request_log import RequestLogMiddleware
from serving.runtime import Runtime
from serving.staff.guard import StaffMiddleware
from serving.tracing import TracingMiddleware, span_provider

Layer = tuple[type[Any], Mapping[str, Any]]


def layers(runtime: Runtime) -> tuple[Layer, ...]:
    """The layers with their options, the outermost first."""
    languages = LanguageChoice(read_languages(runtime.settings.time_zone))
    image_hosts = Backdrop.from_settings(runtime.settings).image_hosts
    return (
        (RequestLogMiddleware, {"runtime": runtime}),
        (TracingMiddleware, {"provider": span_provider(runtime.settings.otlp_endpoint)}),
        (StandardErrorsMiddleware, {"languages": languages}),
        (ProblemMiddleware, {}),
        (ReadinessMiddleware, {"runtime": runtime}),
        (PathMiddleware, {}),
        (BodyLimitMiddleware, {"runtime": runtime}),
        (ForeignKeyMiddleware, {}),
        (AuthenticationMiddleware, {"runtime": runtime}),
        (KeyLimitMiddleware, {"runtime": runtime}),
        (StaffMiddleware, {"runtime": runtime, "image_hosts": image_hosts}),
    )
