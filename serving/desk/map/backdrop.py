"""What lies behind the sketch: nothing, which asks no other host, or map tiles by the city's choice."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from serving.desk.map.archive import TileArchive
from serving.desk.map.mercator import layout
from serving.desk.map.sketch import SIDE
from triage.settings import Settings

OWN_TILES = "/review/tiles/{z}/{x}/{y}"
ARCHIVE_SUFFIX = ".pmtiles"
_USUAL_ZOOMS = (0, 19)


class Picture(NamedTuple):
    """A tile as it is drawn: its address and its square."""

    href: str
    left: float
    top: float
    side: float


@dataclass(frozen=True, slots=True)
class Backdrop:
    """Tiles behind sketches.

    Attributes:
        template: the address of a tile with {z}, {x} and {y}; empty for no tiles.
        attribution: whom the map must name.
        zooms: the coarsest and the finest zoom that there is.
        archive: the file that our own addresses serve, if they do.
    """

    template: str = ""
    attribution: str = ""
    zooms: tuple[int, int] = _USUAL_ZOOMS
    archive: TileArchive | None = None

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The backdrop that the settings name.

        Raises:
            InvalidConfiguration: a PMTiles file cannot be used.
        """
        if not settings.map_tiles.endswith(ARCHIVE_SUFFIX):
            return cls(settings.map_tiles, settings.map_attribution)
        archive = TileArchive(Path(settings.map_tiles))
        return cls(OWN_TILES, settings.map_attribution or archive.attribution, archive.zooms, archive)

    @property
    def image_hosts(self) -> tuple[str, ...]:
        """The hosts that a page's policy must let pictures come from: at most one."""
        parts = urlsplit(self.template)
        return (f"{parts.scheme}://{parts.netloc}",) if parts.netloc else ()

    def pictures(self, lat: float, lon: float, units_per_m: float) -> tuple[Picture, ...]:
        """The tiles behind a sketch around a place."""
        if not self.template:
            return ()
        return tuple(
            Picture(
                self.template.replace("{z}", str(tile.zoom))
                .replace("{x}", str(tile.column))
                .replace("{y}", str(tile.row)),
                round(tile.left, 2),
                round(tile.top, 2),
                # A hair wider, so that no seam shows between two tiles.
                round(tile.side + 0.05, 2),
            )
            for tile in layout(lat, lon, units_per_m, SIDE, self.zooms)
        )
