"""Fits the duplicate part: networks answer what they never saw, and what weighs the evidence learns from that."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from models.bundle import digest
from models.duplicates.additive import AdditiveModel, probability
from models.duplicates.letters import WordWeights
from models.duplicates.network import PairNetwork as ExportedNetwork
from models.duplicates.ranking import ranking_measures
from models.duplicates.scorer import (
    COMPARISON,
    DESCRIPTION,
    ENCODER,
    PART,
    RULES,
    DuplicateDescription,
    DuplicateScorer,
)
from models.duplicates.vectors import VectorFormat
from training.duplicates.area import fit_area
from training.duplicates.config import DuplicateConfig
from training.duplicates.examples import Examples
from training.duplicates.export import export_network
from training.duplicates.fit import PairSet, fit_network, steps_of
from training.duplicates.reading import tap_names
from training.duplicates.weights import Measured, fit_weights
from triage.duplicates.evidence import CONTEXT, MEASURES
from triage.duplicates.report import Report
from triage.duplicates.rules import DuplicateRules

Progress = Callable[[str, int], Callable[[], None]]
_EMPTY = AdditiveModel(intercept=0.0, terms=())
# Hard pairs that the corpus shows more often than a street does: same category, near, soon after.
_HARD_M, _HARD_HOURS = 150, 30 * 24
_OTHER_CATEGORY = 2.0


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A fold's texts as its own network reads them, which never saw them."""

    scorer: DuplicateScorer
    reports: dict[int, Report]


@dataclass(frozen=True, slots=True)
class FittedPart:
    """The description that ships, and what is needed to measure it honestly.

    Attributes:
        held_out: of each fold.
        models: of each fold, the pair model that never saw it.
        rankings: of each fold, the ranking model that never saw it; none without a real city.
        pairs, cases: what both were fitted to.
    """

    description: DuplicateDescription
    held_out: tuple[HeldOut, ...]
    models: tuple[AdditiveModel, ...]
    rankings: tuple[AdditiveModel, ...]
    pairs: "MeasuredPairs"
    cases: "tuple[MeasuredCase, ...]"


