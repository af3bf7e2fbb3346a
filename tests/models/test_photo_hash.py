"""The very same picture has the same hash after another compression, size or brightness; other pictures do not."""

import io

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from models.photo import Picture
from models.photo_hash import BITS, Fingerprint, perceptual_hash


def drawn(seed: int) -> Image.Image:
    """A picture with large and small shapes."""
    coarse = np.random.default_rng(seed).integers(0, 256, (7, 9, 3), np.uint8)
    return Image.fromarray(coarse).resize((224, 224), Image.Resampling.BICUBIC)


def hashed(image: Image.Image) -> Fingerprint:
    return Fingerprint(np.array([1.0, 0.0]), perceptual_hash(np.asarray(image)))


def compressed(image: Image.Image) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=30)
    return Image.open(buffer)


@pytest.mark.parametrize("seed", range(5))
def test_another_compression_size_or_brightness_changes_few_bits(seed: int) -> None:
    image = drawn(seed)
    for changed in (compressed(image), image.resize((96, 96)), ImageEnhance.Brightness(image).enhance(0.7)):
        assert hashed(image).distance(hashed(changed)) <= 8


def test_other_pictures_differ_in_about_half_of_the_bits() -> None:
    prints = [hashed(drawn(seed)) for seed in range(12)]
    distances = [first.distance(second) for first in prints for second in prints if first is not second]
    assert min(distances) > 14
    assert 0.4 * BITS < np.mean(distances) < 0.6 * BITS


def test_a_picture_is_at_no_distance_from_itself() -> None:
    found = hashed(drawn(1))
    assert found.distance(found) == 0
    assert found.alike(found) == pytest.approx(1.0)


def test_a_plain_picture_has_a_hash_too() -> None:
    plain: Picture = np.full((64, 64, 3), 128, np.uint8)
    assert 0 <= perceptual_hash(plain) < 2**BITS
