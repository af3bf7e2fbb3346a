"""The package by itself: what it needs, and what it brings."""

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import ondijon_triage_client
from triage.settings import PROJECT_ROOT

PACKAGE = PROJECT_ROOT / "clients" / "python"
SOURCES = sorted((PACKAGE / "src").rglob("*.py"))


def test_it_imports_only_what_it_declares() -> None:
    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["progress"]]
    names = {re.split(r"[^\w-]", line)[0] for line in declared}
    assert names == {"httpx", "pydantic", "rich"}
    imported = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            imported |= {module.partition(".")[0] for module in modules}
    assert imported - set(sys.stdlib_module_names) == names | {"ondijon_triage_client"}


def test_all_that_it_offers_is_there() -> None:
    for name in ondijon_triage_client.__all__:
        assert getattr(ondijon_triage_client, name).__doc__, name


@pytest.mark.slow
def test_its_wheel_holds_its_types(tmp_path: Path) -> None:
    pytest.importorskip("setuptools", minversion="80")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(tmp_path)]
    # A copy: a build leaves folders beside the sources.
    for path in (PACKAGE / "pyproject.toml", PACKAGE / "README.md", *SOURCES, *(PACKAGE / "src").rglob("py.typed")):
        copy = tmp_path / "source" / path.relative_to(PACKAGE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", *options, str(tmp_path / "source")]
    subprocess.run(command, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    held = {Path(name).name for name in zipfile.ZipFile(wheel).namelist()}
    assert {"py.typed", *(path.name for path in SOURCES)} <= held
