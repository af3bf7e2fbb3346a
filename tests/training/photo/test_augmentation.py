"""Random views: still pictures of the same kind, the same ones for the same seed, and never the captions."""

from collections.abc import Callable

import pytest
import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional

from training.photo.augmentation import (
    CaptionCrop,
    Compression,
    Grain,
    LowResolution,
    Night,
    Rain,
    random_views,
)

Draw = Callable[..., Image.Image]

SEEDS = range(8)
KEEP_SHAPE = (Compression, Grain, LowResolution, Night, Rain)


def picture(height: int = 200, width: int = 160) -> Tensor:
    return torch.randint(0, 256, (3, height, width), dtype=torch.uint8, generator=torch.Generator().manual_seed(9))


def seeded(seed: int, transform: v2.Transform, image: Tensor) -> Tensor:
    torch.manual_seed(seed)
    found: Tensor = transform(image)
    return found


@pytest.mark.parametrize("transform", KEEP_SHAPE, ids=lambda transform: transform.__name__)
@pytest.mark.parametrize("shape", [(200, 160), (64, 64), (9, 300)])
def test_a_transform_keeps_shape_and_type(transform: type[v2.Transform], shape: tuple[int, int]) -> None:
    for seed in SEEDS:
        found = seeded(seed, transform(), picture(*shape))
        assert (found.shape, found.dtype) == ((3, *shape), torch.uint8)


@pytest.mark.parametrize("transform", KEEP_SHAPE, ids=lambda transform: transform.__name__)
def test_a_transform_changes_the_picture_alike_for_the_same_seed(transform: type[v2.Transform]) -> None:
    first, again, other = (seeded(seed, transform(), picture()) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert not torch.equal(first, picture())


@pytest.mark.parametrize("transform", KEEP_SHAPE, ids=lambda transform: transform.__name__)
@pytest.mark.parametrize("value", [0, 255])
def test_black_and_white_pictures_stay_pictures(transform: type[v2.Transform], value: int) -> None:
    for seed in SEEDS:
        found = seeded(seed, transform(), torch.full((3, 64, 64), value, dtype=torch.uint8)).float()
        assert (found - value).abs().mean() < 250  # nothing wraps around


def test_the_caption_at_the_lower_edge_is_cut_off() -> None:
    image = picture(200, 160)
    image[:, -24:] = 0  # twelve hundredths of the height
    for seed in SEEDS:
        found = seeded(seed, CaptionCrop(), image)
        assert found.shape[2] == 160
        assert 0.75 * 200 <= found.shape[1] <= 176
        assert torch.equal(found, image[:, : found.shape[1]])


def test_a_tiny_picture_is_not_cut_to_nothing() -> None:
    assert seeded(0, CaptionCrop(), picture(8, 8)).shape[1] == 8


def test_night_is_darker_and_rain_greyer() -> None:
    for seed in SEEDS:
        assert seeded(seed, Night(), picture()).float().mean() < 0.7 * picture().float().mean()
        assert seeded(seed, Rain(), picture()).float().std() < picture().float().std()


def test_low_resolution_loses_detail_of_large_pictures_and_leaves_small_ones() -> None:
    for seed in SEEDS:
        large = picture(320, 320)
        found = seeded(seed, LowResolution(), large).float()
        assert (found[:, :, 1:] - found[:, :, :-1]).abs().mean() < (
            large[:, :, 1:].float() - large[:, :, :-1]
        ).abs().mean()
        assert torch.equal(seeded(seed, LowResolution(), picture(60, 60)), picture(60, 60))


# All of it


@pytest.mark.parametrize("shape", [(200, 160), (64, 96), (40, 300), (33, 20)])
def test_every_view_is_a_square_of_the_wanted_size(shape: tuple[int, int]) -> None:
    views = random_views(64)
    for seed in range(20):
        found = seeded(seed, views, picture(*shape))
        assert (found.shape, found.dtype) == ((3, 64, 64), torch.uint8)


def test_the_views_of_a_seed_are_the_same_again_and_those_of_another_are_not(draw: Draw) -> None:
    image = functional.pil_to_tensor(draw("graffiti"))
    first = [seeded(seed, random_views(64), image) for seed in range(20)]
    again = [seeded(seed, random_views(64), image) for seed in range(20)]
    assert all(torch.equal(one, other) for one, other in zip(first, again, strict=True))
    assert len({one.numpy().tobytes() for one in first}) >= 19


def test_views_stay_views_of_their_picture(draw: Draw) -> None:
    """On the whole a view is nearer to its own picture than to one of another colour."""
    day, night = (functional.pil_to_tensor(draw(name)) for name in ("street_normal", "street_light"))
    brightness = [
        [seeded(seed, random_views(64), image).float().mean() for seed in range(30)] for image in (day, night)
    ]
    assert sum(brightness[0]) > 2 * sum(brightness[1])
