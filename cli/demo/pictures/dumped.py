"""What people leave in the street."""

from cli.demo.pictures.scene import Colour, Scene

_BAGS: tuple[Colour, ...] = ((38, 40, 46), (52, 54, 60), (30, 60, 110), (70, 72, 76))
_LITTER: tuple[Colour, ...] = ((235, 235, 230), (200, 40, 45), (240, 190, 40), (60, 130, 190), (120, 160, 90))


def sofa(scene: Scene) -> None:
    """A sofa on the pavement."""
    scene.street()
    x, y = scene.random.uniform(130, 250), scene.random.uniform(262, 280)
    body = scene.random.choice(((134, 78, 52), (60, 88, 130), (120, 120, 124), (92, 110, 74)))
    light, dark = _lighter(body, 22), _lighter(body, -26)
    scene.shadow(x + 130, y + 92, 160, 18)
    scene.box(x + 10, y + 72, x + 24, y + 98, (52, 40, 30))
    scene.box(x + 236, y + 72, x + 250, y + 98, (52, 40, 30))
    scene.box(x + 8, y - 22, x + 252, y + 60, dark, 18)
    scene.box(x + 22, y - 14, x + 128, y + 44, body, 12)
    scene.box(x + 132, y - 14, x + 238, y + 44, body, 12)
    scene.box(x + 20, y + 34, x + 130, y + 66, light, 10)
    scene.box(x + 130, y + 34, x + 240, y + 66, light, 10)
    scene.box(x + 12, y + 60, x + 248, y + 88, dark, 8)
    scene.box(x - 12, y + 10, x + 26, y + 88, body, 14)
    scene.box(x + 234, y + 10, x + 272, y + 88, body, 14)
    scene.polygon([(x + 60, y + 46), (x + 92, y + 40), (x + 84, y + 60)], (222, 208, 170))


def fridge(scene: Scene) -> None:
    """A refrigerator, its door ajar."""
    scene.street()
    x, y = scene.random.uniform(220, 330), 150
    scene.shadow(x + 50, y + 186, 90, 14)
    scene.box(x, y, x + 100, y + 186, (226, 229, 230), 8)
    scene.box(x + 8, y + 10, x + 92, y + 62, (206, 210, 212), 4)
    scene.box(x + 8, y + 70, x + 92, y + 178, (206, 210, 212), 4)
    scene.polygon([(x + 100, y + 70), (x + 146, y + 82), (x + 146, y + 188), (x + 100, y + 178)], (240, 242, 242))
    scene.box(x + 76, y + 24, x + 82, y + 52, (120, 124, 128), 2)
    scene.polygon([(x + 108, y + 96), (x + 138, y + 102), (x + 138, y + 112), (x + 108, y + 106)], (190, 196, 198))


def pile(scene: Scene) -> None:
    """A heap of bags, boxes and a mattress against a wall."""
    scene.street()
    x, y = scene.random.uniform(170, 300), 340
    scene.shadow(x + 70, y, 190, 18)
    scene.polygon([(x - 70, y - 150), (x - 20, y - 158), (x + 30, y - 4), (x - 22, y)], (226, 222, 210))
    for step in range(1, 5):
        scene.line([(x - 70 + 12 * step, y - 152 + 3 * step), (x - 20 + 12 * step, y - 12)], (178, 186, 204), 3)
    for left, high, size in ((20, 58, 90), (116, 44, 64), (60, 26, 70)):
        scene.box(x + left, y - high - 30, x + left + size, y - high + 34, (186, 146, 98), 2)
        scene.box(x + left + size / 2 - 5, y - high - 30, x + left + size / 2 + 5, y - high + 34, (214, 186, 140))
    for number in range(6):
        _bag(scene, x + 10 + 34 * number, y - scene.random.uniform(6, 16), scene.random.uniform(20, 30))


def bin_overflowing(scene: Scene) -> None:
    """A street litter bin that overflows."""
    scene.street()
    x, y = scene.random.uniform(240, 380), 226
    scene.shadow(x, y + 108, 110, 14)
    scene.box(x - 34, y, x + 34, y + 106, (62, 78, 70), 8)
    for stripe in range(-26, 30, 13):
        scene.box(x + stripe - 1, y + 14, x + stripe + 3, y + 98, (44, 56, 50))
    for number in range(9):
        scene.blob(x - 30 + 7.5 * number, y - scene.random.uniform(0, 18), 14, 12, scene.random.choice(_LITTER))
    scene.box(x - 40, y - 4, x + 40, y + 8, (40, 50, 46), 4)
    _bag(scene, x - 62, y + 84, 30)
    _bag(scene, x + 66, y + 88, 26)
    _scatter(scene, x - 120, x + 130, y + 88, y + 120, 16)


def litter(scene: Scene) -> None:
    """Cups, cans and paper all over the ground."""
    scene.street()
    _scatter(scene, 40, 600, 280, 336, 34)
    _scatter(scene, 20, 620, 356, 440, 26)
    for _ in range(7):
        x, y = scene.random.uniform(60, 580), scene.random.uniform(290, 430)
        scene.polygon([(x, y), (x + 22, y - 4), (x + 20, y + 10), (x + 3, y + 12)], (246, 246, 242))
    for _ in range(5):
        x, y = scene.random.uniform(80, 560), scene.random.uniform(300, 420)
        scene.box(x, y, x + 34, y + 10, (40, 92, 58), 5)
        scene.box(x + 32, y + 2, x + 46, y + 8, (34, 80, 50), 3)


def fire(scene: Scene) -> None:
    """A container in flames."""
    scene.street()
    x, y = scene.random.uniform(250, 360), 230
    for step in range(7):
        drift = 14 * step + scene.random.uniform(-14, 14)
        scene.blob(x + drift, y - 40 - 26 * step, 46 + 9 * step, 30 + 4 * step, (84 + 8 * step,) * 3, 0.15)
    scene.box(x - 66, y, x + 66, y + 104, (52, 66, 58), 8)
    scene.disc(x - 46, y + 106, 10, 10, (30, 30, 32))
    scene.disc(x + 46, y + 106, 10, 10, (30, 30, 32))
    for across, high, colour in ((62, 100, (232, 92, 20)), (46, 76, (248, 150, 30)), (28, 48, (255, 226, 110))):
        for shift in (-0.6, 0.0, 0.6):
            tip = (x + shift * across + scene.random.uniform(-8, 8), y - high * scene.random.uniform(0.75, 1.1))
            foot = x + shift * across
            scene.polygon([(foot - across / 2, y + 6), tip, (foot + across / 2, y + 6)], colour)
    scene.glow(x, y - 20, 70, (255, 190, 90), 110)


def _bag(scene: Scene, x: float, y: float, size: float) -> None:
    colour = scene.random.choice(_BAGS)
    scene.blob(x, y, size, size * 0.8, colour, 0.12)
    scene.polygon([(x - 6, y - size * 0.7), (x, y - size * 1.1), (x + 7, y - size * 0.7)], colour)
    scene.line([(x - size * 0.4, y - size * 0.1), (x - size * 0.1, y - size * 0.5)], _lighter(colour, 45), 2)


def _scatter(scene: Scene, left: float, right: float, top: float, bottom: float, number: int) -> None:
    for _ in range(number):
        x, y = scene.random.uniform(left, right), scene.random.uniform(top, bottom)
        scene.blob(x, y, scene.random.uniform(4, 10), scene.random.uniform(3, 6), scene.random.choice(_LITTER), 0.4)


def _lighter(colour: Colour, by: int) -> Colour:
    red, green, blue = (min(255, max(0, part + by)) for part in colour)
    return red, green, blue
