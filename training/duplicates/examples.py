"""What the duplicate part is trained on: scenes of reports, a city's own links, and the pairs of both."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.duplicate_corpus import LinkedReport, read_scenes
from models.bundle import Bundle
from models.duplicates.letters import WordWeights
from training.duplicates.config import DuplicateConfig
from training.duplicates.fit import Ints, PairSet, join_pairs
from training.duplicates.links import LinkedCase, read_links, texts_of
from training.duplicates.reading import ReadTexts, read_texts
from training.duplicates.scene_categories import SceneCategories, read_scene_categories, with_categories
from training.run import TrainingRequest
from triage.duplicates.report import Report
from triage.duplicates.rules import DuplicateRules
from triage.errors import InvalidCorpus
from triage.places import distance_m
from triage.redaction import plates, redact

# Negatives beside the original, in a step of the pair network: more would drown the few links.
_SHOWN_CANDIDATES = 6


@dataclass(frozen=True, slots=True)
class Examples:
    """Texts by position, and which of them are compared.

    Attributes:
        scenes: the corpus; its texts come first.
        reports: every text as a report, without a vector; those of a real city after those of the corpus.
        cases: links of a real city, with their positions.
        texts: what the text model makes of each.
        category: the true one, as a position among the model's codes; -1 where unknown.
        pairs: of the corpus, then those of the city.
        fold: of each text: its author's or its case's group.
        scene_categories: those that `texts` has of the scenes; none where they are the text model's own.
    """

    scenes: tuple[LinkedReport, ...]
    reports: tuple[Report, ...]
    cases: tuple["Case", ...]
    texts: ReadTexts
    category: Ints
    scene_pairs: PairSet
    case_pairs: PairSet
    fold: Ints
    scene_categories: SceneCategories | None = None

    @property
    def pairs(self) -> PairSet:
        """All pairs that the network learns from."""
        return join_pairs((self.scene_pairs, self.case_pairs))


@dataclass(frozen=True, slots=True)
class Case:
    """A linked report, its candidates (positions of texts) and which of them is the original."""

    report: int
    candidates: tuple[int, ...]
    original: int


def read_examples(
    config: DuplicateConfig,
    request: TrainingRequest,
    bundle: Bundle,
    rules: DuplicateRules,
    advance: Callable[[int], None],
) -> Examples:
    """Read the corpus and, where the configuration names them, real reports.

    Raises:
        InvalidCorpus: the corpus is missing or malformed.
        InvalidConfiguration: the real reports are missing, or the categories of the scenes are others'.
    """
    path = config.scene_categories
    known = read_scene_categories(path) if path and path.exists() else None
    scenes = _share_of_each_author(read_scenes(request.duplicates), config.rows)
    linked = read_links(config.reports) if config.reports else ()
    reports = [_report(scene) for scene in scenes]
    cases = _positions(linked, reports)
    texts = read_texts(bundle, [report.text for report in reports], config, advance)
    if known:
        texts = with_categories(texts, scenes, known)
    random = np.random.default_rng(config.seed)
    fold = _folds(scenes, cases, len(reports), config, random)
    return Examples(
        scenes,
        tuple(reports),
        cases,
        texts,
        _categories(scenes, len(reports), texts.codes),
        _scene_pairs(scenes, reports, rules),
        _case_pairs(cases, config, random),
        fold,
        known,
    )


def _share_of_each_author(scenes: tuple[LinkedReport, ...], rows: int | None) -> tuple[LinkedReport, ...]:
    """The first reports of each author, so many in all; a scene that is cut keeps the pairs of what remains."""
    if rows is None:
        return scenes
    share = -(-rows // len({scene.hand for scene in scenes}))
    met: Counter[str] = Counter()
    kept = []
    for scene in scenes:
        met[scene.hand] += 1
        if met[scene.hand] <= share:
            kept.append(scene)
    return tuple(kept)


def word_weights(config: DuplicateConfig, scenes: Sequence[LinkedReport]) -> WordWeights:
    """How rare words are, in the corpus and in real reports."""
    real = texts_of(config.reports)[::3] if config.reports else []
    return WordWeights.learn([redact(scene.text).text for scene in scenes] + real)


def _report(scene: LinkedReport) -> Report:
    return Report(
        id=scene.id,
        text=redact(scene.text).text,
        lat=scene.lat,
        lon=scene.lon,
        created_at=scene.created_at,
        category=scene.category,
        plates=frozenset(map(str.upper, plates(scene.text))),
    )


def _positions(linked: Sequence[LinkedCase], reports: list[Report]) -> tuple[Case, ...]:
    """Cases by positions; their reports are added to `reports`."""
    known: dict[str, int] = {}

    def position(report: Report) -> int:
        if report.id not in known:
            known[report.id] = len(reports)
            reports.append(report)
        return known[report.id]

    return tuple(Case(position(case.report), tuple(map(position, case.candidates)), case.original) for case in linked)


def _categories(scenes: Sequence[LinkedReport], count: int, codes: tuple[str, ...]) -> Ints:
    unknown = sorted({scene.category for scene in scenes} - set(codes))
    if unknown:
        raise InvalidCorpus(f"The scenes name the category '{unknown[0]}', which the text model does not know.")
    category = np.full(count, -1)
    category[: len(scenes)] = [codes.index(scene.category) for scene in scenes]
    return category


def _folds(
    scenes: Sequence[LinkedReport],
    cases: Sequence[Case],
    count: int,
    config: DuplicateConfig,
    random: np.random.Generator,
) -> Ints:
    """Authors go round the folds; a real report goes with the first case that shows it."""
    hands = sorted({scene.hand for scene in scenes})
    fold = np.full(count, -1)
    fold[: len(scenes)] = [hands.index(scene.hand) % config.folds for scene in scenes]
    for case in cases:
        mine = int(random.integers(config.folds)) if fold[case.report] < 0 else int(fold[case.report])
        for position in (case.report, *case.candidates):
            fold[position] = mine if fold[position] < 0 else fold[position]
    return fold


def _scene_pairs(scenes: Sequence[LinkedReport], reports: Sequence[Report], rules: DuplicateRules) -> PairSet:
    """Every two reports of a scene that the service would compare; an area with what it covers is left out."""
    by_scene: dict[str, list[int]] = {}
    for position, scene in enumerate(scenes):
        by_scene.setdefault(scene.scene, []).append(position)
    rows = []
    for number, positions in enumerate(by_scene.values()):
        for place, position in enumerate(positions):
            for other in positions[place + 1 :]:
                first, second = scenes[position], scenes[other]
                covered = first.covered_by == second.fault or second.covered_by == first.fault
                if not covered and _in_reach(reports[position], reports[other], rules):
                    rows.append(
                        (position, other, first.fault == second.fault, first.category == second.category, number)
                    )
    if not rows:
        raise InvalidCorpus("No two reports of the scenes are near enough to be compared; there is nothing to learn.")
    one, two, faults, categories, numbers = (np.array(column) for column in zip(*rows, strict=True))
    return PairSet(one, two, faults, categories, numbers, np.ones(len(rows)))


def _in_reach(one: Report, two: Report, rules: DuplicateRules) -> bool:
    later = one if one.created_at >= two.created_at else two
    reach = rules.reach(later.category)
    days = abs((one.created_at - two.created_at).total_seconds()) / 86_400
    away = distance_m(one.lat or 0.0, one.lon or 0.0, two.lat or 0.0, two.lon or 0.0)
    return days <= reach.days and away <= reach.radius_m


def _case_pairs(cases: Sequence[Case], config: DuplicateConfig, random: np.random.Generator) -> PairSet:
    """The linked pair and a few candidates of each case; an unlinked pair is not proven to be two faults."""
    rows: list[tuple[int, int, bool, int]] = []
    for number, case in enumerate(cases):
        others = [place for place in range(len(case.candidates)) if place != case.original]
        shown = random.permutation(others)[:_SHOWN_CANDIDATES].tolist() if others else []
        rows += [
            (case.report, case.candidates[place], place == case.original, -1 - number)
            for place in (case.original, *shown)
        ]
    if not rows:
        empty = np.zeros(0, np.int64)
        return PairSet(empty, empty, empty.astype(bool), empty.astype(bool), empty, empty.astype(float))
    one, two, fault, scene = (np.array(column) for column in zip(*rows, strict=True))
    weight = np.full(len(rows), config.real_weight)
    return PairSet(one, two, fault, np.ones(len(rows), bool), scene, weight)
