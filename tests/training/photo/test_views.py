"""Cached views: the plain one is what serving reads, and the others are the same whoever draws them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from models.networks.photo import PhotoNetwork
from models.photo import prepare
from training.photo.config import PhotoConfig
from training.photo.pictures import PictureSet
from training.photo.views import CachedViews, cache_views

MakeNetwork = Callable[..., PhotoNetwork]
Cache = Callable[..., CachedViews]


@pytest.fixture
def some(pictures: PictureSet) -> PictureSet:
    return PictureSet(pictures.paths[::17], pictures.labels[::17], pictures.sources[::17])


@pytest.fixture
def cache(tmp_path: Path, make_network: MakeNetwork, photo_config: PhotoConfig) -> Cache:
    """Caches views in a folder of their own."""

    def read(pictures: PictureSet, network: PhotoNetwork | None = None, **changes: object) -> CachedViews:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        config = photo_config.model_copy(update=changes)
        return cache_views(network or make_network(), pictures, config, folder, lambda _: None)

    return read


def plain(network: PhotoNetwork) -> PhotoNetwork:
    """The network without frozen stages and scale: its maps are the pictures."""
    return PhotoNetwork(nn.Identity(), network.tuned, network.head, (0.0,) * 3, (1.0,) * 3)


def test_the_plain_view_is_what_serving_reads(cache: Cache, make_network: MakeNetwork, some: PictureSet) -> None:
    maps = cache(some, plain(make_network()), size=48).maps
    for number, path in enumerate(some.paths):
        with Image.open(path) as image:
            expected = prepare(image.convert("RGB"), 48)
        found = (maps[number, 0].astype(np.float32).transpose(1, 2, 0) * 255).round()
        np.testing.assert_allclose(found, expected, atol=1)


def test_views_hold_what_the_frozen_stages_answer(
    cache: Cache, make_network: MakeNetwork, some: PictureSet, photo_config: PhotoConfig
) -> None:
    network = make_network()
    views = cache(some, network)
    with Image.open(some.paths[1]) as image:
        picture = torch.from_numpy(prepare(image.convert("RGB"), photo_config.size).copy())
    with torch.inference_mode():
        expected = network.first(picture[None]).numpy()
    found = views.batch(np.array([1]), np.array([0])).numpy()
    np.testing.assert_allclose(found, expected, atol=2e-3 * np.abs(expected).max())


def test_there_are_as_many_views_as_asked_for_and_they_differ(cache: Cache, some: PictureSet) -> None:
    maps = cache(some, views=3).maps
    assert maps.shape[:2] == (len(some.paths), 4)
    assert maps.dtype == np.float16
    for picture in maps:
        assert len({view.tobytes() for view in picture}) == 4


def test_views_are_the_same_whatever_stands_beside_them(cache: Cache, some: PictureSet) -> None:
    first = PictureSet(some.paths[:3], some.labels[:3], some.sources[:3])
    np.testing.assert_array_equal(cache(some).maps[:3], cache(first).maps)


def test_views_follow_the_seed(cache: Cache, some: PictureSet) -> None:
    one, two, other = (cache(some, seed=seed).maps for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(one[:, 0], other[:, 0])
    assert not np.array_equal(one[:, 1], other[:, 1])


def test_progress_counts_every_picture(
    tmp_path: Path, make_network: MakeNetwork, photo_config: PhotoConfig, some: PictureSet
) -> None:
    done: list[int] = []
    cache_views(make_network(), some, photo_config, tmp_path, done.append)
    assert sum(done) == len(some.paths)


def test_a_batch_takes_one_view_of_each_picture() -> None:
    maps = np.arange(3 * 2 * 1 * 1 * 1, dtype=np.float16).reshape(3, 2, 1, 1, 1)
    found = CachedViews(maps).batch(np.array([2, 0, 2]), np.array([1, 0, 0]))
    assert found.dtype == torch.float32
    assert found.flatten().tolist() == [5, 0, 4]
