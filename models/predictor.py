"""From alerts to predictions: redaction, models, calibration, fusion and policy in one place."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL.Image import Image

from models.bundle import GOLDEN, RULES, TAXONOMY, Bundle, load_bundle
from models.calibration import Floats
from models.duplicates.finder import DuplicateFinder
from models.duplicates.reading import Remembering, VectorReader
from models.duplicates.scorer import DESCRIPTION as DUPLICATES
from models.duplicates.scorer import RULES as DUPLICATE_RULES
from models.duplicates.scorer import DuplicateScorer, read_description
from models.explanation import explain
from models.fusion import HALF, Fusion, TextAnswer
from models.golden import check_golden
from models.language import LanguageReader
from models.photo import PART as PHOTO
from models.photo import PhotoModel, Picture
from models.photo_golden import GOLDEN as GOLDEN_PICTURES
from models.photo_golden import check_golden_pictures
from models.photo_reader import UNREADABLE, PhotoReader, Pictures, ReadPhotos
from models.shared import SharedParts
from models.text import TextModel, TextOutput
from triage.alert import Alert
from triage.duplicates.report import Report
from triage.duplicates.rules import load_duplicate_rules
from triage.errors import InvalidBundle
from triage.policy import Evidence, Policy
from triage.prediction import Alternative, Answer, ExplainedPrediction, ModelInfo, Prediction
from triage.redaction import plates, redact
from triage.rules import DepartmentRules, load_rules
from triage.taxonomy import HEADS, Head, Taxonomy, load_taxonomy

PlateDigest = Callable[[str], str]

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class PredictedBatch:
    """Predictions in the order of the alerts, what others are compared with, and the seconds of each stage."""

    predictions: tuple[Prediction, ...]
    reports: tuple[Report, ...]
    tokenize_s: float
    inference_s: float


class Predictor:
    """Answers alerts from one bundle; the only door to the models for serving and the command line."""

    def __init__(
        self,
        bundle: Bundle,
        taxonomy: Taxonomy,
        rules: DepartmentRules,
        text_model: TextModel,
        photo_reader: PhotoReader | None = None,
        plate_digest: PlateDigest = str.upper,
    ) -> None:
        self.bundle = bundle
        self.taxonomy = taxonomy
        self._rules = rules
        self._text_model = text_model
        self._photo_reader = photo_reader
        self._plate_digest = plate_digest
        self.finder: DuplicateFinder | None = None
        self._languages: LanguageReader | None = None
        manifest = bundle.manifest
        self._policy = Policy(taxonomy, manifest.thresholds)
        self.model_info = ModelInfo(
            name=manifest.name,
            version=manifest.version,
            taxonomy=manifest.taxonomy_version,
            bundle_sha256=bundle.sha256,
        )

    @classmethod
    def load(
        cls,
        folder: Path,
        *,
        taxonomy: Path | Taxonomy | None = None,
        duplicate_rules: Path | None = None,
        threads: int | None = None,
        plate_digest: PlateDigest = str.upper,
        languages: bool | SharedParts = False,
    ) -> "Predictor":
        """Verify and load a bundle.

        Args:
            folder: the bundle.
            taxonomy: the city's own, or its file; the bundle's copy by default.
            duplicate_rules: the city's own file; the bundle's copy by default.
            threads: threads of the inference session; all cores by default.
            plate_digest: what is kept of a plate; a store's keys make one that cannot be undone.
            languages: whether it tells languages too, which takes half a second and 60 MB; or the parts that it shares
                with other bundles, what tells languages among them.

        Raises:
            InvalidBundle: a file is broken, truncated or foreign.
            InvalidTaxonomy: the city's file lacks a code that the model can answer.
            InvalidConfiguration: the city's rules for duplicates cannot be used.
        """
        shared = languages if isinstance(languages, SharedParts) else SharedParts() if languages else None
        bundle = load_bundle(folder)
        trained = load_taxonomy(bundle.path(TAXONOMY))
        city = load_taxonomy(taxonomy) if isinstance(taxonomy, Path) else taxonomy or trained
        city.require_compatible(trained)
        compares = DUPLICATES in bundle.manifest.files
        taps = read_description(bundle).taps if compares else ()
        model = TextModel.from_bundle(bundle, threads, taps, shared.tokenizers if shared else None)
        for head in HEADS:
            if set(model.description.codes[head]) - set(trained.codes(head)):
                raise InvalidBundle(f"The text model of {folder} answers a {head} that its taxonomy lacks.")
        reader = None
        if PHOTO in bundle.manifest.parts:
            photo_model = PhotoModel.from_bundle(bundle, threads)
            if photo_model.description.labels != tuple(trained.photo_labels):
                raise InvalidBundle(f"The photo model of {folder} answers other labels than its taxonomy has.")
            fusion = Fusion.from_bundle(bundle, trained, model.description.codes)
            if not fusion.reads(model.description.encoder.width):
                raise InvalidBundle(f"The fusion of {folder} reads another text model; run: triage train fusion")
            reader = PhotoReader(photo_model, fusion, trained)
        predictor = cls(bundle, city, load_rules(bundle.path(RULES), trained), model, reader, plate_digest)
        if compares:
            codes, width = len(model.description.codes["category"]), model.description.encoder.width
            scorer = DuplicateScorer.from_bundle(bundle, codes, width, threads)
            rules = load_duplicate_rules(duplicate_rules or bundle.path(DUPLICATE_RULES), city)
            # What reads is no predictor: the two would hold each other, and a bundle that was served stay in memory.
            read = Remembering(VectorReader(model, scorer).read_again)
            predictor.finder = DuplicateFinder(scorer, rules, read)
        predictor._languages = shared.languages if shared else None
        return predictor

    @property
    def photo_size(self) -> int | None:
        """The side of the pictures that `prepare` makes; None if the bundle reads no photos."""
        return self._photo_reader.model.description.size if self._photo_reader else None

    def prepare(self, image: Image) -> Picture | None:
        """What the photo model takes of an upright RGB image; None if the bundle reads no photos."""
        return self._photo_reader.model.prepare(image) if self._photo_reader else None

    def predict(self, alerts: Sequence[Alert], pictures: Sequence[Pictures] | None = None) -> PredictedBatch:
        """Predict alerts of any number.

        Args:
            alerts: checked alerts.
            pictures: per alert, its photos as `prepare` made them, None for one that cannot be read.
        """
        masked = [redact(alert.text).text if alert.has_words else "" for alert in alerts]
        output = self._text_model.predict(masked)
        started = time.perf_counter()
        photos = self._read_photos(pictures or [()] * len(alerts))
        seconds = time.perf_counter() - started
        probabilities = self._text_model.probabilities(output)
        vectors = self._vectors(masked, output)
        predictions = tuple(
            self._answer(
                alert,
                TextAnswer({head: probabilities[head][row] for head in HEADS}, output.embeddings[row], alert.has_words),
                float(output.unknown_language[row]),
                photos[row],
            )
            for row, alert in enumerate(alerts)
        )
        now = datetime.now(UTC)
        reports = tuple(
            Report(
                id=alert.id,
                text=text,
                lat=alert.lat,
                lon=alert.lon,
                created_at=alert.created_at or now,
                hint=alert.category_hint,
                category=prediction.category.code,
                vector=vector,
                photos=seen.seen,
                plates=frozenset(map(self._plate_digest, plates(alert.text))),
            )
            for alert, text, prediction, vector, seen in zip(alerts, masked, predictions, vectors, photos, strict=True)
        )
        return PredictedBatch(predictions, reports, output.tokenize_s, output.inference_s + seconds)

    def language(self, text: str) -> str | None:
        """The code of the language of a text without personal data; None where it cannot be told."""
        return self._languages.tell(text) if self._languages else None

    def read_again(self, texts: Sequence[str]) -> Sequence[bytes]:
        """Vectors of texts without personal data, for those stored by an older model."""
        if self.finder is None:
            return [b""] * len(texts)
        return VectorReader(self._text_model, self.finder.scorer).read_again(texts)

    def _vectors(self, texts: Sequence[str], output: TextOutput) -> Sequence[bytes | None]:
        if self.finder is None:
            return [None] * len(texts)
        return VectorReader(self._text_model, self.finder.scorer).vectors(texts, output)

    def _read_photos(self, pictures: Sequence[Pictures]) -> list[ReadPhotos]:
        if self._photo_reader and any(pictures):
            return self._photo_reader.read(pictures)
        # A bundle without the part reads none.
        return [ReadPhotos(notes=(UNREADABLE,) if group else ()) for group in pictures]

    def _answer(self, alert: Alert, text: TextAnswer, unknown_language: float, photos: ReadPhotos) -> Prediction:
        fused, notes = self._photo_reader.fuse(text, photos) if self._photo_reader else (None, photos.notes)
        rows = fused.probabilities if fused else text.probabilities
        codes = self._text_model.description.codes
        ranked = {head: _rank(codes[head], rows[head]) for head in HEADS}
        by_photo = fused is not None and fused.photo_share >= HALF
        evidence = Evidence(
            probabilities={head: {item.code: item.confidence for item in ranked[head]} for head in HEADS},
            words=len(_WORD.findall(alert.text)) if alert.has_words else 0,
            unknown_language=unknown_language,
            decided_by_photo=by_photo,
            inconclusive=fused is not None and (fused.inconclusive or (by_photo and not photos.reliable)),
            notes=notes,
        )
        outcome = self._policy.decide(evidence)
        answers = {
            head: Answer.model_construct(
                code=ranked[head][0].code,
                confidence=ranked[head][0].confidence,
                alternatives=tuple(ranked[head][1:]),
            )
            for head in HEADS
        }
        return Prediction.model_construct(
            id=alert.id,
            decision=outcome.decision,
            reasons=outcome.reasons,
            photos=photos.answers,
            duplicates=(),
            model=self.model_info,
            category=answers["category"],
            department=answers["department"],
            priority=answers["priority"],
        )

    def explain(self, alert: Alert, prediction: Prediction, pictures: Pictures = ()) -> ExplainedPrediction:
        """A prediction with the words that spoke for it, the rules that give its department, and maps of its photos.

        Costs one pass over at most `MAX_PARTS` + 1 texts, and one for each photo.
        """
        masked = redact(alert.text).text if alert.has_words else ""
        category, department = prediction.category.code, prediction.department.code
        rules = self._rules.naming(category, department, self.taxonomy)
        answered: dict[Head, str] = {
            "category": category,
            "department": department,
            "priority": prediction.priority.code,
        }
        explanation = explain(self._text_model, masked, answered, [rule.name for rule in rules])
        if self._photo_reader and pictures:
            explanation = explanation.model_copy(update={"photos": self._photo_reader.explain(pictures)})
        return ExplainedPrediction(**dict(prediction), explanation=explanation)

    def check_golden(self) -> None:
        """Prove that the model answers here as where it was made.

        Raises:
            InvalidBundle: naming the first text or picture whose answer differs.
        """
        check_golden(self.bundle.path(GOLDEN), self._text_model)
        if self._photo_reader:
            check_golden_pictures(self.bundle.path(GOLDEN_PICTURES), self._photo_reader.model)


def _rank(codes: Sequence[str], probabilities: Floats) -> list[Alternative]:
    order = np.argsort(-probabilities, kind="stable")
    # Already checked numbers: skipping validation halves the time to build an answer.
    return [
        Alternative.model_construct(code=codes[index], confidence=round(float(probabilities[index]), 4))
        for index in order
    ]
