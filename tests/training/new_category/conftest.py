"""A bundle with a tiny text part alone, a taxonomy that has grown by a category, and rows that one word tells apart."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import torch

from models.bundle import RULES, TAXONOMY, Bundle, Origin, digest, load_bundle, write_manifest
from models.networks.text import TextNetwork
from models.text import DESCRIPTION, MODEL, PART, TOKENIZER, EncoderSize, TextDescription
from tests.training.tiny import FILLERS, KINDS, tiny_encoder, tiny_vocabulary
from training.encoder.vocabulary import build_tokenizer
from training.text.export import export_int8
from triage.corpus import LabelledAlert, Split
from triage.policy import Thresholds
from triage.settings import PROJECT_ROOT
from triage.taxonomy import HEADS, Taxonomy, load_taxonomy

NEW = "compostage"
ENTRY = "  compostage: {fr: Compostage, en: Composting, default_department: collecte}\n"

MakeRows = Callable[..., list[LabelledAlert]]


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Threads cost more than they bring at this size."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def grown_file(tmp_path_factory: pytest.TempPathFactory, taxonomy_file: Path) -> Path:
    """The city's taxonomy with one category more, not at the end."""
    content = taxonomy_file.read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("grown") / "taxonomy.yaml"
    path.write_text(content.replace("  collecte:   ", f"{ENTRY}  collecte:   ", 1), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def grown(grown_file: Path) -> Taxonomy:
    return load_taxonomy(grown_file)


@pytest.fixture(scope="session")
def network(taxonomy: Taxonomy) -> TextNetwork:
    return _network(taxonomy)


def _network(taxonomy: Taxonomy) -> TextNetwork:
    """Always the same weights; no two alike, as after a training, since the export writes equal tensors only once."""
    made = TextNetwork(tiny_encoder(13), {head: len(taxonomy.codes(head)) for head in HEADS}, 0.1)
    with torch.no_grad():
        for values in made.parameters():
            values.add_(0.02 * torch.randn(values.shape))
    return made.eval()


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory, taxonomy: Taxonomy, taxonomy_file: Path) -> Bundle:
    """A verified bundle whose text part is tiny."""
    folder = tmp_path_factory.mktemp("tiny_bundle")
    (folder / PART).mkdir()
    codes = {head: taxonomy.codes(head) for head in HEADS}
    export_int8(_network(taxonomy), folder / MODEL)
    build_tokenizer(tiny_vocabulary()).save(str(folder / TOKENIZER))
    description = TextDescription(
        encoder=EncoderSize(width=32, layers=2, attention_heads=2, feed_forward=64),
        codes=codes,
        calibration={"temperatures": dict.fromkeys(HEADS, 1.0)},
    )
    (folder / DESCRIPTION).write_text(description.model_dump_json(), encoding="utf-8")
    shutil.copy(taxonomy_file, folder / TAXONOMY)
    shutil.copy(PROJECT_ROOT / "datasets" / RULES, folder / RULES)
    write_manifest(
        folder,
        name="tiny",
        version="1",
        taxonomy_version=taxonomy.version,
        taxonomy_sha256=digest(folder / TAXONOMY),
        data_sha256="1" * 64,
        parts=(PART,),
        thresholds=Thresholds(category=0.9, department=0.9, urgent=0.1, error_rate=0.05),
        metrics={},
        origin=Origin(command="by hand", commit="abc", run_id="r", created_at=datetime(2026, 1, 1, tzinfo=UTC)),
    )
    return load_bundle(folder)


@pytest.fixture(scope="session")
def make_rows() -> MakeRows:
    """Rows that begin with a word of their category."""

    def make(category: str, department: str, kind: int, count: int, split: Split = Split.TRAIN) -> list[LabelledAlert]:
        return [
            LabelledAlert(
                id=f"{category}-{split}-{number}",
                text=f"{KINDS[kind]} {FILLERS[number % 12]} {FILLERS[(5 * number + 1) % 12]} {number}",
                category=category,
                department=department,
                priority="normale",
                split=split,
            )
            for number in range(count)
        ]

    return make
