from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from triage.settings import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SECONDS_PER_CELL = 300  # many times what a cell takes on an idle machine

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def test_the_folder_has_notebooks() -> None:
    assert NOTEBOOKS, f"No notebook lies in {FOLDER}, so nothing was executed."


@every_notebook
def test_a_notebook_is_committed_without_outputs(path: Path) -> None:
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    kept = [cell.id for cell in cells if cell.outputs or cell.execution_count is not None]
    assert not kept, f"{path.name} keeps outputs in the cells {kept}; clear all outputs before committing."


@pytest.mark.slow
@every_notebook
def test_a_notebook_runs_from_any_folder_without_a_warning(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A developer's own kernels, start-up files and plotting backend must not decide what runs.
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.delenv("MPLBACKEND", raising=False)
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=SECONDS_PER_CELL, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    printed = [output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", [])]
    warnings = [text for text in printed if "Warning:" in text]
    assert not warnings, "\n".join(warnings)
