"""Random views of a picture: what other cameras, weathers and websites would have made of it."""

import io

import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional

# Scraped pictures end in caption bars and carry marks in their corners; street photos do not.
_CAPTION_SHARE = 0.12


class CaptionCrop(v2.Transform):
    """Cuts off the lower edge, where scraped pictures carry captions, at times more than that."""

    def transform(self, inpt: Tensor, _: dict[str, object]) -> Tensor:
        """A picture of shape (3, height, width) without its lowest rows."""
        share = _CAPTION_SHARE * (1 + float(torch.rand(())) * (float(torch.rand(())) < 0.5))
        return inpt[:, : max(8, round(inpt.shape[1] * (1 - share)))]


class LowResolution(v2.Transform):
    """Loses detail as a small tile or a zoomed phone picture does."""

    def transform(self, inpt: Tensor, _: dict[str, object]) -> Tensor:
        """A picture scaled down to between 64 and 160 pixels and up again."""
        height, width = inpt.shape[1:]
        factor = float(torch.empty(()).uniform_(64, 160)) / min(height, width)
        if factor >= 1:
            return inpt
        small = functional.resize(inpt, [max(8, round(height * factor)), max(8, round(width * factor))])
        return functional.resize(small, [height, width])


class Night(v2.Transform):
    """Dark with a tint of lamps, and grainy."""

    def transform(self, inpt: Tensor, _: dict[str, object]) -> Tensor:
        """A picture with its tones pressed down and noise of the sensor added."""
        gamma = float(torch.empty(()).uniform_(1.4, 2.8))
        tint = torch.tensor([1.0, 0.9, 0.75]) if torch.rand(()) < 0.5 else torch.tensor([0.85, 0.9, 1.0])
        dark = (inpt.float() / 255) ** gamma * float(torch.empty(()).uniform_(0.4, 0.9)) * tint[:, None, None]
        noise = torch.randn_like(dark) * float(torch.empty(()).uniform_(0.01, 0.06))
        return ((dark + noise).clamp(0, 1) * 255).to(torch.uint8)


class Compression(v2.Transform):
    """Blocks and rings of a small JPEG file; torchvision's own transform rests on an encoder that it gives up."""

    def transform(self, inpt: Tensor, _: dict[str, object]) -> Tensor:
        """A picture written with a quality between 20 and 80 and read again."""
        stream = io.BytesIO()
        functional.to_pil_image(inpt).save(stream, "JPEG", quality=int(torch.randint(20, 81, ())))
        with Image.open(stream) as image:
            return functional.pil_to_tensor(image.convert("RGB"))


class Grain(v2.Transform):
    """Noise of the sensor, as strong as old phones and disturbed tiles have it."""

    def transform(self, inpt: Tensor, _: dict[str, object]) -> Tensor:
        """A picture with Gaussian noise."""
        noise = torch.randn(inpt.shape) * float(torch.empty(()).uniform_(4, 32))
        return (inpt.float() + noise).clamp(0, 255).to(torch.uint8)


class Rain(v2.Transform):
    """Bright streaks over a greyer picture."""

    def transform(self, inpt: Tensor, _: dict[str, object]) -> Tensor:
        """A picture under slanted streaks."""
        height, width = inpt.shape[1:]
        drops = (torch.rand(1, height, width) > float(torch.empty(()).uniform_(0.98, 0.997))).float()
        length = int(torch.randint(5, 15, ()))
        kernel = torch.zeros(1, 1, length, length)
        slant = float(torch.empty(()).uniform_(-0.4, 0.4))
        for row in range(length):
            kernel[0, 0, row, int(min(length - 1, max(0, length / 2 + slant * (row - length / 2))))] = 1
        streaks = torch.nn.functional.conv2d(drops[None], kernel, padding=length // 2)[0, :, :height, :width].clamp(
            0, 1
        )
        grey = inpt.float() * 0.8 + 30
        return (grey * (1 - 0.5 * streaks) + 230 * 0.5 * streaks).clamp(0, 255).to(torch.uint8)


def random_views(size: int) -> v2.Transform:
    """Views for training, uint8 tensors of shape (3, size, size)."""
    return v2.Compose(
        [
            v2.RandomApply([CaptionCrop()], p=0.6),
            v2.RandomChoice(
                [
                    v2.RandomResizedCrop(size, scale=(0.35, 1.0), ratio=(0.6, 1.67), antialias=True),
                    v2.Compose(
                        [v2.RandomResize(size, size + 64, antialias=True), v2.RandomCrop(size, pad_if_needed=True)]
                    ),
                    v2.Resize([size, size], antialias=True),
                ],
                p=[0.6, 0.15, 0.25],
            ),
            v2.RandomHorizontalFlip(),
            v2.RandomApply([v2.RandomAffine(8, shear=8, interpolation=v2.InterpolationMode.BILINEAR)], p=0.2),
            v2.RandomApply([v2.RandomPerspective(0.25, p=1.0)], p=0.15),
            v2.RandomApply([v2.ColorJitter(0.4, 0.4, 0.5, 0.06)], p=0.7),
            v2.RandomGrayscale(p=0.08),
            v2.RandomApply([v2.RandomEqualize(p=1.0)], p=0.06),
            v2.RandomAutocontrast(p=0.1),
            v2.RandomAdjustSharpness(3, p=0.12),
            v2.RandomChoice([v2.Identity(), Night(), Rain(), Grain()], p=[0.68, 0.12, 0.06, 0.14]),
            v2.RandomApply([LowResolution()], p=0.2),
            v2.RandomApply([v2.GaussianBlur(7, (0.3, 2.0))], p=0.15),
            v2.RandomApply([Compression()], p=0.35),
            v2.RandomErasing(p=0.15, scale=(0.02, 0.15), value=127),
        ]
    )
