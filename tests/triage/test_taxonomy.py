"""The taxonomy: the city's real file, and every way in which a file can contradict itself."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.errors import InvalidTaxonomy
from triage.taxonomy import Taxonomy, load_taxonomy, taxonomy_digest

DATASETS = Path(__file__).parents[2] / "datasets"
REAL_FILE = DATASETS / "taxonomy.yaml"

TINY = """\
version: 1
languages: [fr, en]
categories:
  lampes: {fr: Lampes, en: Lamps, default_department: lumiere}
  divers: {fr: Divers, en: Rest, default_department: guichet, fallback: true}
departments:
  lumiere: {fr: Lumière, en: Light}
  guichet: {fr: Guichet, en: Desk, fallback: true}
priorities:
  vite: {rank: 0, fr: Vite, en: Soon, target_hours: 2, urgent: true}
  tard: {rank: 1, fr: Tard, en: Late, target_hours: 24}
"""

Load = Callable[[str | bytes], Taxonomy]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def load_text(content: str | bytes) -> Taxonomy:
        path = tmp_path / "city.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load_taxonomy(path)

    return load_text


@pytest.fixture(scope="module")
def real() -> Taxonomy:
    return load_taxonomy(REAL_FILE)


def tiny(old: str = "", new: str = "") -> str:
    """The tiny file with one change."""
    assert old in TINY
    return TINY.replace(old, new, 1) if old else TINY


def taxonomy(**changes: Any) -> Taxonomy:
    return Taxonomy.model_validate({**yaml.safe_load(TINY), **changes})


def guide_codes(heading: str) -> list[str]:
    """The first column of the table under one heading of the guide."""
    section = (DATASETS / "GUIDE.md").read_text(encoding="utf-8").split(f"\n## {heading}", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)


# The city's file


def test_the_categories_of_the_real_file_are_those_of_the_guide_in_its_order(real: Taxonomy) -> None:
    assert list(real.codes("category")) == guide_codes("1.")


def test_the_priorities_of_the_real_file_are_those_of_the_guide_most_pressing_first(real: Taxonomy) -> None:
    assert list(real.codes("priority")) == guide_codes("3.")


def test_every_department_that_the_guide_sends_alerts_to_is_in_the_real_file(real: Taxonomy) -> None:
    section = (DATASETS / "GUIDE.md").read_text(encoding="utf-8").split("\n## 2.", 1)[1].split("\n## 3.", 1)[0]
    named = set(re.findall(r"→ `(\w+)`", section))
    assert len(named) > 8
    assert named <= set(real.codes("department"))


def test_the_real_file_marks_what_is_urgent_and_what_is_left_over(real: Taxonomy) -> None:
    assert real.urgent_priority == real.codes("priority")[0]
    assert real.fallback_category == "autre"


def test_the_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    first.write_text(TINY, encoding="utf-8")
    second.write_text(TINY + "# a comment\n", encoding="utf-8")
    assert re.fullmatch("[0-9a-f]{64}", taxonomy_digest(first))
    assert taxonomy_digest(first) != taxonomy_digest(second)


def test_priorities_are_answered_by_rank_whatever_their_order_in_the_file(load: Load) -> None:
    found = load(tiny("  vite: {rank: 0,", "  vite: {rank: 1,").replace("tard: {rank: 1,", "tard: {rank: 0,"))
    assert found.codes("priority") == ("tard", "vite")
    assert found.urgent_priority == "vite"


# Files that are refused


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "dictionary"),
        (b"- a\n- b\n", "dictionary"),
        (b"version: [1", "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
        (b"version: \x00", "cannot be read"),
        (b'!!python/object/apply:os.system ["true"]', "cannot be read"),
        (b"? [a, b]\n: c", "cannot be read"),
        (b"version: &a [*a]", "version"),
    ],
)
def test_a_file_that_is_no_mapping_in_yaml_is_refused(load: Load, content: bytes, told: str) -> None:
    with pytest.raises(InvalidTaxonomy, match=told) as caught:
        load(content)
    assert "city.yaml" in caught.value.message


@pytest.mark.parametrize(
    "content",
    [
        tiny("version: 1", "version: 2026-02-30"),
        tiny("version: 1", "version: " + "9" * 5_000),
        tiny("version: 1", "version: !!int ''"),
        tiny("version: 1", "version: !!bool x"),
        "[" * 5_000,
    ],
    ids=["impossible-date", "integer-of-5000-digits", "empty-integer", "odd-truth", "deep-nesting"],
)
def test_a_file_that_the_yaml_reader_stumbles_over_is_refused_with_a_sentence(load: Load, content: str) -> None:
    with pytest.raises(InvalidTaxonomy, match=r"city\.yaml cannot be read"):
        load(content)


def test_a_missing_file_and_a_folder_are_refused_by_name(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.yaml"):
        with pytest.raises(InvalidTaxonomy, match=re.escape(str(path))):
            load_taxonomy(path)


def test_an_unquoted_comma_that_makes_an_extra_key_is_refused_where_it_stands(load: Load) -> None:
    with pytest.raises(InvalidTaxonomy, match=r"categories\.lampes\.bus: ") as caught:
        load(tiny("{fr: Lampes,", "{fr: Tram, bus,"))
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("default_department: lumiere", "default_department: ailleurs", "'ailleurs'"),
        ("rank: 1", "rank: 0", "ranks"),
        ("rank: 1", "rank: 2", "ranks"),
        ("rank: 1", "rank: -1", r"priorities\.tard\.rank"),
        (", urgent: true", "", "urgent: true"),
        ("target_hours: 24", "target_hours: 24, urgent: true", "urgent: true"),
        ("guichet, fallback: true", "guichet", "categories"),
        ("default_department: lumiere", "default_department: lumiere, fallback: true", "categories"),
        ("en: Desk, fallback: true", "en: Desk", "departments"),
        ("target_hours: 24", "target_hours: 0", "target_hours"),
        ("target_hours: 24", "target_hours: .nan", "target_hours"),
        ("target_hours: 24", "target_hours: bientôt", "target_hours"),
        ("version: 1", "version: 1.5", "version"),
        ("version: 1\n", "", "version"),
        ("version: 1", "version: 1\ncolour: red", "colour"),
        ("en: Light", "", r"departments\.lumiere\.en"),
        ("fr: Lumière", "fr:", r"departments\.lumiere\.fr"),
        ("languages: [fr, en]", "languages: fr", "languages"),
        ("  lampes:", "  Lampes:", "Lampes"),
        ("  lampes:", "  no:", "categories"),
        ("  lampes:", "  12:", "categories"),
        ("  lampes:", '  "lampes\\n":', "categories"),
        ("  lampes:", "  éclairage:", "éclairage"),
        ("  lampes:", f"  {'a' * 65}:", "categories"),
        ("  lampes:", '  "../lampes":', "categories"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused_and_says_where(load: Load, old: str, new: str, told: str) -> None:
    with pytest.raises(InvalidTaxonomy, match=told):
        load(tiny(old, new))


@pytest.mark.parametrize("head", ["categories", "departments"])
def test_a_code_that_is_listed_twice_is_refused(load: Load, head: str) -> None:
    entry = (
        "lumiere: {fr: Autre, en: Other}"
        if head == "departments"
        else "lampes: {fr: A, en: B, default_department: guichet}"
    )
    with pytest.raises(InvalidTaxonomy, match=f"'{entry.partition(':')[0]}' comes twice"):
        load(tiny(f"{head}:\n", f"{head}:\n  {entry}\n"))


def test_a_key_may_replace_one_that_is_merged_in(load: Load) -> None:
    found = load(tiny("  lumiere: {", "  lumiere: &one {").replace("guichet: {fr: G", "guichet: {<<: *one, fr: G"))
    assert found.departments["guichet"].fr == "Guichet"


@pytest.mark.parametrize(
    ("old", "new"), [("fr: Lampes", 'fr: ""'), ("fr: Lampes", 'fr: " "'), ("target_hours: 24", "target_hours: .inf")]
)
def test_a_label_without_letters_and_endless_hours_are_refused(load: Load, old: str, new: str) -> None:
    with pytest.raises(InvalidTaxonomy, match=new.partition(":")[0]):
        load(tiny(old, new))


# The city's file beside a bundle's copy


def test_other_words_hours_and_additions_are_compatible(load: Load) -> None:
    city = load(tiny("fr: Lampes", "fr: Réverbères").replace("target_hours: 24", "target_hours: 48"))
    city.require_compatible(taxonomy())
    larger = load(tiny("  lampes:", "  bancs: {fr: Bancs, en: Benches, default_department: guichet}\n  lampes:"))
    larger.require_compatible(taxonomy())


def test_a_file_is_compatible_with_itself(real: Taxonomy) -> None:
    real.require_compatible(real)


@pytest.mark.parametrize(("head", "code"), [("category", "lampes"), ("department", "lumiere"), ("priority", "tard")])
def test_a_removed_or_renamed_code_is_refused_by_name(load: Load, head: str, code: str) -> None:
    city = load(TINY.replace(code, f"{code}_2"))
    with pytest.raises(InvalidTaxonomy, match=f"{head} {code},"):
        city.require_compatible(taxonomy())


def test_every_code_that_a_city_removed_from_the_real_file_is_named(real: Taxonomy) -> None:
    removed = {"graffiti", "animaux"}
    kept = {code: category for code, category in real.categories.items() if code not in removed}
    with pytest.raises(InvalidTaxonomy, match="graffiti, animaux"):
        real.model_copy(update={"categories": kept}).require_compatible(real)


@pytest.mark.parametrize("new_urgent", ["tard", "danger"])
def test_a_city_that_moves_the_urgent_flag_is_refused(new_urgent: str) -> None:
    priorities = {
        "vite": {"rank": 0, "fr": "V", "en": "V", "target_hours": 2},
        "tard": {"rank": 1, "fr": "T", "en": "T", "target_hours": 24},
        "danger": {"rank": 2, "fr": "D", "en": "D", "target_hours": 1},
    }
    city = taxonomy(priorities={**priorities, new_urgent: {**priorities[new_urgent], "urgent": True}})
    with pytest.raises(InvalidTaxonomy, match=f"the priority {new_urgent} with 'urgent: true'.* trained with vite"):
        city.require_compatible(taxonomy())


@pytest.mark.parametrize(
    ("kind", "old", "new"), [("category", "divers", "lampes"), ("department", "guichet", "lumiere")]
)
def test_a_city_that_moves_a_fallback_flag_is_refused(kind: str, old: str, new: str) -> None:
    group = {"category": "categories", "department": "departments"}[kind]
    entries = yaml.safe_load(TINY)[group]
    del entries[old]["fallback"]
    entries[new]["fallback"] = True
    with pytest.raises(InvalidTaxonomy, match=f"the {kind} {new} with 'fallback: true'.* trained with {old}"):
        taxonomy(**{group: entries}).require_compatible(taxonomy())


codes = st.from_regex(r"[a-j][a-z0-9_]{0,8}", fullmatch=True)


@settings(max_examples=50, deadline=None)
@given(trained=st.sets(codes, min_size=1, max_size=6), city=st.sets(codes, min_size=1, max_size=6))
def test_a_city_is_compatible_exactly_if_it_keeps_every_code(trained: set[str], city: set[str]) -> None:
    def with_categories(names: set[str]) -> Taxonomy:
        entry = {"fr": "x", "en": "x", "default_department": "guichet"}
        categories = dict.fromkeys(sorted(names), entry)
        return taxonomy(categories={**categories, "kept": {**entry, "fallback": True}})

    if trained <= city:
        with_categories(city).require_compatible(with_categories(trained))
    else:
        with pytest.raises(InvalidTaxonomy) as caught:
            with_categories(city).require_compatible(with_categories(trained))
        assert all(code in caught.value.message for code in trained - city)
