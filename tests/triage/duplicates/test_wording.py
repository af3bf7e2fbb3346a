"""What single words of a text say: numbers that name a thing, those that measure one, streets, word lists."""

import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.alert import MAX_TEXT_CHARACTERS
from triage.duplicates.rules import DuplicateRules
from triage.duplicates.wording import Wording, WordLists, plain_letters
from triage.redaction import redact

Read = Callable[[str], Wording]

# A text is read once while a person waits for the answer to an alert.
MOST_SECONDS = 1.0


@pytest.fixture(scope="module")
def read(rules: DuplicateRules) -> Read:
    """Reads a text as the service does: personal data are masked before."""
    return lambda text: rules.lists.read(redact(text).text)


# Numbers


@pytest.mark.parametrize(
    ("text", "houses"),
    [
        ("lampe au 12 rue Monge", {"12"}),
        ("31, rue Monge", {"31"}),
        ("31 bis rue Monge", {"31"}),
        ("devant le 31", {"31"}),
        ("n°62", {"62"}),
        ("N° 62", {"62"}),
        ("numéro 14", {"14"}),
        ("au 8 avenue de la République", {"8"}),
        ("face au 5", {"5"}),
        ("du 12 au 16 rue Monge", {"12", "16"}),
        ("rue Monge", set()),
        ("deux lampes", set()),
    ],
)
def test_house_numbers_are_found(read: Read, text: str, houses: set[str]) -> None:
    assert read(text).houses == houses


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("arrêt du bus L3", {"l3"}),
        ("la ligne T1", {"t1"}),
        ("quai 5", {"5"}),
        ("le 2ème poteau", {"2eme"}),
        ("lampadaires 12 ou 14", {"12", "14"}),
    ],
)
def test_other_numbers_name_things_too(read: Read, text: str, numbers: set[str]) -> None:
    found = read(text)
    assert (found.numbers, found.houses) == (numbers, set())


@pytest.mark.parametrize(
    "text",
    [
        "depuis le 12 mars",
        "le 12/03/2026",
        "le 12.03",
        "vers 14h30",
        "a 14 h",
        "à 18:30",
        "depuis 3 jours",
        "il y a 2 semaines",
        "trou de 30 cm",
        "un trou de 1,5 m",
        "for 3 weeks",
        "place du 30 octobre",
        "24/24",
        "plus de 50 euros",
    ],
)
def test_dates_hours_lengths_of_time_and_measures_name_nothing(read: Read, text: str) -> None:
    found = read(text)
    assert (found.houses, found.numbers, found.codes) == (set(), set(), set())


@pytest.mark.parametrize("text", ["depuis le 3 janvier 2026", "depuis le 1er mars", "signalé le 2026-03-12"])
def test_dates_of_other_forms_name_nothing_either(read: Read, text: str) -> None:
    found = read(text)
    assert (found.houses, found.numbers, found.codes) == (set(), set(), set())


# Codes: plates, badges, numbers on lamps


@pytest.mark.parametrize(
    "texts",
    [
        ("candélabre EP 0123", "lampe ep0123", "lampe EP-0123"),
        ("lampadaire L-1045", "l1045 éteint", "L 1045"),
        ("Kangoo 698 KX 2", "698kx2", "698-KX-2"),
    ],
)
def test_a_code_is_the_same_however_it_is_spaced(rules: DuplicateRules, texts: tuple[str, ...]) -> None:
    shared = frozenset.intersection(*(rules.lists.read(text).codes for text in texts))
    assert shared


def test_two_codes_are_not_one(read: Read) -> None:
    assert not read("lampe EP 0123").codes & read("lampe EP 0124").codes


def test_a_plate_is_masked_and_no_code(read: Read) -> None:
    assert read("une Clio AB-123-CD garée là").codes == set()


@pytest.mark.parametrize("text", ["lampe morte", "12", "12345678", "a1", "abcdefghi12345"])
def test_words_alone_digits_alone_and_what_is_too_short_or_long_are_no_code(read: Read, text: str) -> None:
    assert read(text).codes == set()


@pytest.mark.parametrize("text", ["au 12 rue Monge", "devant le 12 il y a un trou", "31, rue Monge", "les 206 lampes"])
def test_a_number_and_the_small_words_beside_it_are_no_code(read: Read, text: str) -> None:
    assert read(text).codes == set()


def test_marks_of_masked_data_are_no_words_of_a_code(rules: DuplicateRules) -> None:
    assert rules.lists.read("rappelez <TEL> 21").codes == set()


