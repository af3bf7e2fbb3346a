"""Accuracy against time and size, bundle by bundle: which point of the curve to ship."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib import rc_context
from matplotlib.figure import Figure

from evaluation.answers import answer_rows
from evaluation.benchmarks.inference import bench_inference
from models.predictor import Predictor
from models.text import PART, TextModel
from triage.corpus import LabelledAlert
from triage.taxonomy import HEADS, Head


@dataclass(frozen=True, slots=True)
class SizeFigures:
    """One bundle: its layers, megabytes of the text part, milliseconds an alert, macro-F1 per head."""

    name: str
    layers: int
    megabytes: float
    ms: float
    times_faster: float
    macro_f1: dict[Head, float]


def bench_sizes(
    bundles: Sequence[Path], rows: Sequence[LabelledAlert], advance: Callable[[], None]
) -> list[SizeFigures]:
    """Measure bundles on the same rows; time is that of one alert of 32 tokens on one thread."""
    figures = []
    for folder in bundles:
        predictor = Predictor.load(folder)
        bundle = predictor.bundle
        single = bench_inference(folder, [row.masked_text for row in rows[:64]], lambda: None)[0]
        figures.append(
            SizeFigures(
                name=folder.name,
                layers=TextModel.from_bundle(bundle).description.encoder.layers,
                megabytes=bundle.manifest.part_bytes(PART) / 1e6,
                ms=single.onnx_ms,
                times_faster=single.speedup,
                macro_f1=answer_rows(predictor, rows).macro_f1,
            )
        )
        advance()
    return sorted(figures, key=lambda item: item.ms)


def plot_sizes(figures: Sequence[SizeFigures]) -> str:
    """The curve as SVG: macro-F1 of each head over milliseconds an alert."""
    with rc_context({"svg.hashsalt": "sizes"}):
        return _svg(figures)


def _svg(figures: Sequence[SizeFigures]) -> str:
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    for head in HEADS:
        axes.plot([item.ms for item in figures], [item.macro_f1[head] for item in figures], "o-", label=head)
    for item in figures:
        axes.annotate(
            f"{item.layers} layers, {item.megabytes:.0f} MB, {item.times_faster:.1f}×",
            (item.ms, item.macro_f1["category"]),
            textcoords="offset points",
            xytext=(4, 8),
            fontsize=8,
        )
    axes.set_xlabel("milliseconds an alert of 32 tokens, one thread (×: faster than PyTorch eager of the original)")
    axes.set_ylabel("macro-F1 on the test split, int8")
    axes.grid(alpha=0.3)
    axes.legend()
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()
