"""The benchmark of the shipped model: int8 in onnxruntime is faster than PyTorch, on inputs of one length."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import torch
from transformers.models.bert.modeling_bert import BertLayer

from evaluation.benchmarks.inference import BATCHES, ROUNDS, TOKENS, InferenceFigures, bench_inference, bench_steps
from models.networks.text import TextNetwork
from models.text import TextModel
from triage.settings import PROJECT_ROOT

BUNDLE = PROJECT_ROOT / "models" / "pretrained"
TEXTS = [f"Lampadaire éteint au {number} rue Monge" + " depuis des jours" * (number % 6) for number in range(1, 17)]


@pytest.fixture(scope="module")
def steps() -> list[None]:
    return []


@pytest.fixture(scope="module")
def figures(steps: list[None]) -> Iterator[list[InferenceFigures]]:
    threads = torch.get_num_threads()
    yield bench_inference(BUNDLE, TEXTS, lambda: steps.append(None))
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
    tokens = TOKENS * len(TEXTS)
    last = figures[-1]
    assert last.onnx_ms * len(TEXTS) == pytest.approx(1000 * tokens / last.onnx_tokens_per_s, rel=0.05)


# What each runtime is given


class Seen:
    """Shapes that either runtime was given, how many were padding, and the layers of each pass through PyTorch."""

    def __init__(self) -> None:
        self.onnx: list[tuple[int, ...]] = []
        self.torch: list[tuple[int, ...]] = []
        self.layers: list[int] = []
        self.padding = 0


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    """What a run on a short, a middling and a long text gave to both runtimes."""
    found = Seen()
    run = TextModel.run

    def watched(model: TextModel, inputs: Mapping[str, Any]) -> Any:
        found.onnx.append(inputs["input_ids"].shape)
        found.padding += int((inputs["attention_mask"] == 0).sum())
        return run(model, inputs)

    def passed(module: torch.nn.Module, inputs: tuple[Any, ...]) -> None:
        if isinstance(module, TextNetwork):
            found.torch.append(tuple(inputs[0].shape))
            found.padding += int((inputs[1] == 0).sum())
            found.layers.append(0)
        elif isinstance(module, BertLayer):
            found.layers[-1] += 1

    monkeypatch.setattr(TextModel, "run", watched)
    hook = torch.nn.modules.module.register_module_forward_pre_hook(passed)
    threads = torch.get_num_threads()
    bench_inference(BUNDLE, ["Trou", TEXTS[5], "Lampadaire éteint rue Monge " * 12], lambda: None)
    torch.set_num_threads(threads)  # the benchmark leaves one
    hook.remove()
    return found


@pytest.mark.slow
def test_short_texts_are_repeated_and_long_ones_cut_to_32_tokens(seen: Seen) -> None:
    expected = [(1, 32)] * 3 * ROUNDS + [(3, 32)] * ROUNDS
    assert seen.onnx == expected
    assert seen.torch == expected
    assert seen.padding == 0


@pytest.mark.slow
def test_pytorch_runs_all_twelve_layers_of_the_original_however_many_the_bundle_keeps(seen: Seen) -> None:
    assert seen.layers == [12] * 4 * ROUNDS
