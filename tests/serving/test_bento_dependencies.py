"""What a Bento installs is what the project needs, at the versions known to work together."""

import re
import tomllib
from typing import Any

import yaml

from triage.settings import PROJECT_ROOT


def name_of(requirement: str) -> str:
    return re.split(r"[\[<>=; ]", requirement)[0].lower()


def test_a_bento_installs_what_serves_at_the_versions_that_are_known_to_work() -> None:
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    bento: dict[str, Any] = yaml.safe_load((PROJECT_ROOT / "bentofile.yaml").read_text(encoding="utf-8"))
    lines = (PROJECT_ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    known = dict(line.split("==") for line in lines if not line.startswith("#"))
    packages = bento["python"]["packages"]
    assert {name_of(package) for package in packages} == set(map(name_of, project["dependencies"]))
    assert {name_of(package): package.split("==")[1] for package in packages} == {
        name_of(package): known[name_of(package)] for package in packages
    }
    assert packages == sorted(packages, key=name_of)
    assert list(known) == sorted(known)
