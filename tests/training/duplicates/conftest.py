"""One training of the duplicate part on a few scenes, and a handful of texts that were never real."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from training.duplicates.config import SMOKE_CONFIG, DuplicateConfig, load_duplicate_config
from training.duplicates.fit import PairSet
from training.duplicates.pipeline import train_duplicates
from training.duplicates.reading import ReadTexts
from training.run import PartResult, TrainingRequest
from triage.settings import PROJECT_ROOT

MakeRequest = Callable[..., TrainingRequest]
MakeTracking = Callable[[Path], str]

SHIPPED = PROJECT_ROOT / "models" / "pretrained"
WIDTH, TOKENS = 6, 5


@dataclass(frozen=True)
class DuplicateRun:
    """A finished training with all that it was given."""

    result: PartResult
    request: TrainingRequest
    base: Path


@pytest.fixture(scope="session")
def duplicate_config() -> DuplicateConfig:
    return load_duplicate_config(SMOKE_CONFIG)


@pytest.fixture(scope="session")
def duplicate_run(
    tmp_path_factory: pytest.TempPathFactory,
    make_tracking: MakeTracking,
    make_request: MakeRequest,
    duplicate_config: DuplicateConfig,
    duplicate_scenes: Path,
) -> DuplicateRun:
    """Takes a quarter of a minute: whatever asks for it is slow and of the group `duplicate run`."""
    import torch

    folder = tmp_path_factory.mktemp("duplicate run")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        made = make_request(folder / "corpus", folder / "out" / "bundle", make_tracking(folder))
        request = replace(made, duplicates=duplicate_scenes)
        result = train_duplicates(duplicate_config, request, SHIPPED)
    torch.set_num_threads(threads)
    return DuplicateRun(result, request, SHIPPED)


@pytest.fixture
def texts() -> ReadTexts:
    """Twelve texts in pairs: two of a pair have the same states, others have other ones; the last is empty."""
    generator = np.random.default_rng(4)
    states = np.repeat(generator.normal(size=(6, TOKENS, WIDTH)), 2, axis=0).astype(np.float16)
    lengths = np.array([5, 5, 3, 3, 1, 1, 5, 5, 4, 4, 2, 0])
    states[np.arange(TOKENS)[None] >= lengths[:, None]] = 0
    embeddings = generator.normal(size=(12, 4)).astype(np.float32)
    return ReadTexts(states, lengths, embeddings, np.full((12, 2), 0.5, np.float32), ("voirie", "graffiti"))


@pytest.fixture
def pairs() -> PairSet:
    """Each text of an even position with the next, which is true, and with the one after that, which is not."""
    one = np.repeat(np.arange(0, 10, 2), 2)
    two = one + np.tile([1, 2], 5)
    return PairSet(one, two, two == one + 1, np.ones(10, bool), one // 4, np.ones(10))
