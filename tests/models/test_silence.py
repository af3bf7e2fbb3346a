"""Nothing that is imported tells others about its use."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("module", ["models.onnx", "training.text.export"])
def test_onnxruntime_keeps_no_record_of_its_use(module: str, tmp_path: Path) -> None:
    environment = {"TMPDIR": str(tmp_path), "HOME": str(tmp_path), "PATH": ""}
    subprocess.run([sys.executable, "-c", f"import {module}"], env=environment, check=True, timeout=120)
    assert not list(tmp_path.rglob("*.ses"))
