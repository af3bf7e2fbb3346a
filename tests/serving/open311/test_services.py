"""The words of services come from a file that must fit the taxonomy."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from serving.desk.languages import Language
from serving.open311.services import DEFAULT_SERVICES, load_services
from triage.errors import InvalidConfiguration
from triage.taxonomy import Taxonomy

GROUPS = "groups: {rue: {fr: Rue, en: Street}}\n"
COMMA = "['a, b']"
ENTRY = "{group: rue, description: {fr: Trou, en: Hole}, keywords: {fr: [trou], en: [hole]}}"


def test_the_file_that_ships_has_words_for_every_category(
    taxonomy: Taxonomy, languages: Mapping[str, Language]
) -> None:
    book = load_services(None, taxonomy)
    assert set(book.services) == set(taxonomy.categories)
    for code, language in languages.items():
        rows = book.rows(taxonomy, language)
        assert [row["service_code"] for row in rows] == list(taxonomy.categories)
        assert [row["service_name"] for row in rows] == [getattr(one, code) for one in taxonomy.categories.values()]
        assert all(row["group"] and row["keywords"] and row["description"] for row in rows)
        assert {(row["metadata"], row["type"]) for row in rows} == {(False, "realtime")}


def test_a_category_that_the_file_lacks_is_shown_with_its_department(
    tmp_path: Path, taxonomy: Taxonomy, languages: Mapping[str, Language]
) -> None:
    path = tmp_path / "open311.yaml"
    path.write_text(f"{GROUPS}services: {{voirie: {ENTRY}}}", encoding="utf-8")
    rows = {row["service_code"]: row for row in load_services(path, taxonomy).rows(taxonomy, languages["fr"])}
    assert (rows["voirie"]["group"], rows["voirie"]["keywords"]) == ("Rue", "trou")
    assert rows["animaux"]["group"] == taxonomy.departments["hygiene"].fr
    assert rows["animaux"]["description"] == taxonomy.categories["animaux"].fr


def test_a_taxonomy_may_lack_codes_of_the_file_that_ships_but_not_of_its_own(
    tmp_path: Path, taxonomy: Taxonomy
) -> None:
    fewer = {code: one for code, one in taxonomy.categories.items() if code != "voirie"}
    smaller = taxonomy.model_copy(update={"categories": fewer})
    assert load_services(None, smaller).services
    own = tmp_path / "own.yaml"
    own.write_text(DEFAULT_SERVICES.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(InvalidConfiguration, match="'voirie', which the taxonomy lacks"):
        load_services(own, smaller)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (f"{GROUPS}services: {{voirie: {ENTRY.replace('rue', 'eau')}}}", "'eau', which is not listed"),
        (f"{GROUPS}services: {{voirie: {ENTRY.replace('[trou]', COMMA)}}}", "comma"),
        ("groups: {}", "services"),
        ("groups: [", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_a_reason(
    tmp_path: Path, taxonomy: Taxonomy, content: str, said: str
) -> None:
    path = tmp_path / "open311.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InvalidConfiguration, match=said):
        load_services(path, taxonomy)
