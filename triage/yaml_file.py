"""Reads YAML that people edit: strictly, and with one kind of error."""

from pathlib import Path
from typing import Any

import yaml


class UnreadableYaml(Exception):
    """The file cannot be read, or is no YAML; the message says why."""


class _StrictLoader(yaml.SafeLoader):
    """Refuses a key that comes twice: YAML forbids it, but PyYAML keeps the last without a word."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if (key.tag, key.value) in seen:
                    raise yaml.MarkedYAMLError(problem=f"'{key.value}' comes twice", problem_mark=key.start_mark)
                seen.add((key.tag, key.value))
        return node


def read_yaml(path: Path) -> Any:
    """The content of a YAML file in UTF-8.

    Raises:
        UnreadableYaml: for whatever is wrong with it.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _StrictLoader)  # noqa: S506 - a SafeLoader
    except Exception as error:  # beside its own, PyYAML lets many errors through: 2026-02-30 is a ValueError
        raise UnreadableYaml(str(error)) from error
