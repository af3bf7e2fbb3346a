"""A mapping is refused as soon as it is read, with the key that is at fault."""

from collections.abc import Callable
from pathlib import Path

import pytest

from triage.city_exports.mapping import LabelMapping, load_mapping
from triage.errors import InvalidConfiguration
from triage.rules import DepartmentRules
from triage.taxonomy import Taxonomy

MakeMapping = Callable[..., LabelMapping]

HEAD = "source: x\nlicence: CC0\nlanguage: fr\npriority: normale\n"


def written(path: Path, content: str) -> Path:
    path.write_text(HEAD + content, encoding="utf-8")
    return path


def test_a_category_may_be_a_code_nothing_or_all_three_labels(tmp_path: Path) -> None:
    mapping = load_mapping(
        written(
            tmp_path / "m.yaml",
            'categories:\n  "a": voirie\n  "b": null\n  "c": {category: voirie, department: trafic, priority: haute}\n',
        )
    )
    a, c = mapping.categories["a"], mapping.categories["c"]
    assert a is not None
    assert c is not None
    assert (a.category, a.department) == ("voirie", None)
    assert mapping.categories["b"] is None
    assert (c.department, c.priority) == ("trafic", "haute")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("categories:\n  007: voirie\n", "the key 7 needs quotation marks"),
        ("categories:\n  no: voirie\n", "the key False needs quotation marks"),
        ("colums: {text: a}\n", "colums"),
        ("columns: {text: [], category: a}\n", "columns.text"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(tmp_path: Path, content: str, told: str) -> None:
    with pytest.raises(InvalidConfiguration, match=told):
        load_mapping(written(tmp_path / "m.yaml", content))


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"categories": {"Lampes": "lampes"}}, "'lampes' is not in the taxonomy"),
        ({"priority": "urgent"}, "'urgent' is not in the taxonomy"),
        ({"departments": {"Werke": "werke"}}, "'werke' is not in the taxonomy"),
        (
            {"categories": {"x": {"category": "graffiti", "department": "collecte"}}},
            "no rule sends 'graffiti' to 'collecte'",
        ),
    ],
)
def test_codes_that_the_taxonomy_or_its_rules_lack_are_refused(
    make_mapping: MakeMapping, taxonomy: Taxonomy, rules: DepartmentRules, fields: dict[str, object], told: str
) -> None:
    with pytest.raises(InvalidConfiguration, match=told):
        make_mapping(**fields).require_codes(taxonomy, rules)
