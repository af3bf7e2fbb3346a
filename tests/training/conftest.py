"""What the tests of training share: small configurations and data, scratch MLflow databases, one photo run."""

import shutil
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from training.config import TextConfig, load_config
from training.photo.config import PhotoConfig, load_photo_config
from triage.settings import PROJECT_ROOT
from triage.taxonomy import Taxonomy, load_taxonomy

if TYPE_CHECKING:
    from training.run import PartResult, TrainingRequest

MakeTracking = Callable[[Path], str]
WriteCorpus = Callable[[Path], Path]
MakeRequest = Callable[..., "TrainingRequest"]

SIZES = {"train": 150, "validation": 60, "test": 60}


@pytest.fixture(scope="session")
def taxonomy_file() -> Path:
    return PROJECT_ROOT / "datasets" / "taxonomy.yaml"


@pytest.fixture(scope="session")
def taxonomy(taxonomy_file: Path) -> Taxonomy:
    return load_taxonomy(taxonomy_file)


@pytest.fixture(scope="session")
def smoke_config() -> TextConfig:
    return load_config(PROJECT_ROOT / "training" / "configs" / "smoke.yaml")


@pytest.fixture(scope="session")
def photo_config() -> PhotoConfig:
    return load_photo_config(PROJECT_ROOT / "training" / "configs" / "photo-smoke.yaml")


@pytest.fixture(scope="session")
def write_corpus() -> WriteCorpus:
    """Writes a few rows of each split of the shipped corpus, as `SIZES` says."""

    def write(folder: Path) -> Path:
        folder.mkdir(parents=True)
        for split, size in SIZES.items():
            lines = (PROJECT_ROOT / "datasets" / "corpus" / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()
            chosen = lines[:: len(lines) // size][:size]
            (folder / f"{split}.jsonl").write_text("\n".join(chosen) + "\n", encoding="utf-8")
        return folder

    return write


@pytest.fixture(scope="session")
def make_request(taxonomy_file: Path) -> MakeRequest:
    """Asks for a training on a corpus; without a tracking URI it names a database that nobody writes."""
    from training.run import TrainingRequest

    def make(corpus: Path, output: Path, tracking_uri: str = "") -> "TrainingRequest":
        return TrainingRequest(
            corpus=corpus,
            taxonomy=taxonomy_file,
            rules=taxonomy_file.with_name("department_rules.yaml"),
            output=output,
            tracking_uri=tracking_uri or f"sqlite:///{output.parent}/unused.db",
            command="triage train text --config smoke.yaml",
            unfinished=output.parent / "unfinished",
        )

    return make


@pytest.fixture(scope="module")
def few_threads() -> Iterator[None]:
    """Tests run side by side; threads that wait for each other's cores make a training many times longer."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty MLflow database: its migrations take seconds, so they run once and tests copy the file."""
    import mlflow

    folder = tmp_path_factory.mktemp("mlflow")
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        # MLflow's tables use what SQLAlchemy 2.1 deprecates; it says so once, when they are first mapped.
        warnings.filterwarnings("ignore", message="The ``noload`` loader strategy", category=DeprecationWarning)
        patch.chdir(folder)
        mlflow.MlflowClient(f"sqlite:///{folder}/empty.db").search_experiments()
    return folder / "empty.db"


@pytest.fixture(scope="session")
def make_tracking(migrated_database: Path) -> Iterator[MakeTracking]:
    """Makes a tracking URI on a copy of its own; artifacts go below the current folder, so change there first."""
    import mlflow

    def make(folder: Path) -> str:
        database = shutil.copy(migrated_database, folder / "mlflow.db")
        return f"sqlite:///{database}"

    before = mlflow.get_tracking_uri() if mlflow.is_tracking_uri_set() else None
    yield make
    mlflow.set_tracking_uri(before)


@pytest.fixture
def tracking_uri(tmp_path: Path, make_tracking: MakeTracking, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    return make_tracking(tmp_path)


@dataclass(frozen=True)
class PhotoRun:
    """A finished training of the photo part on drawn pictures, with all that it was given."""

    result: "PartResult"
    request: "TrainingRequest"
    base: Path


@pytest.fixture(scope="session")
def photo_run(
    tmp_path_factory: pytest.TempPathFactory,
    make_tracking: MakeTracking,
    make_request: MakeRequest,
    write_corpus: WriteCorpus,
    photo_config: PhotoConfig,
    picture_folder: Path,
) -> PhotoRun:
    """Takes most of a minute: whatever asks for it is slow and of the group `photo run`, so that it runs once."""
    import torch

    from training.photo.pipeline import train_photo

    folder, base = tmp_path_factory.mktemp("photos"), PROJECT_ROOT / "models" / "pretrained"
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        request = make_request(write_corpus(folder / "corpus"), folder / "out" / "bundle", make_tracking(folder))
        result = train_photo(photo_config, request, picture_folder, base)
    torch.set_num_threads(before)
    return PhotoRun(result, request, base)
