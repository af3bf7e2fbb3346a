"""The photo network: its maps, its head's scale, and what it takes of a picture."""

import pytest
import torch
from torch import nn

from models.networks.photo import PhotoHead, PhotoNetwork

LABELS, WIDTH, SIZE = 4, 6, 16


@pytest.fixture
def network() -> PhotoNetwork:
    torch.manual_seed(0)
    head = PhotoHead(WIDTH, LABELS, dropout=0.5)
    nn.init.normal_(head.linear.weight)
    nn.init.normal_(head.linear.bias)
    frozen, tuned = nn.Conv2d(3, 5, 3, padding=1), nn.Conv2d(5, WIDTH, 4, stride=4)
    network = PhotoNetwork(frozen, tuned, head, (0.5, 0.4, 0.3), (0.2, 0.3, 0.4)).eval()
    network.head.standardize(network.tuned(network.first(pictures(8))).mean((2, 3)).detach())
    return network


def pictures(count: int) -> torch.Tensor:
    return torch.randint(0, 256, (count, SIZE, SIZE, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


def test_the_mean_of_a_map_is_the_logit(network: PhotoNetwork) -> None:
    logits, _, maps = network(pictures(3))
    assert maps.shape == (3, LABELS, 4, 4)
    torch.testing.assert_close(maps.mean((2, 3)), logits, atol=1e-4, rtol=1e-4)


def test_an_embedding_has_unit_length(network: PhotoNetwork) -> None:
    _, embedding, _ = network(pictures(3))
    assert embedding.shape == (3, WIDTH)
    torch.testing.assert_close(embedding.norm(dim=1), torch.ones(3))


def test_bytes_are_brought_to_the_scale_of_the_backbone() -> None:
    network = PhotoNetwork(nn.Identity(), nn.Identity(), PhotoHead(3, 2), (0.5, 0.4, 0.0), (0.5, 0.2, 1.0))
    found = network.first(torch.tensor([[[[255, 0, 51]]]], dtype=torch.uint8))
    torch.testing.assert_close(found.flatten(), torch.tensor([1.0, -2.0, 0.2]))


def test_a_new_head_says_nothing_and_standardized_features_are_on_one_scale() -> None:
    head = PhotoHead(3, 2).eval()
    pooled = torch.randn(50, 3) * torch.tensor([0.1, 1.0, 100.0]) + 7
    head.standardize(pooled)
    assert not head(pooled).any()
    scaled = (pooled - head.shift) / head.scale
    torch.testing.assert_close(scaled.mean(0), torch.zeros(3), atol=1e-4, rtol=0)
    torch.testing.assert_close(scaled.std(0), torch.ones(3), atol=0.02, rtol=0)


def test_a_feature_that_never_changes_divides_by_nothing() -> None:
    head = PhotoHead(2, 2).eval()
    head.standardize(torch.ones(10, 2))
    assert torch.isfinite(head(torch.ones(1, 2))).all()
