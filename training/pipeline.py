"""The whole path of `triage train`: corpus, fit, calibration, export, proof, bundle, MLflow."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from scipy.special import softmax

from evaluation.evaluate import Evaluation, evaluate
from evaluation.metrics import macro_f1
from models.bundle import CARD, GOLDEN, TAXONOMY, Origin, load_bundle, write_manifest
from models.calibration import Calibration
from models.predictor import Predictor
from models.text import DESCRIPTION, MODEL, PART, TOKENIZER, TextDescription, TextModel
from training.calibration import choose_thresholds, fit_temperature
from training.card import CardFacts, write_card
from training.config import TextConfig
from training.text.export import export_float, export_int8
from training.text.fit import Logits, TextTrainer
from training.text.network import BuiltNetwork, build_network
from training.tracking import RunTracker, track_run
from triage.corpus import LabelledAlert, Split, corpus_digest, in_split, read_corpus
from triage.errors import InvalidConfiguration, InvalidCorpus
from triage.policy import Thresholds
from triage.redaction import redact
from triage.settings import PROJECT_ROOT
from triage.taxonomy import HEADS, Taxonomy, load_taxonomy, taxonomy_digest

GOLDEN_ROWS = 12
GOLDEN_MARGIN = 0.15  # golden answers must not sit on the fence between two codes
PARITY_LIMIT = 0.03

BundleFiles = dict[str, Path]


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """What to train from, and where the bundle goes."""

    corpus: Path
    taxonomy: Path
    output: Path
    tracking_uri: str
    command: str


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """Where the bundle lies, its figures on the test split, and its MLflow run."""

    bundle: Path
    run_id: str
    evaluation: Evaluation


def train_text(config: TextConfig, request: TrainingRequest, base: Path | None = None) -> TrainingResult:
    """Train the text part and write a whole bundle.

    Args:
        config: the choices of the run.
        request: corpus, taxonomy and places.
        base: a bundle whose other parts are carried over by digest; none by default.

    Raises:
        InvalidCorpus: a split is empty.
        InvalidConfiguration: the output folder exists and is no bundle.
    """
    taxonomy = load_taxonomy(request.taxonomy)
    rows = read_corpus(request.corpus, taxonomy)
    splits = {split: in_split(rows, split) for split in Split}
    for split, members in splits.items():
        if not members:
            raise InvalidCorpus(f"The corpus {request.corpus} has no row in the split '{split.value}'.")
    _refuse_foreign_folder(request.output)
    with track_run(request.tracking_uri, config.name) as tracker:
        tracker.log_parameters(config.model_dump())
        tracker.log_corpus(rows, request.corpus)
        built = build_network(config, taxonomy, [row.text for row in splits[Split.TRAIN]])
        trainer = TextTrainer(built.network, built.text_tokenizer(), taxonomy, config)
        fitted = trainer.fit(splits[Split.TRAIN], splits[Split.VALIDATION], tracker.log_metrics)
        tracker.log_metrics({"best_epoch": fitted.epoch, "best_validation_score": fitted.score})
        with tempfile.TemporaryDirectory() as folder:
            writer = _BundleWriter(Path(folder), config, request, taxonomy, tracker)
            evaluation = writer.write(built, trainer, rows, base)
            tracker.log_metrics(evaluation.metrics())
            tracker.log_folder(writer.folder, "bundle")
            shutil.rmtree(request.output, ignore_errors=True)
            shutil.copytree(writer.folder, request.output)
        return TrainingResult(request.output, tracker.run_id, evaluation)


class _BundleWriter:
    """Writes the bundle of one trained network into an empty folder, and proves it."""

    def __init__(
        self, folder: Path, config: TextConfig, request: TrainingRequest, taxonomy: Taxonomy, tracker: RunTracker
    ) -> None:
        self.folder = folder
        self._config = config
        self._request = request
        self._taxonomy = taxonomy
        self._tracker = tracker

    def write(
        self, built: BuiltNetwork, trainer: TextTrainer, rows: Sequence[LabelledAlert], base: Path | None
    ) -> Evaluation:
        validation, test = in_split(rows, Split.VALIDATION), in_split(rows, Split.TEST)
        parts = _carry_over(base, self.folder) if base else ()
        (self.folder / PART).mkdir()
        shutil.copy(self._request.taxonomy, self.folder / TAXONOMY)
        built.tokenizer.save(str(self.folder / TOKENIZER))
        float_logits = trainer.logits(_texts(test))
        self._prove_float_export(built, test, float_logits)
        export_int8(built.network, self.folder / MODEL)
        # Calibration is fitted on the logits of the int8 graph: they are what serving sees.
        calibration = self._calibrate(validation)
        model = self._load(calibration)
        thresholds = self._thresholds(model, validation)
        (self.folder / GOLDEN).write_text(self._golden(model, test), encoding="utf-8")
        parity = self._parity(model, test, float_logits)
        self._tracker.log_metrics(parity)
        origin = self._origin()
        draft = self._write_manifest((PART, *parts), thresholds, {}, origin, rows)
        evaluation = evaluate(Predictor.load(self.folder), test, in_split(rows, Split.TRAIN))
        sizes = {name: entry.bytes for name, entry in draft.files.items() if name.startswith(PART)}
        facts = CardFacts(self._config, built.source, origin, draft.data_sha256, thresholds, sizes, parity)
        (self.folder / CARD).write_text(write_card(facts, rows, evaluation), encoding="utf-8")
        self._write_manifest((PART, *parts), thresholds, evaluation.metrics() | parity, origin, rows)
        Predictor.load(self.folder).check_golden()
        return evaluation

    def _prove_float_export(self, built: BuiltNetwork, test: Sequence[LabelledAlert], expected: Logits) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "float.onnx"
            export_float(built.network, path)
            model = TextModel(path, self.folder / TOKENIZER, self._description(_UNIT))
            found = model.predict(_texts(test)).logits
        worst = max(float(np.abs(found[head] - expected[head]).max()) for head in HEADS)
        self._tracker.log_metrics({"float_export_worst_logit_difference": worst})
        if worst > PARITY_LIMIT:
            raise RuntimeError(
                f"The ONNX export differs from the network by {worst:.4f} in a logit (limit {PARITY_LIMIT});"
                " check the versions of torch and onnxruntime against constraints.txt."
            )

    def _description(self, calibration: Calibration) -> TextDescription:
        return TextDescription(codes={head: self._taxonomy.codes(head) for head in HEADS}, calibration=calibration)

    def _load(self, calibration: Calibration) -> TextModel:
        description = self._description(calibration)
        (self.folder / DESCRIPTION).write_text(description.model_dump_json(indent=2) + "\n", encoding="utf-8")
        return TextModel(self.folder / MODEL, self.folder / TOKENIZER, description)

    def _calibrate(self, rows: Sequence[LabelledAlert]) -> Calibration:
        logits = self._load(_UNIT).predict(_texts(rows)).logits
        temperatures = {head: fit_temperature(logits[head], self._truth(rows, head)) for head in HEADS}
        self._tracker.log_metrics({f"temperature_{head}": value for head, value in temperatures.items()})
        return Calibration(temperatures=temperatures)

    def _thresholds(self, model: TextModel, rows: Sequence[LabelledAlert]) -> Thresholds:
        probabilities = model.probabilities(model.predict(_texts(rows)))
        urgent = self._taxonomy.codes("priority").index(self._taxonomy.urgent_priority)
        return choose_thresholds(
            category=(probabilities["category"], self._truth(rows, "category")),
            department=(probabilities["department"], self._truth(rows, "department")),
            urgent=(probabilities["priority"][:, urgent], self._truth(rows, "priority") == urgent),
            error_rate=self._config.error_rate,
            urgent_recall=self._config.urgent_recall,
        )

    def _golden(self, model: TextModel, rows: Sequence[LabelledAlert]) -> str:
        texts = _texts(rows)
        probabilities = model.probabilities(model.predict(texts))
        margins = np.min([np.diff(np.sort(probabilities[head])[:, -2:]).ravel() for head in HEADS], axis=0)
        chosen = [row for row in range(len(rows)) if margins[row] >= GOLDEN_MARGIN] or list(np.argsort(-margins))
        golden = []
        for row in chosen[:: max(1, len(chosen) // GOLDEN_ROWS)][:GOLDEN_ROWS]:
            answers = {
                head: {
                    "code": self._taxonomy.codes(head)[int(probabilities[head][row].argmax())],
                    "confidence": round(float(probabilities[head][row].max()), 4),
                }
                for head in HEADS
            }
            golden.append({"text": texts[row], **answers})
        return json.dumps(golden, ensure_ascii=False, indent=1) + "\n"

    def _parity(self, model: TextModel, rows: Sequence[LabelledAlert], expected: Logits) -> dict[str, float]:
        found = model.predict(_texts(rows)).logits
        parity = {}
        for head in HEADS:
            truth = self._truth(rows, head)
            before = macro_f1(truth, expected[head].argmax(axis=1))
            parity[f"int8_{head}_macro_f1_change"] = macro_f1(truth, found[head].argmax(axis=1)) - before
            difference = np.abs(softmax(found[head], axis=1) - softmax(expected[head], axis=1))
            parity[f"int8_{head}_mean_probability_change"] = float(difference.max(axis=1).mean())
        return parity

    def _truth(self, rows: Sequence[LabelledAlert], head: str) -> np.ndarray:
        codes = {name: self._taxonomy.codes(name) for name in HEADS}[head]  # type: ignore[index]
        return np.array([codes.index(getattr(row, head)) for row in rows])

    def _origin(self) -> Origin:
        return Origin(
            command=self._request.command,
            commit=_commit(),
            run_id=self._tracker.run_id,
            created_at=datetime.now(UTC).replace(microsecond=0),
        )

    def _write_manifest(self, parts, thresholds, metrics, origin, rows):  # type: ignore[no-untyped-def]
        return write_manifest(
            self.folder,
            name=self._config.name,
            version=f"{origin.created_at:%Y.%m.%d}-{origin.run_id[:8]}",
            taxonomy_version=self._taxonomy.version,
            taxonomy_sha256=taxonomy_digest(self.folder / TAXONOMY),
            data_sha256=corpus_digest(rows),
            parts=parts,
            thresholds=thresholds,
            metrics=metrics,
            origin=origin,
        )


_UNIT = Calibration(temperatures=dict.fromkeys(HEADS, 1.0))


def _texts(rows: Sequence[LabelledAlert]) -> list[str]:
    return [redact(row.text).text for row in rows]


def _carry_over(base: Path, folder: Path) -> tuple[str, ...]:
    """Copy every part but the text from a verified bundle."""
    bundle = load_bundle(base)
    others = tuple(part for part in bundle.manifest.parts if part != PART)
    for part in others:
        shutil.copytree(bundle.folder / part, folder / part)
    return others


def _refuse_foreign_folder(output: Path) -> None:
    if output.exists() and any(output.iterdir()) and not (output / "manifest.json").exists():
        raise InvalidConfiguration(f"{output} exists and is no bundle; name another --output folder or remove it.")


def _commit() -> str:
    result = subprocess.run(
        ["git", "describe", "--always", "--dirty"],  # noqa: S607 - git is where the user has it
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return result.stdout.strip() or "unknown"
