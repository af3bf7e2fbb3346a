"""What the frozen stages make of random views of every picture, computed once and kept on disk."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms.v2 import functional

from models.networks.photo import PhotoNetwork
from models.photo import prepare
from training.photo.augmentation import random_views
from training.photo.config import PhotoConfig
from training.photo.pictures import PictureSet

LOADED_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class CachedViews:
    """Maps of float16, shape (pictures, 1 + views, channels, rows, columns); view 0 is the plain picture."""

    maps: npt.NDArray[np.float16]

    def batch(self, rows: npt.NDArray[np.int64], views: npt.NDArray[np.int64]) -> Tensor:
        """One view of each of some pictures, float32."""
        maps = torch.from_numpy(self.maps[rows, views].astype(np.float32))
        return maps.contiguous(memory_format=torch.channels_last)  # half as long on a CPU


class _Views(Dataset[Tensor]):
    def __init__(self, pictures: PictureSet, config: PhotoConfig) -> None:
        self._pictures = pictures
        self._config = config
        self._random = random_views(config.size)

    def __len__(self) -> int:
        return len(self._pictures.paths)

    def __getitem__(self, number: int) -> Tensor:
        torch.manual_seed(self._config.seed + number)  # the same views whatever worker draws them
        picture = _open(self._pictures.paths[number])
        plain = torch.from_numpy(prepare(functional.to_pil_image(picture), self._config.size).copy())
        drawn = [self._random(picture) for _ in range(self._config.views)]
        return torch.stack([plain, *(view.permute(1, 2, 0) for view in drawn)])


def _open(path: Path) -> Tensor:
    with Image.open(path) as image:
        return functional.pil_to_tensor(image.convert("RGB"))


def cache_views(
    network: PhotoNetwork, pictures: PictureSet, config: PhotoConfig, folder: Path, advance: Callable[[int], None]
) -> CachedViews:
    """Draw views of every picture and run the frozen stages on them.

    Args:
        network: the network whose `frozen` stages are run.
        pictures: what to read.
        config: size, number and seed of the views.
        folder: where the maps are kept, some 200 kB for each picture.
        advance: called with the number of pictures done, for a progress bar.
    """
    views = config.views
    loader = DataLoader(_Views(pictures, config), batch_size=LOADED_AT_ONCE, num_workers=1)
    maps: npt.NDArray[np.float16] | None = None
    done = 0
    network.eval()
    with torch.inference_mode():
        for batch in loader:
            found = network.first(batch.flatten(0, 1)).half().numpy()
            if maps is None:
                shape = (len(pictures.paths), views + 1, *found.shape[1:])
                maps = np.lib.format.open_memmap(folder / "views.npy", "w+", np.float16, shape)
            maps[done : done + len(batch)] = found.reshape(len(batch), views + 1, *found.shape[1:])
            done += len(batch)
            advance(len(batch))
    assert maps is not None  # noqa: S101 - a picture set is never empty
    return CachedViews(maps)
