"""What is wrong with road, pavement and water."""

from math import cos, pi, sin

from cli.demo.pictures.scene import HEIGHT, ROAD, WIDTH, Scene


def pothole(scene: Scene) -> None:
    """A hole in the road with cracks around it, perhaps full of water."""
    _road(scene)
    x, y = scene.random.uniform(250, 390), scene.random.uniform(270, 320)
    for _ in range(11):
        _crack(scene, x, y, scene.random.uniform(0, 2 * pi), scene.random.uniform(120, 190))
    scene.blob(x, y, 128, 66, (74, 72, 70), 0.12)
    scene.blob(x, y + 4, 112, 54, (42, 38, 36), 0.14)
    scene.blob(x + 8, y + 14, 80, 30, (96, 84, 70), 0.2)
    if scene.random.random() < 0.4:
        scene.blob(x + 4, y + 12, 76, 28, (118, 138, 156), 0.1)
        scene.blob(x - 16, y + 6, 24, 6, (190, 206, 220), 0.1)
    for _ in range(26):
        reach, angle = scene.random.uniform(0.9, 1.4), scene.random.uniform(0, 2 * pi)
        size = scene.random.uniform(2, 6)
        scene.blob(x + 128 * reach * cos(angle), y + 66 * reach * sin(angle), size, size * 0.7, (60, 58, 56), 0.4)


def manhole(scene: Scene) -> None:
    """An open manhole, its cover beside it."""
    _road(scene)
    x, y = scene.random.uniform(220, 300), scene.random.uniform(280, 320)
    scene.disc(x, y, 116, 58, (136, 132, 126))
    scene.disc(x, y, 100, 49, (70, 66, 62))
    scene.disc(x, y + 6, 92, 42, (10, 10, 12))
    for step in range(2):
        scene.box(x - 20, y - 18 + 18 * step, x + 20, y - 13 + 18 * step, (78, 74, 70))
    scene.shadow(x + 190, y + 44, 90, 26)
    scene.disc(x + 186, y + 36, 88, 42, (78, 72, 66))
    scene.disc(x + 186, y + 32, 86, 40, (112, 100, 90))
    for row in range(-3, 4):
        width = 84 * (1 - (row / 4) ** 2) ** 0.5
        scene.line([(x + 186 - width, y + 32 + 10 * row), (x + 186 + width, y + 32 + 10 * row)], (84, 74, 66), 2.4)


def paving(scene: Scene) -> None:
    """Paving stones, some of them missing."""
    scene.box(0, 0, WIDTH, HEIGHT, (120, 114, 106))
    gone = {(scene.random.randint(2, 4), scene.random.randint(2, 4)) for _ in range(3)}
    for row in range(7):
        for column in range(-1, 9):
            left, top = column * 84 + (row % 2) * 42, row * 72
            tone = scene.random.randint(158, 196)
            if (row, column) in gone:
                scene.box(left + 3, top + 3, left + 81, top + 69, (62, 52, 44), 5)
                scene.blob(left + 42, top + 42, 28, 16, (96, 82, 66), 0.25)
            else:
                scene.box(left + 3, top + 3, left + 81, top + 69, (tone, tone - 6, tone - 16), 5)
    scene.polygon([(410, 250), (486, 222), (506, 288), (430, 318)], (186, 180, 168), (110, 104, 96), 3)


def flood(scene: Scene) -> None:
    """Water that gushes over the road."""
    scene.street()
    scene.polygon([(0, ROAD - 20), (WIDTH, ROAD - 34), (WIDTH, HEIGHT), (0, HEIGHT)], (96, 126, 150))
    for _ in range(46):
        x, y = scene.random.uniform(-20, WIDTH), scene.random.uniform(ROAD - 8, HEIGHT)
        scene.line([(x, y), (x + scene.random.uniform(20, 70), y + 1)], (168, 192, 210), 2)
    x = scene.random.uniform(220, 420)
    scene.disc(x, ROAD + 50, 90, 20, (150, 178, 198))
    for _ in range(60):
        angle = scene.random.uniform(-0.5, 0.5)
        high = scene.random.uniform(60, 190)
        tip = (x + high * sin(angle), ROAD + 50 - high)
        scene.line([(x + 8 * angle, ROAD + 50), tip], (206, 224, 236), 3)
        scene.disc(tip[0], tip[1], 4, 5, (232, 242, 248))


def branch(scene: Scene) -> None:
    """A large branch across the pavement."""
    scene.street()
    x, y = scene.random.uniform(60, 110), scene.random.uniform(330, 360)
    scene.shadow(320, y + 24, 300, 16)
    trunk = [(x, y + 20), (x + 150, y - 6), (x + 300, y + 4), (x + 450, y - 26)]
    scene.line(trunk, (92, 66, 44), 24)
    scene.line([(px, py - 6) for px, py in trunk], (122, 92, 64), 6)
    scene.disc(x - 4, y + 20, 9, 13, (206, 172, 120))
    for number in range(16):
        start_x = x + 110 + 24 * number
        reach, lift = scene.random.uniform(20, 80), scene.random.uniform(-96, 40)
        scene.line([(start_x, y), (start_x + reach, y + lift)], (98, 72, 48), 5)
        for _ in range(9):
            leaf_x, leaf_y = start_x + reach + scene.random.uniform(-34, 34), y + lift + scene.random.uniform(-20, 20)
            green = scene.random.randint(96, 150)
            scene.blob(leaf_x, leaf_y, 12, 8, (green - 46, green, 52), 0.3)


def _road(scene: Scene) -> None:
    """The road from above, as one holds a phone over a hole."""
    scene.box(0, 0, WIDTH, HEIGHT, (104, 105, 108))
    for _ in range(900):
        tone = scene.random.randint(84, 126)
        x, y = scene.random.uniform(0, WIDTH), scene.random.uniform(0, HEIGHT)
        scene.disc(x, y, 1.6, 1.2, (tone, tone, tone + 2))
    scene.polygon([(0, 0), (WIDTH, 0), (WIDTH, 66), (0, 96)], (190, 186, 178))
    scene.polygon([(0, 96), (WIDTH, 66), (WIDTH, 80), (0, 112)], (142, 138, 132))


def _crack(scene: Scene, x: float, y: float, angle: float, reach: float) -> None:
    points = [(x, y)]
    for step in range(1, 5):
        bend = angle + scene.random.uniform(-0.35, 0.35)
        points.append((x + reach * step / 4 * cos(bend), y + reach * 0.55 * step / 4 * sin(bend)))
    scene.line(points, (52, 50, 50), 3)
