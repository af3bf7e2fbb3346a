"""The benchmark of the shipped model: int8 in onnxruntime is faster than PyTorch."""

from collections.abc import Iterator

import pytest
import torch

from evaluation.benchmarks.inference import BATCHES, InferenceFigures, bench_inference, bench_steps
from triage.settings import PROJECT_ROOT

TEXTS = [f"Lampadaire éteint au {number} rue Monge" + " depuis des jours" * (number % 6) for number in range(1, 17)]


@pytest.fixture(scope="module")
def steps() -> list[None]:
    return []


@pytest.fixture(scope="module")
def figures(steps: list[None]) -> Iterator[list[InferenceFigures]]:
    threads = torch.get_num_threads()
    yield bench_inference(PROJECT_ROOT / "models" / "pretrained", TEXTS, lambda: steps.append(None))
    torch.set_num_threads(threads)  # the benchmark leaves one


@pytest.mark.slow
def test_both_batch_sizes_are_measured(figures: list[InferenceFigures]) -> None:
    assert tuple(item.batch_size for item in figures) == BATCHES
    assert all(item.onnx_ms > 0 and item.torch_ms > 0 and item.onnx_tokens_per_s > 0 for item in figures)


@pytest.mark.slow
def test_onnx_is_faster_than_torch(figures: list[InferenceFigures]) -> None:
    for item in figures:
        assert item.speedup == item.torch_ms / item.onnx_ms
        assert item.speedup > 1.1, item


@pytest.mark.slow
def test_the_bench_advances_once_a_batch(figures: list[InferenceFigures], steps: list[None]) -> None:
    assert figures
    assert len(steps) == bench_steps(len(TEXTS)) == 17


@pytest.mark.slow
def test_milliseconds_are_per_alert_even_where_the_batch_is_not_full(figures: list[InferenceFigures]) -> None:
    # Tokens per second do not know the batch size, so both figures must tell the same total time.
    from models.bundle import load_bundle
    from models.text import TextModel

    model = TextModel.from_bundle(load_bundle(PROJECT_ROOT / "models" / "pretrained"), threads=1)
    tokens = sum(map(len, model.tokenizer.encode(TEXTS)))
    last = figures[-1]
    assert last.onnx_ms * len(TEXTS) == pytest.approx(1000 * tokens / last.onnx_tokens_per_s, rel=0.05)
