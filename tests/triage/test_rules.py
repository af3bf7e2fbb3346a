"""The department rules: the city's real file against the corpus, and every fault that a file can have."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from triage.corpus import read_corpus
from triage.errors import InvalidTaxonomy
from triage.rules import DepartmentRules, load_rules
from triage.taxonomy import Taxonomy, load_taxonomy

DATASETS = Path(__file__).parents[2] / "datasets"
REAL_FILE = DATASETS / "department_rules.yaml"

ENTRY = {"fr": "x", "en": "x"}
TAXONOMY = Taxonomy.model_validate(
    {
        "version": 1,
        "languages": ["fr", "en"],
        "categories": {
            "lampes": {**ENTRY, "default_department": "lumiere"},
            "bancs": {**ENTRY, "default_department": "guichet"},
            "divers": {**ENTRY, "default_department": "guichet", "fallback": True},
        },
        "departments": {
            "lumiere": ENTRY,
            "jardins": ENTRY,
            "police": ENTRY,
            "tram": ENTRY,
            "guichet": {**ENTRY, "fallback": True},
        },
        "priorities": {"vite": {**ENTRY, "rank": 0, "target_hours": 2, "urgent": True}},
    }
)
TINY = """\
rules:
  - {name: offence, guide: 2, department: police, categories: all, fr: Délit, en: Offence}
  - {name: park, guide: 4, department: jardins, categories: [lampes, bancs], fr: Parc, en: Park}
  - {name: plants, guide: 5, department: jardins, categories: [lampes], fr: Plantes, en: Plants}
  - {name: lit_bench, guide: 6, department: lumiere, categories: all, fr: Banc éclairé, en: Lit bench}
