"""Style, script and pictures of the pages: no other host is asked for any."""

from starlette.requests import Request
from starlette.responses import Response

from serving.desk.languages import N_
from serving.desk.pages import STATIC, STATIC_FILES
from serving.problems import Problem

_MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png"}
# The address holds a digest of the content, so it never changes under it.
_KEPT = "public, max-age=31536000, immutable"


async def static_file(request: Request) -> Response:
    """One file by its name.

    Raises:
        Problem: 404 where there is none.
    """
    name = request.path_params["name"]
    if name not in STATIC_FILES:
        raise Problem(404, "not_found", N_("There is no such file."))
    path = STATIC / name
    current = request.query_params.get("v") == STATIC_FILES[name]
    headers = {"Cache-Control": _KEPT if current else "no-cache"}
    return Response(path.read_bytes(), headers=headers, media_type=_MEDIA_TYPES[path.suffix])
