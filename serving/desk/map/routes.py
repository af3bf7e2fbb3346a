"""The route of the city's own map tiles."""

import re

from anyio import to_thread
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from serving.desk.map.backdrop import OWN_TILES, Backdrop
from serving.handling import timed
from serving.problems import Problem
from serving.runtime import Runtime

# Tiles say nothing of residents and seldom change, but which of them a browser holds does: only it may keep them.
_KEPT = "private, max-age=86400"
_NUMBER = re.compile(r"[0-9]{1,9}")


def add_tile_route(app: FastAPI, backdrop: Backdrop, runtime: Runtime) -> None:
    """Serve the tiles of a PMTiles file; without one every tile is a 404."""

    async def tile(request: Request) -> Response:
        given = [request.path_params[name] for name in ("z", "x", "y")]
        content = None
        archive = backdrop.archive
        if archive is not None and all(map(_NUMBER.fullmatch, given)):
            zoom, column, row = map(int, given)
            content = await to_thread.run_sync(lambda: archive.tile(zoom, column, row))
        if archive is None or content is None:
            raise Problem(404, "no_tile", "There is no such map tile.")
        return Response(content, headers={"Cache-Control": _KEPT}, media_type=archive.media_type)

    app.get(OWN_TILES, include_in_schema=False)(timed(tile, OWN_TILES, runtime))
