"""What the tests of training share: the city's taxonomy, a small configuration, scratch MLflow databases."""

import shutil
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from training.config import TextConfig, load_config
from triage.settings import PROJECT_ROOT
from triage.taxonomy import Taxonomy, load_taxonomy

MakeTracking = Callable[[Path], str]


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
