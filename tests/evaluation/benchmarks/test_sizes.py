"""The curve of accuracy over time: one label a bundle, a picture that needs nothing else, figures of real bundles."""

import json
import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest
import torch
from sklearn.metrics import f1_score

from evaluation.benchmarks.sizes import SizeFigures, bench_sizes, plot_sizes
from models.predictor import Predictor
from triage.alert import Alert
from triage.corpus import LabelledAlert, read_corpus
from triage.settings import PROJECT_ROOT
from triage.taxonomy import HEADS, load_taxonomy

BUNDLE = PROJECT_ROOT / "models" / "pretrained"
SVG = "{http://www.w3.org/2000/svg}"
# Names that tell what an element means; nothing is fetched from them.
NAMES_ONLY = re.compile(r'<!DOCTYPE[^>]*>|xmlns(:\w+)?="[^"]*"|<metadata>.*?</metadata>', re.DOTALL)


def made_up(name: str, layers: int, megabytes: float, ms: float, times_faster: float) -> SizeFigures:
    scores = {head: 0.7 + 0.02 * layers - 0.05 * place for place, head in enumerate(HEADS)}
    return SizeFigures(name, layers, megabytes, ms, times_faster, scores)


FIGURES = (
    made_up("four", 4, 20.4, 2.1, 6.26),
    made_up("six", 6, 25.7, 3.0, 4.51),
    made_up("eight", 8, 31.6, 4.2, 3.14),
)
LABELS = ["4 layers, 20 MB, 6.3×", "6 layers, 26 MB, 4.5×", "8 layers, 32 MB, 3.1×"]


@pytest.fixture(scope="module")
def svg() -> str:
    return plot_sizes(FIGURES)


def texts(svg: str) -> list[str]:
    """What the plot says; matplotlib draws letters as paths and keeps the words in comments."""
    return re.findall(r"<!-- (.*?) -->", svg)


def test_the_plot_is_an_svg_with_a_size(svg: str) -> None:
    picture = ET.fromstring(svg)  # noqa: S314  # our own document
    assert picture.tag == f"{SVG}svg"
    width, height = picture.attrib["viewBox"].split()[2:]
    assert float(width) > float(height) > 0
    assert len(list(picture.iter(f"{SVG}path"))) > len(FIGURES) * len(HEADS)


def test_each_bundle_has_one_label_with_layers_size_and_speed(svg: str) -> None:
    assert [text for text in texts(svg) if " layers, " in text] == LABELS


def test_one_bundle_alone_can_be_drawn() -> None:
    assert [text for text in texts(plot_sizes(FIGURES[:1])) if " layers, " in text] == LABELS[:1]


def test_each_head_has_one_line_of_its_own_in_the_legend(svg: str) -> None:
    assert [text for text in texts(svg) if text in HEADS] == list(HEADS)


def test_the_axes_say_what_they_measure(svg: str) -> None:
    said = texts(svg)
    assert any(text.startswith("milliseconds an alert of 32 tokens, one thread") for text in said)
    assert "macro-F1 on the test split, int8" in said


def test_the_plot_fetches_nothing(svg: str) -> None:
    assert not re.search(r"https?:|//|<script|<image", NAMES_ONLY.sub("", svg))
    targets = re.findall(r'(?:href="|url\()([^")]*)', svg)
    assert targets
    assert all(target.startswith("#") for target in targets)


def test_the_plot_holds_no_date_so_that_it_changes_only_with_its_figures(svg: str) -> None:
    assert "dc:date" not in svg


# A real bundle


@pytest.fixture(scope="module")
def rows() -> tuple[LabelledAlert, ...]:
    corpus = PROJECT_ROOT / "datasets" / "corpus" / "test.jsonl"
    return read_corpus(corpus, load_taxonomy(BUNDLE / "taxonomy.yaml"))[:24]


@pytest.fixture(scope="module")
def steps() -> list[None]:
    return []


@pytest.fixture(scope="module")
def measured(rows: tuple[LabelledAlert, ...], steps: list[None]) -> Iterator[list[SizeFigures]]:
    threads = torch.get_num_threads()
    yield bench_sizes([BUNDLE, BUNDLE], rows, lambda: steps.append(None))
    torch.set_num_threads(threads)  # the benchmark leaves one


@pytest.mark.slow
def test_every_bundle_is_measured_once_and_the_fastest_comes_first(
    measured: list[SizeFigures], steps: list[None]
) -> None:
    assert [item.name for item in measured] == [BUNDLE.name] * 2
    assert len(steps) == 2
    assert 0 < measured[0].ms <= measured[1].ms
    assert all(item.times_faster > 1 for item in measured)


@pytest.mark.slow
def test_layers_and_megabytes_are_those_of_the_text_part(measured: list[SizeFigures]) -> None:
    description = json.loads((BUNDLE / "text" / "description.json").read_text(encoding="utf-8"))
    size = sum(path.stat().st_size for path in (BUNDLE / "text").iterdir())
    for item in measured:
        assert item.layers == description["encoder"]["layers"]
        assert item.megabytes == pytest.approx(size / 1e6)


@pytest.mark.slow
def test_scores_are_the_macro_f1_of_the_predictors_answers(
    measured: list[SizeFigures], rows: tuple[LabelledAlert, ...]
) -> None:
    alerts = [Alert(id=row.id, text=row.text) for row in rows]
    predictions = Predictor.load(BUNDLE, threads=1).predict(alerts).predictions
    for head in HEADS:
        truth = [row.label(head) for row in rows]
        answers = [getattr(prediction, head).code for prediction in predictions]
        expected = f1_score(truth, answers, labels=sorted(set(truth)), average="macro", zero_division=0)
        assert [item.macro_f1[head] for item in measured] == pytest.approx([expected] * 2)
