"""Lamps, signals, signs, walls and what else stands in the street."""

from cli.demo.pictures.scene import PAVEMENT, ROAD, Colour, Scene

_PAINT: tuple[Colour, ...] = ((30, 28, 34), (178, 30, 60), (40, 60, 160), (120, 40, 140))
_TAGS = ("ZOK3", "BLAM", "K0NE", "W4X", "NOPS")


def street_lamp(scene: Scene) -> None:
    """A lamp that is dark by night, another one farther off that shines."""
    scene.street()
    x = scene.random.uniform(200, 300)
    _lamp(scene, x, 40, 1.0)
    far = x + 240
    _lamp(scene, far, 130, 0.6)
    scene.glow(far + 34, 136, 60, (255, 226, 150))
    scene.glow(far + 34, PAVEMENT + 30, 70, (200, 170, 110), 90)


def signals(scene: Scene) -> None:
    """Traffic signals without any light."""
    scene.street()
    x = scene.random.uniform(260, 380)
    scene.box(x - 5, 150, x + 5, ROAD, (70, 74, 78))
    scene.box(x - 34, 24, x + 34, 190, (28, 30, 32), 12)
    for row, colour in enumerate(((78, 34, 32), (84, 66, 30), (30, 66, 42))):
        scene.disc(x, 54 + 52 * row, 21, 21, colour)
        scene.disc(x - 6, 48 + 52 * row, 7, 6, (112, 112, 112))
    for stripe in range(7):
        left = 60 + 84 * stripe
        scene.polygon([(left, ROAD + 22), (left + 44, ROAD + 22), (left + 30, 460), (left - 24, 460)], (228, 228, 224))


def sign(scene: Scene) -> None:
    """A road sign on a bent post."""
    scene.street()
    x, lean = scene.random.uniform(230, 330), scene.random.choice((-1, 1))
    top = (x + lean * 96, 176)
    scene.line([(x, ROAD - 6), (x + lean * 8, 280), top], (132, 136, 140), 10)
    scene.disc(*top, 58, 58, (240, 240, 238))
    scene.disc(*top, 54, 54, (190, 24, 34))
    slope = 0.5 * lean
    across, down = 38, 38 * slope
    scene.line([(top[0] - across, top[1] - down), (top[0] + across, top[1] + down)], (244, 244, 242), 17)


def graffiti(scene: Scene) -> None:
    """A tag on a wall."""
    wall = scene.random.choice(((206, 184, 150), (188, 184, 178), (214, 200, 176)))
    scene.box(0, 0, 640, 400, wall)
    for row in range(10):
        for column in range(-1, 8):
            left = column * 92 + (row % 2) * 46
            tone = scene.random.randint(-8, 8)
            red, green, blue = (part + tone for part in wall)
            scene.box(left + 2, row * 40 + 2, left + 90, row * 40 + 38, (red, green, blue), 2)
    scene.box(0, 400, 640, 480, (168, 164, 156))
    paint = scene.random.choice(_PAINT)
    x = scene.random.uniform(60, 90)
    for letter in scene.random.choice(_TAGS):
        size = scene.random.uniform(150, 190)
        scene.word(letter, x, scene.random.uniform(100, 140), size, paint, (244, 244, 240))
        x += 0.66 * size
    scene.line([(80, 348), (300, 330), (560, 352)], paint, 9)
    for _ in range(7):
        drip = scene.random.uniform(110, 520)
        scene.line([(drip, 250), (drip, scene.random.uniform(300, 380))], paint, 4)


def bench(scene: Scene) -> None:
    """A bench with a broken slat."""
    scene.street()
    x, y = scene.random.uniform(160, 220), 290
    scene.shadow(x + 140, y + 60, 170, 12)
    for leg in (x + 26, x + 242):
        scene.box(leg, y - 66, leg + 12, y + 60, (56, 60, 62), 3)
    for slat in range(3):
        scene.box(x, y - 62 + 22 * slat, x + 280, y - 46 + 22 * slat, (150, 104, 62), 3)
    scene.box(x - 4, y + 12, x + 120, y + 26, (162, 114, 70), 3)
    scene.polygon([(x + 120, y + 12), (x + 134, y + 18), (x + 118, y + 22), (x + 126, y + 26)], (214, 178, 126))
    scene.polygon([(x + 160, y + 40), (x + 284, y + 12), (x + 286, y + 26), (x + 166, y + 56)], (162, 114, 70))
    scene.box(x - 4, y + 30, x + 284, y + 40, (140, 96, 58), 3)


