"""Writes a whole, proven bundle from a trained text network."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from evaluation.agreement import SECOND_LABELS, read_agreement
from evaluation.answers import answer_rows
from evaluation.evaluate import Evaluation, evaluate
from evaluation.metrics import label_numbers
from evaluation.reference import Checked, make_reference
from models.bundle import CARD, GOLDEN, RULES, TAXONOMY, Manifest, Origin, write_manifest
from models.calibration import Calibration
from models.duplicates.scorer import PART as DUPLICATES
from models.fusion import PART as FUSION
from models.golden import answer_golden, write_golden
from models.photo import PART as PHOTO
from models.predictor import Predictor
from models.reference import write_reference
from models.text import DESCRIPTION, MODEL, PART, TOKENIZER, TextDescription, TextModel
from training.assemble import carry_over, version_of
from training.calibration import HeldOut, Promise, choose_thresholds, fit_temperature
from training.card import CardFacts, write_card
from training.config import TextConfig
from training.data import TrainingData
from training.fusion.part import read_fusion_texts, write_fusion
from training.text.answers import answers_of
from training.text.export import export_int8
from training.text.network import BuiltNetwork
from training.text.proof import golden_texts, int8_parity, prove_float_export
from training.tracking import RunTracker
from triage.corpus import Split
from triage.policy import Thresholds
from triage.taxonomy import HEADS, load_taxonomy, taxonomy_digest

_UNCALIBRATED = Calibration(temperatures=dict.fromkeys(HEADS, 1.0))


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained network with all that it was trained from."""

    config: TextConfig
    built: BuiltNetwork
    data: TrainingData
    taxonomy_file: Path
    rules_file: Path
    photo_texts: Path
    origin: Origin


