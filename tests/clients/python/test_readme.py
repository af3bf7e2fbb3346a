"""The README's examples, run one after the other on the real service."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.installation import Installation
from triage.settings import PROJECT_ROOT

README = PROJECT_ROOT / "clients" / "python" / "README.md"
EXAMPLES = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_every_example_of_the_readme_runs(
    service: Installation,
    draw: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TRIAGE_KEY", service.key)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.chdir(tmp_path)
    draw("street_light").save(tmp_path / "street.jpg")
    examples = EXAMPLES.findall(README.read_text(encoding="utf-8"))
    assert len(examples) == 6
    names: dict[str, Any] = {}
    for example in examples:
        assert len(service.base) > len("http://127.0.0.1:")
        exec(compile(example.replace("http://127.0.0.1:3000", service.base), README.name, "exec"), names)  # noqa: S102
    names["client"].close()
    printed = capsys.readouterr().out
    assert "proprete" in printed
    assert "invalid_alert ['lat']" in printed
    assert "id_taken" in printed
    assert "failed: " in printed
