"""Archives of few alerts, and jobs that answer them."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cli.backfill.run import Plan, Request, make_plan
from triage.settings import Settings

WriteParquet = Callable[..., Path]
MakePlan = Callable[..., Plan]

TEXTS = (
    "lampadaire éteint rue Monge depuis lundi",
    "gros nid de poule rue de Longvic, un vélo est tombé",
    "poubelles non ramassées, appelez-moi au 06 12 34 56 78",
    "feu rouge en panne au carrefour, c'est très dangereux",
    "banc cassé au parc Darcy",
    "tag sur le mur de l'école",
)


@pytest.fixture(scope="session")
def texts() -> Sequence[str]:
    return TEXTS


@pytest.fixture(scope="module")
def scratch() -> Iterator[Path]:
    """A folder for temporary files with a short path, as Ray's sockets need."""
    with tempfile.TemporaryDirectory(prefix="t-", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture
def parquet(tmp_path: Path) -> WriteParquet:
    """Writes rows as a Parquet file."""

    def write(rows: Sequence[Mapping[str, Any]], name: str = "archive.parquet", **options: Any) -> Path:
        pq.write_table(pa.Table.from_pylist(list(rows)), tmp_path / name, **options)
        return tmp_path / name

    return write


@pytest.fixture
def plan(tmp_path: Path, bundle: Path) -> MakePlan:
    """Plans to answer an archive into a folder beside it."""

    def make(source: Path | str, *columns: str, output: str = "answers", **options: Any) -> Plan:
        request = Request(str(source), str(tmp_path / output), columns, **options)
        return make_plan(request, bundle, Settings(bundle=bundle))

    return make