class PartFitter:
    """Fits one duplicate part to examples.

    Args:
        config: the choices of the run.
        examples: what it is trained on.
        rules: how far and how long is looked, and the lists of words.
        text_model: path of the text model whose states are read.
        progress: makes a bar of so many steps.
    """

    def __init__(
        self, config: DuplicateConfig, examples: Examples, rules: DuplicateRules, text_model: Path, progress: Progress
    ) -> None:
        self._config = config
        self._examples = examples
        self._rules = rules
        self._text_sha256 = digest(text_model)
        self._progress = progress
        self._area = fit_area(examples)

    def fit(self, folder: Path, scratch: Path, words: WordWeights) -> FittedPart:
        """Fit everything, and write the part into a bundle's folder."""
        (folder / PART).mkdir()
        pairs, fold = self._examples.pairs, self._examples.fold
        held_out = []
        for number in range(self._config.folds):
            seen = (fold[pairs.one] != number) & (fold[pairs.two] != number)
            network = self._network(pairs.of(seen), f"without group {number + 1}", scratch / str(number))
            scorer = self._scorer(network, words)
            held_out.append(HeldOut(scorer, self._read(scorer, np.flatnonzero(fold == number).tolist())))
        self._network(pairs, "all groups", folder / PART)
        measured = self._measure_pairs(held_out)
        ranked = self._measure_cases(held_out)
        models = tuple(self._fit_pairs(measured, without) for without in range(self._config.folds))
        rankings = tuple(self._fit_ranking(ranked, without) for without in range(self._config.folds)) if ranked else ()
        description = self._describe(words, self._fit_pairs(measured, None), self._fit_ranking(ranked, None))
        return FittedPart(description, tuple(held_out), models, rankings, measured, tuple(ranked))

    def write(self, folder: Path, description: DuplicateDescription, rules: Path) -> None:
        """Write what is not written yet."""
        (folder / DESCRIPTION).write_text(description.model_dump_json(), encoding="utf-8")
        shutil.copy(rules, folder / RULES)

    def _network(self, pairs: PairSet, name: str, folder: Path) -> ExportedNetwork:
        folder.mkdir(exist_ok=True)
        examples = self._examples
        advance = self._progress(name, steps_of(pairs, self._config))
        network = fit_network(examples.texts, pairs, examples.category, self._config, advance)
        paths = folder / Path(ENCODER).name, folder / Path(COMPARISON).name
        return export_network(network, examples.texts.states.shape[2], *paths)

    def _scorer(self, network: ExportedNetwork, words: WordWeights) -> DuplicateScorer:
        texts = self._examples.texts
        layout = VectorFormat(texts.categories.shape[1], texts.embeddings.shape[1], self._config.narrow)
        return DuplicateScorer(self._describe(words, _EMPTY, _EMPTY), network, layout, "held out")

    def _describe(self, words: WordWeights, pairs: AdditiveModel, ranking: AdditiveModel) -> DuplicateDescription:
        return DuplicateDescription(
            text_sha256=self._text_sha256,
            taps=tap_names(self._config.layers),
            narrow=self._config.narrow,
            threshold=0.5,
            meaning_levels=self._config.meaning,
            words=words,
            area=self._area,
            pairs=pairs,
            ranking=ranking,
            photos=self._config.photos,
        )

    def _read(self, scorer: DuplicateScorer, positions: Sequence[int]) -> dict[int, Report]:
        """Reports with the vectors and categories that they have in service: predicted ones."""
        texts = self._examples.texts
        found = {}
        for row in positions:
            report = self._examples.reports[row]
            states = texts.states[row, : texts.lengths[row]].astype(np.float32)
            vector = scorer.read(texts.categories[row], texts.embeddings[row], states)
            category = texts.codes[int(texts.categories[row].argmax())]
            found[row] = replace(report, vector=vector, category=category)
        return found

    def _measure_pairs(self, held_out: Sequence[HeldOut]) -> "MeasuredPairs":
        """The measures of the corpus' pairs, each as the network sees it that never saw its author."""
        pairs, fold = self._examples.scene_pairs, self._examples.fold
        rows: list[dict[str, float | None]] = []
        advance = self._progress("measuring pairs", len(pairs.one))
        for one, two in zip(pairs.one.tolist(), pairs.two.tolist(), strict=True):
            own = held_out[int(fold[one])]
            [pair] = own.scorer.score(own.reports[one], [own.reports[two]], self._rules)
            rows.append(pair.measures)
            advance()
        return MeasuredPairs(rows, pairs, fold[pairs.one])

    def _measure_cases(self, held_out: Sequence[HeldOut]) -> list["MeasuredCase"]:
        found = []
        advance = self._progress("measuring links", len(self._examples.cases))
        for case in self._examples.cases:
            own = held_out[int(self._examples.fold[case.report])]
            # A candidate of two cases may be in another fold; it is read by this one's network all the same.
            reports = self._read(own.scorer, [case.report, *case.candidates])
            others = [reports[position] for position in case.candidates]
            scored = own.scorer.score(reports[case.report], others, self._rules)
            rows = ranking_measures(reports[case.report], others, scored, own.scorer)
            found.append(MeasuredCase(rows, case.original, int(self._examples.fold[case.report])))
            advance()
        return found

    def _fit_pairs(self, measured: "MeasuredPairs", without: int | None) -> AdditiveModel:
        kept = np.flatnonzero(measured.fold != (-1 if without is None else without))
        rows = [measured.rows[row] for row in kept.tolist()]
        truth = measured.pairs.same_fault[kept].tolist()
        return fit_weights(rows, truth, pair_weights(measured)[kept].tolist(), MEASURES, self._config)

    def _fit_ranking(self, cases: Sequence["MeasuredCase"], without: int | None) -> AdditiveModel:
        kept = [case for case in cases if case.fold != without]
        if not kept:
            return _EMPTY
        rows = [row for case in kept for row in case.rows]
        truth = [place == case.original for case in kept for place in range(len(case.rows))]
        return fit_weights(rows, truth, [1.0] * len(rows), (*MEASURES, *CONTEXT), self._config)


@dataclass(frozen=True, slots=True)
class MeasuredPairs:
    """The corpus' pairs with their measures and folds."""

    rows: Measured
    pairs: PairSet
    fold: np.ndarray


@dataclass(frozen=True, slots=True)
class MeasuredCase:
    """The measures of a case's candidates, and which of them is the original."""

    rows: Measured
    original: int
    fold: int


def pair_weights(measured: MeasuredPairs) -> np.ndarray:
    """Weights that make pairs as frequent as in a street.

    The corpus was written to be hard: near pairs of one category and two faults count as often as duplicates in all,
    and pairs of two categories, of which a street has far more, twice.
    """
    truth = measured.pairs.same_fault
    near = np.array([(row["distance"] or 0) < _HARD_M and (row["gap"] or 0) < _HARD_HOURS for row in measured.rows])
    hard = near & measured.pairs.same_category & ~truth
    hard_weight = min(1.0, truth.sum() / max(1, hard.sum()))
    return np.where(hard, hard_weight, np.where(measured.pairs.same_category, 1.0, _OTHER_CATEGORY))


def held_out_probabilities(measured: MeasuredPairs, models: Sequence[AdditiveModel]) -> list[float]:
    """What each pair is given by the model that never saw it."""
    return [probability(models[int(fold)].logit(row)) for row, fold in zip(measured.rows, measured.fold, strict=True)]