# Streets, squares and schools


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("rue Monge", {"monge"}),
        ("Bd de la Trémouille", {"tremouille"}),
        ("rue d'Auxonne", {"auxonne"}),
        ("rue de l’Église", {"eglise"}),
        ("école Jules Ferry", {"jules ferry"}),
        ("near Main Street", {"main"}),
        ("la lampe", set()),
    ],
)
def test_named_places_are_found(read: Read, text: str, names: set[str]) -> None:
    assert read(text).names == names


@pytest.mark.parametrize("end", ["devant le bar", "vers la place Zola", "dans le noir", "depuis lundi"])
def test_a_name_is_the_same_whatever_follows_it(read: Read, end: str) -> None:
    assert "monge" in read(f"rue Monge {end}").names


def test_a_name_is_the_same_with_a_hyphen(read: Read) -> None:
    assert read("avenue Victor-Hugo").names & read("avenue Victor Hugo").names


# Word lists


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("ENCORE en panne", "again"),
        ("a nouveau des sacs", "again"),
        ("la lampe est retombée  en\npanne", "again"),
        ("ça avait été nettoyé lundi", "cleared"),
        ("it was repaired", "cleared"),
        ("c'est toujours là", "known"),
        ("un autre lampadaire", "other"),
        ("merci d’avoir réparé", "thanks"),
        ("Merci aux équipes", "thanks"),
    ],
)
def test_words_of_a_list_are_found_whatever_their_accents_case_and_spaces(read: Read, text: str, flag: str) -> None:
    assert flag in read(text).flags


@pytest.mark.parametrize("text", ["autrement dit", "nouveauté", "distributeur", "les encoreurs", "lampe"])
def test_words_that_only_begin_like_one_of_a_list_are_not_of_it(read: Read, text: str) -> None:
    assert read(text).flags == set()


def test_an_asterisk_stands_for_any_ending_and_nothing_else_does() -> None:
    lists = WordLists({"one": ("lamp*",), "two": ("a.b",)})
    assert lists.read("lampadaires").flags == {"one"}
    assert lists.read("acb").flags == set()
    assert lists.read("a.b").flags == {"two"}


def test_words_are_counted() -> None:
    lists = WordLists({})
    assert [lists.read(text).words for text in ("", "  ", "lampe", "l'arrêt T1 !")] == [0, 0, 1, 3]


def test_plain_letters_have_no_accents_and_single_spaces() -> None:
    assert plain_letters("  Œuvre  Été\n’") == "oeuvre ete '"


# Texts from anybody

HOSTILE = {
    "digits": "1" * MAX_TEXT_CHARACTERS,
    "spaced digits": "1 " * (MAX_TEXT_CHARACTERS // 2),
    "streets": "rue " * (MAX_TEXT_CHARACTERS // 4),
    "hours": "1h" * (MAX_TEXT_CHARACTERS // 2),
    "dots": "1." * (MAX_TEXT_CHARACTERS // 2),
    "house numbers": "12 bis" * (MAX_TEXT_CHARACTERS // 6),
    "commas": "1" + "," * (MAX_TEXT_CHARACTERS - 1),
    "marks": "<" * MAX_TEXT_CHARACTERS,
    "spaces": "a" + " " * (MAX_TEXT_CHARACTERS - 2) + "b",
    "combining accents": "e\u0301" * (MAX_TEXT_CHARACTERS // 2),
    "letters": "a" * MAX_TEXT_CHARACTERS,
    "nothing": "",
    "ligatures that grow": "\ufdfa" * MAX_TEXT_CHARACTERS,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_are_read_in_bounded_time(rules: DuplicateRules, text: str) -> None:
    started = time.process_time()
    WordLists(dict(rules.words)).read(text)
    assert time.process_time() - started < MOST_SECONDS


@pytest.mark.parametrize("articles", ["de la " * 14, "de " * 30], ids=["de la", "de"])
def test_articles_that_lead_to_no_name_are_read_in_bounded_time(articles: str) -> None:
    # In a process of its own: a pattern at work cannot be stopped otherwise.
    code = f"from triage.duplicates.wording import WordLists; WordLists({{}}).read('rue {articles}1')"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=4)


# Words that lead to a name are left out: of them the test above tells.
@given(st.text(st.sampled_from("aé 19hm/.,:<>-'°nlLbis\u0301\n"), max_size=60))
def test_any_text_can_be_read_and_is_the_same_again(text: str) -> None:
    lists = WordLists({"one": ("a*",)})
    assert lists.read(text) == WordLists({"one": ("a*",)}).read(text)
    assert not lists.read(text).houses & lists.read(text).numbers