def barrier(scene: Scene) -> None:
    """Barriers of a building site, one of them over."""
    scene.street()
    x = scene.random.uniform(60, 110)
    _stripes(scene, [(x, 286), (x + 190, 286), (x + 190, 316), (x, 316)])
    for leg in (x + 20, x + 164):
        scene.box(leg, 316, leg + 8, 360, (150, 150, 150))
    scene.shadow(x + 350, 408, 150, 16)
    _stripes(scene, [(x + 230, 380), (x + 460, 352), (x + 474, 392), (x + 244, 424)])
    scene.polygon([(x + 180, 408), (x + 196, 352), (x + 204, 352), (x + 220, 408)], (230, 100, 30))
    scene.box(x + 172, 404, x + 228, 414, (210, 86, 24), 3)
    scene.polygon([(x + 187, 384), (x + 191, 370), (x + 209, 370), (x + 213, 384)], (240, 240, 236))


def wreck(scene: Scene) -> None:
    """An old car on flat tyres."""
    scene.street()
    x, y = scene.random.uniform(90, 150), 300
    body = scene.random.choice(((142, 146, 150), (120, 66, 54), (70, 92, 120)))
    scene.shadow(x + 190, y + 92, 230, 16)
    scene.polygon([(x + 70, y + 4), (x + 130, y - 60), (x + 270, y - 60), (x + 326, y + 4)], body)
    scene.polygon([(x + 90, y), (x + 136, y - 50), (x + 194, y - 50), (x + 194, y)], (70, 84, 94))
    scene.polygon([(x + 204, y), (x + 204, y - 50), (x + 264, y - 50), (x + 306, y)], (70, 84, 94))
    scene.line([(x + 216, y - 44), (x + 250, y - 14), (x + 226, y - 4)], (214, 224, 228), 2)
    scene.box(x, y, x + 384, y + 66, body, 22)
    for patch in range(5):
        scene.blob(x + 40 + 74 * patch, y + scene.random.uniform(14, 52), 16, 8, (130, 74, 40), 0.4)
    for wheel in (x + 84, x + 302):
        scene.disc(wheel, y + 66, 38, 34, (30, 30, 32))
        scene.disc(wheel, y + 66, 17, 16, (128, 128, 130))
        scene.box(wheel - 42, y + 86, wheel + 42, y + 100, (30, 30, 32), 7)


def _lamp(scene: Scene, x: float, top: float, size: float) -> None:
    dark = (16, 18, 18)
    scene.box(x - 7 * size, top, x + 7 * size, ROAD - 10 * (2 - size), dark)
    scene.line([(x, top + 4), (x + 56 * size, top - 6 * size)], dark, 10 * size)
    scene.polygon(
        [
            (x + 34 * size, top - 12 * size),
            (x + 84 * size, top - 12 * size),
            (x + 72 * size, top + 12 * size),
            (x + 46 * size, top + 12 * size),
        ],
        (30, 32, 32),
    )


def _stripes(scene: Scene, corners: list[tuple[float, float]]) -> None:
    """A board in red and white, from its upper left corner clockwise."""
    scene.polygon(corners, (238, 238, 234))
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners
    for number in range(0, 8, 2):
        near, far = number / 8, (number + 1) / 8
        scene.polygon(
            [
                (ax + (bx - ax) * near, ay + (by - ay) * near),
                (ax + (bx - ax) * far, ay + (by - ay) * far),
                (dx + (cx - dx) * far, dy + (cy - dy) * far),
                (dx + (cx - dx) * near, dy + (cy - dy) * near),
            ],
            (200, 36, 40),
        )
