"""What every request passes before it reaches a route."""

from collections.abc import Mapping
from typing import Any

from serving.authentication import AuthenticationMiddleware
from serving.desk.map.backdrop import Backdrop
from serving.limits import BodyLimitMiddleware
from serving.paths import PathMiddleware
from serving.problems import ProblemMiddleware
from serving.runtime import Runtime
from serving.staff.guard import StaffMiddleware

Layer = tuple[type[Any], Mapping[str, Any]]


def layers(runtime: Runtime) -> tuple[Layer, ...]:
    """The layers with their options, the outermost first."""
    image_hosts = Backdrop.from_settings(runtime.settings).image_hosts
    return (
        (ProblemMiddleware, {}),
        (PathMiddleware, {}),
        (BodyLimitMiddleware, {"runtime": runtime}),
        (AuthenticationMiddleware, {"runtime": runtime}),
        (StaffMiddleware, {"runtime": runtime, "image_hosts": image_hosts}),
    )
