"""What the tests of the text model share: tiny networks, and rows that they learn in a fraction of a second."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from models.networks.text import TextNetwork
from models.text import EncoderSize, TextDescription
from models.tokenization import TextTokenizer
from tests.training.tiny import FILLERS, KINDS, tiny_encoder, tiny_vocabulary
from training.config import TextConfig
from training.encoder.packed import UnigramVocabulary
from training.encoder.vocabulary import build_tokenizer
from triage.corpus import LabelledAlert, Split
from triage.taxonomy import HEADS, Taxonomy


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Threads cost more than they bring at this size, above all where tests run side by side."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@dataclass(frozen=True)
class Tiny:
    """What the tests need of a network: its parts, and what a bundle would say of it."""

    network: TextNetwork
    tokenizer_file: Path
    description: TextDescription

    def tokenizer(self) -> TextTokenizer:
        return TextTokenizer(self.tokenizer_file)


MakeTiny = Callable[..., Tiny]


@pytest.fixture(scope="session")
def vocabulary() -> UnigramVocabulary:
    return tiny_vocabulary()


@pytest.fixture(scope="session")
def tokenizer_file(tmp_path_factory: pytest.TempPathFactory, vocabulary: UnigramVocabulary) -> Path:
    path = tmp_path_factory.mktemp("tiny") / "tokenizer.json"
    build_tokenizer(vocabulary).save(str(path))
    return path


@pytest.fixture(scope="session")
def make_tiny(tokenizer_file: Path, taxonomy: Taxonomy) -> MakeTiny:
    """Makes a new tiny network; the same seed gives the same weights."""

    def make(seed: int = 13, dropout: float = 0.1) -> Tiny:
        codes = {head: taxonomy.codes(head) for head in HEADS}
        network = TextNetwork(tiny_encoder(seed), {head: len(codes[head]) for head in HEADS}, dropout)
        description = TextDescription(
            encoder=EncoderSize(width=32, layers=2, attention_heads=2, feed_forward=64),
            codes=codes,
            calibration={"temperatures": dict.fromkeys(HEADS, 1.0)},
        )
        return Tiny(network.eval(), tokenizer_file, description)

    return make


@pytest.fixture(scope="session")
def tiny_config(smoke_config: TextConfig) -> TextConfig:
    """Learns the toy rows in a few epochs of a fraction of a second."""
    changes = {"epochs": 12, "patience": 3, "batch_size": 8, "learning_rate": 3e-3, "head_learning_rate": 2e-2}
    without = {"augment": False, "dropout": 0.0, "salad_share": 0.0, "rows": None, "budget_steps": None}
    return smoke_config.model_copy(update=changes | without)


@pytest.fixture(scope="session")
def toy_rows(taxonomy: Taxonomy) -> Callable[[Split, int], list[LabelledAlert]]:
    """Makes rows of three kinds that one word tells apart."""

    def make(split: Split, count: int) -> list[LabelledAlert]:
        rows = []
        for number in range(count):
            kind = number % 3
            filler = " ".join(FILLERS[(number * step) % 12] for step in range(1, 2 + number % 5))
            rows.append(
                LabelledAlert(
                    id=f"{split}-{number}",
                    text=f"{KINDS[kind]} {filler}",
                    category=taxonomy.codes("category")[kind],
                    department=taxonomy.codes("department")[kind],
                    priority=taxonomy.codes("priority")[kind],
                    split=split,
                )
            )
        return rows

    return make