"""

Load = Callable[[str | bytes], DepartmentRules]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def load_text(content: str | bytes) -> DepartmentRules:
        path = tmp_path / "rules.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load_rules(path, TAXONOMY)

    return load_text


@pytest.fixture(scope="module")
def city() -> Taxonomy:
    return load_taxonomy(DATASETS / "taxonomy.yaml")


@pytest.fixture(scope="module")
def real(city: Taxonomy) -> DepartmentRules:
    return load_rules(REAL_FILE, city)


def tiny(old: str, new: str) -> str:
    """The tiny file with one change."""
    assert old in TINY
    return TINY.replace(old, new, 1)


def naming(rules: DepartmentRules, category: str, department: str) -> list[str]:
    return [rule.name for rule in rules.naming(category, department, TAXONOMY)]


# The city's file


def test_the_real_file_allows_every_pair_of_labels_in_the_corpus(real: DepartmentRules, city: Taxonomy) -> None:
    pairs = {(row.category, row.department): row.id for row in read_corpus(DATASETS / "corpus", city)}
    assert len(pairs) > 50
    refused = {pair: row for pair, row in pairs.items() if not real.allows(*pair, city)}
    assert not refused, f"neither a default nor named by a rule: {refused}"


def test_the_real_file_forbids_something_to_every_category_but_not_its_default(
    real: DepartmentRules, city: Taxonomy
) -> None:
    for category, entry in city.categories.items():
        allowed = {code for code in city.departments if real.allows(category, code, city)}
        assert entry.default_department in allowed
        assert len(allowed) < len(city.departments) / 2 + 1, category


def test_the_real_rules_follow_the_guide_in_its_order(real: DepartmentRules) -> None:
    section = (DATASETS / "GUIDE.md").read_text(encoding="utf-8").split("\n## 2.", 1)[1].split("\n## 3.", 1)[0]
    departments = {
        int(number): set(re.findall(r"`(\w+)`", text))
        for number, text in re.findall(r"^(\d)\. (.*)$", section, re.MULTILINE)
    }
    numbers = [rule.guide for rule in real.rules]
    assert numbers == sorted(numbers)
    for rule in real.rules:
        assert rule.department in departments[rule.guide], rule.name


def test_the_real_rules_have_names_of_their_own_and_words_in_both_languages(real: DepartmentRules) -> None:
    assert len({rule.name for rule in real.rules}) == len(real.rules)
    assert all(rule.fr.strip() and rule.en.strip() and rule.fr != rule.en for rule in real.rules)


# What rules say


@pytest.mark.parametrize(
    ("category", "department", "names"),
    [
        ("lampes", "lumiere", []),  # its default needs no rule, although one names it
        ("lampes", "jardins", ["park", "plants"]),
        ("bancs", "jardins", ["park"]),
        ("bancs", "lumiere", ["lit_bench"]),
        ("divers", "police", ["offence"]),
        ("divers", "jardins", []),
        ("lampes", "tram", []),
    ],
)
def test_rules_are_named_in_their_order(load: Load, category: str, department: str, names: list[str]) -> None:
    rules = load(TINY)
    assert naming(rules, category, department) == names
    is_default = TAXONOMY.categories[category].default_department == department
    assert rules.allows(category, department, TAXONOMY) == (bool(names) or is_default)


def test_a_rule_for_all_concerns_every_category_and_a_list_only_its_own(load: Load) -> None:
    offence, _, plants, _ = load(TINY).rules
    assert all(offence.concerns(code) for code in TAXONOMY.categories)
    assert [plants.concerns(code) for code in ("lampes", "bancs")] == [True, False]


def test_without_rules_only_defaults_are_allowed(load: Load) -> None:
    rules = load("rules: []")
    for category, entry in TAXONOMY.categories.items():
        allowed = [code for code in TAXONOMY.departments if rules.allows(category, code, TAXONOMY)]
        assert allowed == [entry.default_department]


# Files that are refused


@pytest.mark.parametrize(
    "content", [b"rules: [", b"\xff\xfe", b"rules: \x00", b'!!python/object/apply:os.system ["a"]']
)
def test_a_file_that_is_no_yaml_is_refused_by_name(load: Load, content: bytes) -> None:
    with pytest.raises(InvalidTaxonomy, match=r"rules\.yaml cannot be read"):
        load(content)


def test_a_missing_file_and_a_folder_are_refused_by_name(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.yaml"):
        with pytest.raises(InvalidTaxonomy, match=re.escape(str(path))):
            load_rules(path, TAXONOMY)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "at file: "),
        ("- a", "at file: "),
        ("{}", "at rules: "),
        ("rules: all", "at rules: "),
        (TINY + "more: 1", "at more: "),
        (tiny("name: park", "name: Park"), r"at rules\.1\.name: "),
        (tiny("name: park, ", ""), r"at rules\.1\.name: "),
        (tiny("guide: 4", "guide: 0"), r"at rules\.1\.guide: "),
        (tiny("fr: Parc, ", ""), r"at rules\.1\.fr: "),
        (tiny("fr: Parc", "fr: Parc, jardin"), r"at rules\.1\.jardin: "),
        (tiny("categories: [lampes]", "categories: lampes"), r"at rules\.2\.categories"),
        (tiny("categories: [lampes]", "categories: none"), r"at rules\.2\.categories"),
    ],
)
def test_a_file_of_another_shape_is_refused_and_says_where(load: Load, content: str, told: str) -> None:
    with pytest.raises(InvalidTaxonomy, match=told) as caught:
        load(content)
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("department: jardins", "department: parcs", "'park' names parcs"),
        ("[lampes, bancs]", "[lampes, sieges]", "'park' names sieges"),
        (
            "department: jardins, categories: [lampes, bancs]",
            "department: x, categories: [y, z]",
            "'park' names x, y, z",
        ),
    ],
)
def test_a_code_that_the_taxonomy_lacks_is_refused_by_name(load: Load, old: str, new: str, names: str) -> None:
    with pytest.raises(InvalidTaxonomy, match=f"{names}, which the taxonomy lacks"):
        load(tiny(old, new))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (TINY + TINY.splitlines()[1] + "\n", "comes twice"),
        (TINY.replace("[lampes, bancs]", "[]"), "categories"),
        (TINY.replace("fr: Parc", "fr: ''"), "fr"),
        (TINY.replace("fr: Parc", "fr: 2026-02-30"), "cannot be read"),
        (TINY.replace("guide: 4", "guide: 4, guide: 5"), "comes twice"),
        ("[" * 5000, "cannot be read"),
    ],
)
def test_what_reads_as_yaml_but_means_nothing_is_refused(load: Load, content: str, why: str) -> None:
    with pytest.raises(InvalidTaxonomy, match=why):
        load(content)
