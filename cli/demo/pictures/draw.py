"""One picture by the name of what it shows."""

import random
from collections.abc import Callable, Mapping
from types import MappingProxyType

from PIL.Image import Image

from cli.demo.pictures import dumped, furniture, ground
from cli.demo.pictures.scene import Scene

Drawer = Callable[[Scene], None]

KINDS: Mapping[str, Drawer] = MappingProxyType(
    {
        "barrier": furniture.barrier,
        "bench": furniture.bench,
        "bin": dumped.bin_overflowing,
        "branch": ground.branch,
        "dump": dumped.pile,
        "fire": dumped.fire,
        "flood": ground.flood,
        "fridge": dumped.fridge,
        "graffiti": furniture.graffiti,
        "litter": dumped.litter,
        "manhole": ground.manhole,
        "paving": ground.paving,
        "pothole": ground.pothole,
        "sign": furniture.sign,
        "signals": furniture.signals,
        "sofa": dumped.sofa,
        "street_lamp": furniture.street_lamp,
        "wreck": furniture.wreck,
    }
)
# A lamp that is out is seen by night.
_BY_NIGHT = frozenset({"street_lamp", "fire"})


def draw(kind: str, seed: str) -> Image:
    """A picture of some kind; the same seed gives the same picture."""
    scene = Scene(random.Random(f"{kind} {seed}"), night=kind in _BY_NIGHT)
    KINDS[kind](scene)
    return scene.finished()