class TextBundleWriter:
    """Fills an empty folder: exports, calibrates, chooses thresholds, proves and describes."""

    def __init__(self, folder: Path, trained: Trained, tracker: RunTracker) -> None:
        self._folder = folder
        self._trained = trained
        self._tracker = tracker
        self._taxonomy = load_taxonomy(trained.taxonomy_file)
        self._validation = trained.data.split(Split.VALIDATION)
        self._test = trained.data.split(Split.TEST)

    def write(self, base: Path | None) -> Evaluation:
        """Write the bundle; other parts come from `base`.

        Raises:
            RuntimeError: the export does not answer as the network does.
            InvalidBundle: the finished bundle does not reproduce its golden answers.
        """
        trained = self._trained
        parts = (PART, *(carry_over(base, self._folder, (PART, FUSION, DUPLICATES)) if base else ()))
        (self._folder / PART).mkdir()
        shutil.copy(trained.taxonomy_file, self._folder / TAXONOMY)
        shutil.copy(trained.rules_file, self._folder / RULES)
        parity = self._export()
        # Calibration is fitted on the logits of the int8 graph: they are what serving sees.
        model = self._describe(self._calibrate())
        thresholds = self._choose_thresholds(model)
        joined = self._join_photos(model) if PHOTO in parts else {}
        parts = (*parts, *([FUSION] if joined else []))
        texts = [row.masked_text for row in self._test]
        write_golden(self._folder / GOLDEN, answer_golden(model, golden_texts(model, texts)))
        draft = self._write_manifest(parts, thresholds, parity)
        human = read_agreement(SECOND_LABELS, trained.data.corpus)
        predictor = Predictor.load(self._folder)
        checked = Checked(self._validation, trained.data.split(Split.TRAIN), "the validation split")
        write_reference(self._folder, make_reference(predictor, model, checked))
        evaluation = evaluate(predictor, self._test, trained.data.split(Split.TRAIN), human)
        reports = self._measure_reports(predictor)
        facts = CardFacts(
            config=trained.config,
            source=trained.built.source,
            origin=trained.origin,
            data_sha256=draft.data_sha256,
            thresholds=thresholds,
            sizes=draft.part_sizes(PART),
            parity=parity,
            reports=reports,
            teacher=trained.built.teacher,
            vocabulary=trained.built.text_tokenizer().size,
        )
        (self._folder / CARD).write_text(write_card(facts, trained.data, evaluation), encoding="utf-8")
        self._write_manifest(parts, thresholds, evaluation.metrics() | parity | reports | joined)
        Predictor.load(self._folder).check_golden()
        return evaluation

    def _join_photos(self, model: TextModel) -> dict[str, float]:
        """Fit the fusion anew: it reads the embeddings of this text model."""
        texts = read_fusion_texts(self._trained.data.corpus, self._trained.photo_texts, self._taxonomy)
        figures = write_fusion(self._folder, model, texts, self._taxonomy)
        self._tracker.log_metrics(figures)
        return figures

    def _measure_reports(self, predictor: Predictor) -> dict[str, float]:
        """Accuracy of each head on the held-out real reports of each city, if they are there."""
        figures: dict[str, float] = {}
        rows = self._trained.data.reports
        for city in sorted({row.id.split("-")[0] for row in rows}):
            answers = answer_rows(predictor, [row for row in rows if row.id.startswith(f"{city}-")])
            figures |= {
                f"reports_{city}_{head}_accuracy": float((item.predicted == item.truth).mean())
                for head, item in answers.heads.items()
            }
        self._tracker.log_metrics(figures)
        return figures

    def _export(self) -> dict[str, float]:
        built = self._trained.built
        built.tokenizer.save(str(self._folder / TOKENIZER), pretty=False)  # indented, it is twice as large
        texts = [row.masked_text for row in self._test]
        expected = answers_of(built.network, built.text_tokenizer(), texts).logits
        description = self._description(_UNCALIBRATED)
        worst = prove_float_export(built.network, self._folder / TOKENIZER, description, texts, expected)
        export_int8(built.network, self._folder / MODEL)
        found = self._describe(_UNCALIBRATED).predict(texts).logits
        parity = int8_parity(found, expected, self._test, self._taxonomy)
        self._tracker.log_metrics(parity | {"float_export_worst_logit_difference": worst})
        return parity

    def _calibrate(self) -> Calibration:
        logits = self._describe(_UNCALIBRATED).predict([row.masked_text for row in self._validation]).logits
        temperatures = {
            head: fit_temperature(logits[head], label_numbers(self._validation, head, self._taxonomy)) for head in HEADS
        }
        self._tracker.log_metrics({f"temperature_{head}": value for head, value in temperatures.items()})
        return Calibration(temperatures=temperatures)

    def _choose_thresholds(self, model: TextModel) -> Thresholds:
        rows, config = self._validation, self._trained.config
        probabilities = model.probabilities(model.predict([row.masked_text for row in rows]))
        held_out = {head: HeldOut(probabilities[head], label_numbers(rows, head, self._taxonomy)) for head in HEADS}
        return choose_thresholds(
            **held_out,
            urgent=self._taxonomy.codes("priority").index(self._taxonomy.urgent_priority),
            promise=Promise(config.error_rate, config.error_certainty, config.urgent_recall),
        )

    def _description(self, calibration: Calibration) -> TextDescription:
        codes = {head: self._taxonomy.codes(head) for head in HEADS}
        return TextDescription(encoder=self._trained.built.size(), codes=codes, calibration=calibration)

    def _describe(self, calibration: Calibration) -> TextModel:
        description = self._description(calibration)
        (self._folder / DESCRIPTION).write_text(description.model_dump_json(indent=2) + "\n", encoding="utf-8")
        return TextModel(self._folder / MODEL, self._folder / TOKENIZER, description)

    def _write_manifest(self, parts: tuple[str, ...], thresholds: Thresholds, metrics: dict[str, float]) -> Manifest:
        origin = self._trained.origin
        return write_manifest(
            self._folder,
            name=self._trained.config.name,
            version=version_of(origin),
            taxonomy_version=self._taxonomy.version,
            taxonomy_sha256=taxonomy_digest(self._folder / TAXONOMY),
            data_sha256=self._trained.data.digest(),
            parts=parts,
            thresholds=thresholds,
            metrics=metrics,
            origin=origin,
        )
