"""What the tests of exports share: the city's own codes, and files that are written for one test."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from triage.city_exports.mapping import LabelMapping
from triage.city_exports.readers import ExportFormat, read_export
from triage.city_exports.report import ForeignReport, Refusal
from triage.rules import DepartmentRules, load_rules
from triage.settings import PROJECT_ROOT
from triage.taxonomy import Taxonomy, load_taxonomy

Read = Callable[..., list[ForeignReport | Refusal]]
MakeMapping = Callable[..., LabelMapping]


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    return load_taxonomy(PROJECT_ROOT / "datasets" / "taxonomy.yaml")


@pytest.fixture(scope="session")
def rules(taxonomy: Taxonomy) -> DepartmentRules:
    return load_rules(PROJECT_ROOT / "datasets" / "department_rules.yaml", taxonomy)


@pytest.fixture
def make_mapping() -> MakeMapping:
    """A mapping of street lamps and litter; any field can be replaced."""

    def make(**fields: Any) -> LabelMapping:
        given: dict[str, Any] = {
            "source": "elsewhere",
            "licence": "CC BY 4.0",
            "language": "fr",
            "priority": "normale",
            "categories": {"Lampes": "eclairage_public", "Ordures": "proprete"},
        }
        return LabelMapping.model_validate(given | fields)

    return make


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Writes a file with a name and reads it as an export of a format."""

    def write_and_read(
        name: str, content: str | bytes, export_format: ExportFormat, **columns: Any
    ) -> list[ForeignReport | Refusal]:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        mapping = LabelMapping.model_validate(
            {"source": "x", "licence": "x", "language": "fr", "priority": "normale", "columns": columns or None}
        )
        return list(read_export(path, export_format, mapping.columns))

    return write_and_read
