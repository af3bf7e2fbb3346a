"""The bundle's ONNX graph against PyTorch eager of the original encoder: 32 tokens an alert, one thread, in turn."""

import functools
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import BertConfig, BertModel

from models.bundle import load_bundle
from models.networks.text import TextNetwork
from models.text import TextModel
from models.tokenization import TokenBatch
from triage.taxonomy import HEADS

ROUNDS = 5
BATCHES = (1, 32)
TOKENS = 32


@dataclass(frozen=True, slots=True)
class InferenceFigures:
    """Median milliseconds per alert of both runtimes at one batch size."""

    batch_size: int
    onnx_ms: float
    torch_ms: float
    onnx_tokens_per_s: float

    @property
    def speedup(self) -> float:
        """How many times faster onnxruntime is."""
        return self.torch_ms / self.onnx_ms


def bench_inference(bundle: Path, texts: Sequence[str], advance: Callable[[], None]) -> list[InferenceFigures]:
    """Measure both runtimes batch by batch in turn, so that a drifting machine hits both alike.

    The PyTorch side has the architecture and sizes of multilingual-e5-small, all layers; its
    weights are drawn at random, since time does not depend on their values.

    Args:
        bundle: the bundle to measure.
        texts: masked texts.
        advance: called after each batch, for a progress bar.
    """
    model = TextModel.from_bundle(load_bundle(bundle), threads=1)
    network = _original_network(model)
    rows = [(row * TOKENS)[:TOKENS] for row in model.tokenizer.encode(texts)]
    torch.set_num_threads(1)
    figures = []
    for size in BATCHES:
        batches = [
            next(model.tokenizer.batches(rows[start : start + size], max_batch_tokens=1_000_000))
            for start in range(0, len(rows), size)
        ]
        figures.append(_measure(model, network, batches, size, advance))
    return figures


def bench_steps(texts: int) -> int:
    """How often `bench_inference` advances."""
    return sum(-(-texts // size) for size in BATCHES)


def _measure(
    model: TextModel, network: TextNetwork, batches: Sequence[TokenBatch], size: int, advance: Callable[[], None]
) -> InferenceFigures:
    onnx_times, torch_times = [], []
    tokens, seconds = 0, 0.0
    for batch in batches:
        inputs = {"input_ids": batch.ids, "attention_mask": batch.mask}
        ids, mask = torch.from_numpy(batch.ids), torch.from_numpy(batch.mask)
        alerts = len(batch.positions)
        onnx_times.append(_best(functools.partial(model.run, inputs)) / alerts)
        with torch.inference_mode():
            torch_times.append(_best(functools.partial(network, ids, mask)) / alerts)
        seconds += onnx_times[-1] * alerts
        tokens += int(batch.mask.sum())
        advance()
    return InferenceFigures(
        batch_size=size,
        onnx_ms=1000 * statistics.median(onnx_times),
        torch_ms=1000 * statistics.median(torch_times),
        onnx_tokens_per_s=tokens / seconds,
    )


def _best(call: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return min(times)


def _original_network(model: TextModel) -> TextNetwork:
    config = BertConfig(
        vocab_size=model.tokenizer.size,
        hidden_size=384,
        num_hidden_layers=12,
        num_attention_heads=12,
        intermediate_size=1536,
    )
    codes = {head: len(model.description.codes[head]) for head in HEADS}
    return TextNetwork(BertModel(config, add_pooling_layer=False), codes).eval()
