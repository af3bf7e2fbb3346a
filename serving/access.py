"""Which route needs what: the one place that decides. What is in neither table is refused."""

from collections.abc import Mapping

from starlette.routing import compile_path

from serving.problems import Problem
from serving.scopes import Scope
from triage.staff import Role

# Health, and pages that hold no data: they are the same for every installation.
OPEN_PATHS = frozenset({"/", "/healthz", "/livez", "/readyz", "/docs", "/redoc", "/openapi.json"})
OPEN_PREFIX = "/static-offline-docs/"

# A route that is not here is answered 404, whoever asks.
ROUTES: Mapping[str, Mapping[str, Scope]] = {
    "/v1/predict": {"POST": Scope.PREDICT},
    "/v1/predict/batch": {"POST": Scope.PREDICT},
    "/v1/bench/echo": {"POST": Scope.PREDICT},
    "/v1/alerts": {"GET": Scope.ALERTS, "POST": Scope.ALERTS},
    "/v1/alerts/{id}": {"GET": Scope.ALERTS, "PATCH": Scope.ALERTS, "DELETE": Scope.ALERTS},
    "/v1/alerts/{id}/duplicates": {"GET": Scope.ALERTS},
    "/v1/alerts/{id}/close": {"POST": Scope.ALERTS},
    "/v1/alerts/{id}/reopen": {"POST": Scope.ALERTS},
    "/v1/alerts/{id}/status": {"POST": Scope.ALERTS},
    "/v1/alerts/{id}/return": {"POST": Scope.ALERTS},
    "/v1/alerts/{id}/original": {"GET": Scope.PERSONAL},
    "/v1/alerts/{id}/personal-data": {"GET": Scope.PERSONAL, "DELETE": Scope.PERSONAL},
    "/v1/clusters/{id}": {"GET": Scope.ALERTS},
    # Open311 has the lists of services open to everybody; a city that wants that puts them behind its own proxy.
    "/open311/v2/services.{form}": {"GET": Scope.ALERTS},
    "/open311/v2/services/{code}.{form}": {"GET": Scope.ALERTS},
    "/open311/v2/requests.{form}": {"GET": Scope.ALERTS, "POST": Scope.ALERTS},
    "/open311/v2/requests/{id}.{form}": {"GET": Scope.ALERTS},
    "/open311/v2/tokens/{id}.{form}": {"GET": Scope.ALERTS},
    "/signals_mltool/predict": {"POST": Scope.PREDICT},
    "/v1/events": {"GET": Scope.EVENTS},
    # Counts without any data of residents; every key made before there were scopes may go on reading them.
    "/metrics": {"GET": Scope.PREDICT},
    # BentoML's own description of the service.
    "/schema.json": {"GET": Scope.PREDICT},
    "/docs.json": {"GET": Scope.PREDICT},
}

# The pages of staff, with the least role for each method; None is for everybody. API keys open none of them.
PAGES: Mapping[str, Mapping[str, Role | None]] = {
    "/review": {"GET": Role.AGENT},
    "/review/sign-in": {"GET": None, "POST": None},
    "/review/sign-in/provider": {"GET": None},
    "/review/sign-in/provider/back": {"GET": None},
    "/review/enter": {"GET": None},
    "/review/sign-out": {"POST": Role.AGENT},
    "/review/language/{code}": {"GET": None},
    "/review/static/{name}": {"GET": None},
    "/review/alerts/{id}": {"GET": Role.AGENT},
    "/review/alerts/{id}/words": {"GET": Role.AGENT},
    "/review/alerts/{id}/heat/{number}": {"GET": Role.AGENT},
    "/review/alerts/{id}/decide": {"POST": Role.AGENT},
    "/review/alerts/{id}/skip": {"POST": Role.AGENT},
    "/review/alerts/{id}/duplicate": {"POST": Role.AGENT},
    "/review/alerts/{id}/not-duplicate": {"POST": Role.AGENT},
    "/review/alerts/{id}/unlink": {"POST": Role.AGENT},
    "/review/alerts/{id}/undo": {"POST": Role.AGENT},
    "/review/alerts/{id}/note": {"POST": Role.AGENT},
    "/review/alerts/{id}/unmask": {"POST": Role.SUPERVISOR},
    "/review/alerts/{id}/forward": {"POST": Role.AGENT},
    "/review/suspects": {"GET": Role.AGENT},
    "/review/alerts/{id}/photos/{number}": {"GET": Role.AGENT},
    "/review/keys": {"POST": Role.AGENT},
    "/review/tiles/{z}/{x}/{y}": {"GET": Role.AGENT},
    "/review/help": {"GET": Role.AGENT},
    "/review/supervisor": {"GET": Role.SUPERVISOR},
    "/review/supervisor/simulator": {"GET": Role.SUPERVISOR},
    "/review/supervisor/forward": {"POST": Role.SUPERVISOR},
}

_PATTERNS = tuple((compile_path(path)[0], methods) for path, methods in ROUTES.items())

_PAGE_PATTERNS = tuple((compile_path(path)[0], methods) for path, methods in PAGES.items())


def needed_role(method: str, path: str) -> Role | None:
    """The least role for a page; None where everybody may see it.

    Raises:
        Problem: 404 for a path that is not in the table, 405 for a method that it does not take.
    """
    for pattern, methods in _PAGE_PATTERNS:
        if pattern.fullmatch(path):
            if method not in methods:
                detail = "This page does not take that method."
                raise Problem(405, "method_not_allowed", detail, headers={"Allow": ", ".join(methods)})
            return methods[method]
    raise Problem(404, "not_found", "There is no such page.")


def is_open(path: str) -> bool:
    """Whether a path needs no key."""
    return path in OPEN_PATHS or path.startswith(OPEN_PREFIX)


def needed_scope(method: str, path: str) -> Scope:
    """What a key needs for a route that is not open.

    Raises:
        Problem: 404 for a path that is not in the table, 405 for a method that it does not take.
    """
    for pattern, methods in _PATTERNS:
        if pattern.fullmatch(path):
            if method not in methods:
                detail = "This route does not take that method; /docs says which."
                raise Problem(405, "method_not_allowed", detail, headers={"Allow": ", ".join(methods)})
            return methods[method]
    raise Problem(404, "not_found", "There is no such route; /docs lists those that exist.")


def template_of(path: str) -> str:
    """The path of the tables that a path is one of, with its names in braces; `unknown` where it is none."""
    if path in OPEN_PATHS:
        return path
    for table, patterns in ((ROUTES, _PATTERNS), (PAGES, _PAGE_PATTERNS)):
        for template, (pattern, _) in zip(table, patterns, strict=True):
            if pattern.fullmatch(path):
                return template
    return "unknown"
