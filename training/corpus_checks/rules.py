"""Checks that labels obey the guide where it is data."""

from collections.abc import Sequence
from typing import ClassVar

from training.corpus_checks.check import listed
from triage.corpus import LabelledAlert
from triage.rules import DepartmentRules
from triage.taxonomy import Taxonomy


class RulesKept:
    """Each department is its category's default, or some rule gives it."""

    code: ClassVar[str] = "DAT012"
    title: ClassVar[str] = "departments follow the rules"

    def __init__(self, rules: DepartmentRules) -> None:
        self._rules = rules

    def find(self, rows: Sequence[LabelledAlert], taxonomy: Taxonomy, /) -> list[str]:
        """A sentence for each pair of codes that no rule allows."""
        broken: dict[tuple[str, str], list[str]] = {}
        for row in rows:
            if not self._rules.allows(row.category, row.department, taxonomy):
                broken.setdefault((row.category, row.department), []).append(row.id)
        return [
            f"No rule sends '{category}' to '{department}', yet {listed(ids, 5)} do; mend the label,"
            " or the rule in datasets/department_rules.yaml."
            for (category, department), ids in broken.items()
        ]
