"""Writes the model card that travels inside a bundle."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from evaluation.evaluate import Evaluation
from models.bundle import Origin
from training.config import TextConfig
from training.data import TrainingData
from training.encoder.source import EncoderSource
from triage.corpus import Split
from triage.policy import Thresholds
from triage.taxonomy import HEADS

_SOURCES = (
    "Real reports are Konstanz' Mängelmelder 2020–2022 (German), Boston 311 2016–2018 (English) and the types of"
    " Paris' Dans Ma Rue (French phrases), with labels of our own or a teacher's answers; none of their texts is here."
)


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What a card says about one run."""

    config: TextConfig
    source: EncoderSource
    origin: Origin
    data_sha256: str
    thresholds: Thresholds
    sizes: Mapping[str, int]
    parity: Mapping[str, float]
    reports: Mapping[str, float]
    teacher: str
    vocabulary: int


def write_card(facts: CardFacts, data: TrainingData, evaluation: Evaluation) -> str:
    """The card in Markdown: purpose, origin, data, figures, limits."""
    return "\n".join([*_introduction(facts), *_data(data), *_figures(facts, evaluation), *_limits()]) + "\n"


def _introduction(facts: CardFacts) -> list[str]:
    origin, source = facts.origin, facts.source
    return [
        f"# {facts.config.name}",
        "",
        "Reads the text of a resident's alert and answers category, department and priority with calibrated",
        "probabilities. Made for the triage of alerts in the metropolis of Dijon; what it is unsure of goes to staff.",
        "",
        "| made by | |",
        "| --- | --- |",
        f"| command | `{origin.command}` |",
        f"| commit | `{origin.commit}` |",
        f"| corpus | SHA-256 `{facts.data_sha256}` |",
        f"| MLflow run | `{origin.run_id}` |",
        f"| date | {origin.created_at:%Y-%m-%d %H:%M} UTC |",
        f"| encoder | multilingual-e5-small (MIT) from the {source.kind} `{source.name}`, SHA-256 `{source.sha256}` |",
        f"| vocabulary | {facts.vocabulary} tokens, single characters all kept |",
        f"| layers | {facts.config.layers or 'all'} |",
        f"| teacher | {facts.teacher or 'none'} |",
        "",
    ]


def _data(data: TrainingData) -> list[str]:
    languages = Counter(row.lang for row in data.corpus).most_common()
    others = [f"{len(rows)} train rows of {name}" for name, rows in data.others.items()]
    if data.scenes:
        others.append(f"{len(data.scenes)} reports of the scenes of duplicates (category alone)")
    if data.texts:
        others.append(f"{len(data.texts)} real reports without labels")
    return [
        "## Data",
        "",
        "`datasets/corpus` (see its card): "
        + ", ".join(f"{len(data.split(split))} {split.value}" for split in Split)
        + " rows. Each split has authors of its own.",
        "Languages: " + ", ".join(f"{language} {count}" for language, count in languages) + ".",
        *([f"Beside it: {', '.join(others)}."] if others else []),
        *([_SOURCES] if "real_reports" in data.others else []),
        "",
    ]


def _figures(facts: CardFacts, evaluation: Evaluation) -> list[str]:
    lines = [
        "## Figures",
        "",
        f"On the {evaluation.rows} rows of the test split, int8, with 90 % bootstrap intervals; the baseline is tf-idf",
        "with logistic regression trained on the train rows of the corpus.",
        "",
        "| head | macro-F1 | accuracy | top 3 | calibration error | baseline macro-F1 |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for head in HEADS:
        figures, baseline = evaluation.model[head], evaluation.baseline[head]
        interval = figures.macro_f1
        lines.append(
            f"| {head} | {interval.value:.3f} ({interval.low:.3f}–{interval.high:.3f}) | {figures.accuracy:.3f}"
            f" | {figures.top_3:.3f} | {figures.calibration_error:.3f} | {baseline.macro_f1.value:.3f} |"
        )
    decisions, thresholds = evaluation.decisions, facts.thresholds
    lines += [
        "",
        f"Routed at a confidence of {thresholds.category:.3f}: {decisions.routed:.0%} of the alerts that are not"
        f" critical, with a wrong category or department in {decisions.routed_error:.1%} of what is routed"
        f" (stated: {thresholds.error_rate:.0%}). Critical alerts answered or flagged as such:"
        f" {decisions.urgent_caught:.0%}; others flagged: {decisions.others_flagged:.0%}.",
        "",
        "int8 against float32, on the same rows: "
        + ", ".join(f"{name} {value:.3f}" for name, value in facts.parity.items())
        + ".",
        *_reports(facts.reports),
        "Size: " + ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in facts.sizes.items()) + ".",
        "",
    ]
    return lines


def _reports(figures: Mapping[str, float]) -> list[str]:
    if not figures:
        return []
    values = ", ".join(
        f"{name.removeprefix('reports_').replace('_', ' ')} {value:.3f}" for name, value in figures.items()
    )
    return ["", f"On held-out real reports of other cities, labelled by the guide: {values}.", ""]


def _limits() -> list[str]:
    return [
        "## Limits",
        "",
        "- The corpus was written for this project; it is no sample of what residents send. Expect lower figures on",
        "  real alerts, and measure them (`triage evaluate --data FILE`) before trusting the thresholds.",
        "- Thresholds keep the stated error rate with the stated certainty for alerts like the validation rows, which",
        "  also chose the epoch and fitted the temperatures; for other alerts it is an estimate.",
        "- Photos are not read yet. Languages other than French are few in the corpus.",
        "- No text of the corpus, and no personal data, is in this bundle, except the golden texts in `golden.json`.",
        "",
    ]
