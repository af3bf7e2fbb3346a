"""What the API page says of keys: how one is sent, and which scope a route needs."""

from typing import Any

from serving.access import is_open, needed_scope

_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key that `triage key add` made."},
    "header": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "The same key, in its own header.",
    },
}


def describe_keys(document: dict[str, Any]) -> None:
    """Put the two ways to send a key, and the scope of each route that needs one, into an OpenAPI document."""
    document.setdefault("components", {})["securitySchemes"] = _SCHEMES
    for path, operations in document["paths"].items():
        if is_open(path):
            continue
        for method, operation in operations.items():
            scope = needed_scope(method.upper(), path)
            operation["security"] = [{name: []} for name in _SCHEMES]
            operation["description"] = f"{operation.get('description', '')}\n\nScope: `{scope}`.".strip()
