"""A street to draw on: façades, pavement and road, by day or by night, never twice quite the same."""

import random
from collections.abc import Sequence
from math import cos, pi, sin

from PIL import Image, ImageDraw, ImageFilter, ImageFont

WIDTH, HEIGHT = 640, 480
PAVEMENT, ROAD = 265, 345
# Drawn larger and made smaller at the end, so that edges are smooth.
_FINER = 2
_GRAIN = 9

Colour = tuple[int, int, int]
Points = Sequence[tuple[float, float]]

_STONE: tuple[Colour, ...] = ((226, 209, 176), (214, 196, 168), (231, 219, 199), (205, 180, 150), (222, 202, 190))
_SHUTTERS: tuple[Colour, ...] = ((120, 138, 130), (150, 60, 50), (95, 110, 135), (235, 232, 225), (110, 90, 70))


class Scene:
    """A canvas of 640 × 480 units; y grows downwards.

    Args:
        generator: makes this picture differ from others of its kind.
        night: whether it is dark.
    """

    def __init__(self, generator: random.Random, night: bool = False) -> None:
        self.random = generator
        self.night = night
        self._image = Image.new("RGB", (WIDTH * _FINER, HEIGHT * _FINER))
        self._pen = ImageDraw.Draw(self._image)

    def shade(self, colour: Colour) -> Colour:
        """A colour as it looks in this light."""
        red, green, blue = colour
        return (red * 3 // 10, green * 3 // 10, blue * 2 // 5 + 14) if self.night else colour

    def polygon(self, points: Points, fill: Colour, outline: Colour | None = None, width: float = 1) -> None:
        """A filled shape."""
        outer = None if outline is None else self.shade(outline)
        self._pen.polygon(self._scaled(points), self.shade(fill), outer, round(width * _FINER))

    def box(self, left: float, top: float, right: float, bottom: float, fill: Colour, radius: float = 0) -> None:
        """A rectangle, perhaps with round corners."""
        corners = self._flat([(left, top), (right, bottom)])
        self._pen.rounded_rectangle(corners, radius * _FINER, self.shade(fill))

    def disc(self, x: float, y: float, across: float, down: float, fill: Colour) -> None:
        """An ellipse around a point."""
        self._pen.ellipse(self._flat([(x - across, y - down), (x + across, y + down)]), self.shade(fill))

    def line(self, points: Points, fill: Colour, width: float) -> None:
        """A line with round joints."""
        self._pen.line(self._scaled(points), self.shade(fill), round(width * _FINER), joint="curve")

    def word(self, letters: str, x: float, y: float, size: float, fill: Colour, edge: Colour) -> None:
        """Fat letters with an edge, the first one at a point."""
        font = ImageFont.load_default(size * _FINER)
        place, width = (x * _FINER, y * _FINER), round(size / 12 * _FINER)
        self._pen.text(place, letters, fill, font, stroke_width=2 * width, stroke_fill=edge)
        self._pen.text(place, letters, fill, font, stroke_width=width, stroke_fill=fill)

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: int = 200) -> None:
        """Light that spreads from a point, by night as bright as by day."""
        halo = Image.new("L", self._image.size)
        ring = self._flat([(x - radius / 2, y - radius / 2), (x + radius / 2, y + radius / 2)])
        ImageDraw.Draw(halo).ellipse(ring, strength)
        self._image.paste(Image.new("RGB", halo.size, colour), mask=halo.filter(ImageFilter.GaussianBlur(radius / 2)))
        self._pen = ImageDraw.Draw(self._image)

    def shadow(self, x: float, y: float, across: float, down: float) -> None:
        """What a thing on the ground darkens."""
        dark = Image.new("L", self._image.size)
        ImageDraw.Draw(dark).ellipse(self._flat([(x - across, y - down), (x + across, y + down)]), 120)
        self._image.paste(Image.new("RGB", dark.size, (20, 20, 25)), mask=dark.filter(ImageFilter.GaussianBlur(12)))
        self._pen = ImageDraw.Draw(self._image)

    def blob(self, x: float, y: float, across: float, down: float, fill: Colour, rough: float = 0.2) -> None:
        """A shape with an uneven edge."""
        edge = [1 + self.random.uniform(-rough, rough) for _ in range(22)]
        points = [
            (x + across * reach * cos(2 * pi * step / 22), y + down * reach * sin(2 * pi * step / 22))
            for step, reach in enumerate(edge)
        ]
        self.polygon(points, fill)

    def street(self) -> None:
        """Sky, façades, pavement and road."""
        self.box(0, 0, WIDTH, HEIGHT, (176, 206, 232))
        left = -self.random.uniform(0, 120)
        while left < WIDTH:
            width = self.random.uniform(150, 230)
            self._facade(left, width, self.random.uniform(-60, 50))
            left += width
        self._pavement()
        self.box(0, ROAD, WIDTH, HEIGHT, (92, 93, 97))
        self.box(0, ROAD - 7, WIDTH, ROAD + 2, (178, 176, 170))
        self.box(0, ROAD + 2, WIDTH, ROAD + 6, (66, 66, 70))

    def finished(self) -> Image.Image:
        """The picture, a little grainy as phones make them."""
        small = self._image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        grain = Image.frombytes("L", (WIDTH // 2, HEIGHT // 2), self.random.randbytes(WIDTH * HEIGHT // 4))
        soft = grain.resize(small.size, Image.Resampling.BILINEAR).convert("RGB")
        return Image.blend(small, soft, _GRAIN / 255)

    def _facade(self, left: float, width: float, top: float) -> None:
        self.box(left, top, left + width, PAVEMENT, self.random.choice(_STONE))
        self.box(left, PAVEMENT - 26, left + width, PAVEMENT, (168, 158, 146))
        shutters = self.random.choice(_SHUTTERS)
        columns = 2 if width < 190 else 3
        for column in range(columns):
            middle = left + width * (column + 0.5) / columns
            for floor in (95, 195):
                if floor - 60 > top:
                    self._window(middle, floor, shutters)

    def _window(self, middle: float, floor: float, shutters: Colour) -> None:
        lit = self.night and self.random.random() < 0.25
        self.box(middle - 17, floor - 50, middle + 17, floor + 12, (240, 238, 232))
        self.box(middle - 14, floor - 47, middle + 14, floor + 9, (88, 104, 120))
        if lit:
            self._pen.rectangle(self._flat([(middle - 14, floor - 47), (middle + 14, floor + 9)]), (236, 196, 120))
        self.box(middle - 1, floor - 47, middle + 1, floor + 9, (240, 238, 232))
        self.box(middle - 32, floor - 50, middle - 18, floor + 12, shutters)
        self.box(middle + 18, floor - 50, middle + 32, floor + 12, shutters)

    def _pavement(self) -> None:
        self.box(0, PAVEMENT, WIDTH, ROAD, (196, 191, 182))
        shift = self.random.uniform(0, 60)
        for column in range(-1, 12):
            top = column * 62 + shift
            self.line([(top, PAVEMENT), (top * 1.25 - 80, ROAD)], (172, 167, 158), 1.2)
        for row in (PAVEMENT + 22, PAVEMENT + 50):
            self.line([(0, row), (WIDTH, row)], (172, 167, 158), 1.2)

    def _scaled(self, points: Points) -> list[tuple[float, float]]:
        return [(x * _FINER, y * _FINER) for x, y in points]

    def _flat(self, points: Points) -> list[float]:
        return [part * _FINER for point in points for part in point]
