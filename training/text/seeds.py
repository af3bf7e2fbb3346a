"""From one starting point to a fitted network: one seed, or several and their average."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import mean, pstdev

import torch
from safetensors.torch import load_model
from torch import Tensor

from models.bundle import digest
from training.config import TextConfig
from training.data import TrainingData
from training.text.answers import TeacherAnswers, answers_of, text_key
from training.text.fit import TextTrainer, score
from training.text.network import BuiltNetwork, build_network, student_of
from training.text.teacher import load_teacher
from training.tracking import RunTracker
from training.unfinished import Unfinished
from triage.corpus import Split
from triage.taxonomy import Taxonomy

Weights = dict[str, Tensor]


@dataclass(frozen=True, slots=True)
class Start:
    """An untrained network, and the answers that it learns from beside the labels."""

    built: BuiltNetwork
    teacher: TeacherAnswers | None


def starting_point(config: TextConfig, data: TrainingData, taxonomy: Taxonomy, tracker: RunTracker) -> Start:
    """A student with its teacher's answers, or a fresh network with the untrained encoder's embeddings.

    Raises:
        InvalidBundle: the teacher is missing, was changed, or has seen what is held out.
    """
    texts = [example.text for example in data.examples(taxonomy)]
    if config.teacher:
        teacher = load_teacher(config.teacher, taxonomy, config.dropout)
        held_out = (*data.split(Split.VALIDATION), *data.split(Split.TEST))
        teacher.refuse_to_have_seen([row.masked_text for row in held_out])
        tracker.log_parameters({"teacher.sha256": teacher.sha256, "teacher.run_id": teacher.run_id})
        student = replace(student_of(teacher.built, config.layers), teacher=teacher.sha256)
        if config.start:
            load_model(student.network, str(config.start))
            tracker.log_parameters({"start.sha256": digest(config.start)})
        return Start(student, teacher.answers(texts))
    built = build_network(config, taxonomy, texts)
    if not config.contrast_weight:
        return Start(built, None)
    answers = answers_of(built.network, built.text_tokenizer(), texts)
    return Start(built, TeacherAnswers([text_key(text) for text in texts], answers, opinions=False))


def fit_seeds(
    start: Start,
    config: TextConfig,
    data: TrainingData,
    taxonomy: Taxonomy,
    tracker: RunTracker,
    unfinished: Unfinished | None = None,
) -> BuiltNetwork:
    """Fit with each seed; the network that scores best on validation, the average of all included.

    Args:
        start: what each seed begins with.
        config: the choices of the run.
        data: what is fitted, and what chooses.
        taxonomy: gives the classes.
        tracker: receives curves, scores and why each fit ended.
        unfinished: keeps a checkpoint of each seed, and goes on from those that are there; none keeps nothing.

    Raises:
        InvalidCheckpoint: one is damaged, cannot be written, or belongs to another network.
    """
    validation = data.split(Split.VALIDATION)
    tokenizer = start.built.text_tokenizer()
    candidates: list[tuple[float, Weights]] = []
    for number in range(config.seeds):
        network = copy.deepcopy(start.built.network)
        chosen = config.model_copy(update={"seed": config.seed + number})
        trainer = TextTrainer(network, tokenizer, taxonomy, chosen, start.teacher)
        checkpoint = unfinished.checkpoint(f"seed-{number}") if unfinished else None
        fitted = trainer.fit(data.examples(taxonomy), validation, tracker.of_seed(number), checkpoint)
        tracker.log_tags({f"ended_seed_{number}" if number else "ended": fitted.ending})
        tracker.log_metrics({"best_epoch": fitted.epoch, "best_validation_score": fitted.score}, number)
        candidates.append((fitted.score, network.state_dict()))
    scores = [value for value, _ in candidates]
    tracker.log_metrics({"seeds_mean_score": mean(scores), "seeds_score_deviation": pstdev(scores)})
    network = copy.deepcopy(start.built.network)
    if config.seeds > 1:
        # Where one start leads to one basin, the average of the weights can beat its members at the price of one
        # (Wortsman et al., 2022, "Model soups"). It is a candidate, no promise: see "What was tried" in the README.
        network.load_state_dict(average([weights for _, weights in candidates]))
        averaged = score(network, tokenizer, taxonomy, validation)["validation_score"]
        tracker.log_metrics({"average_validation_score": averaged})
        candidates.append((averaged, network.state_dict()))
    network.load_state_dict(max(candidates, key=lambda candidate: candidate[0])[1])
    return replace(start.built, network=network.eval())


def average(members: Sequence[Weights]) -> Weights:
    """The mean of each weight over the members."""
    return {name: torch.stack([weights[name].float() for weights in members]).mean(dim=0) for name in members[0]}
