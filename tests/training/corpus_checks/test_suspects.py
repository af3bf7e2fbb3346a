from collections.abc import Callable
from typing import Any

import pytest

from training.corpus_checks import suspects
from training.corpus_checks.suspects import FOLDS, Suspect, find_suspects
from triage.corpus import LabelledAlert
from triage.taxonomy import HEADS, Taxonomy

MakeRow = Callable[..., LabelledAlert]
Rows = list[LabelledAlert]

HOLES = ("un trou dans la chaussee", "nid de poule sur la route", "le bitume est creuse", "la route est defoncee")
PAPERS = ("renouveler ma carte d'identite", "un acte de naissance", "inscription a la cantine", "le prix de la piscine")
PLACES = ("rue Monge", "place Darcy", "pres du lac", "a Talant", "quai Gauthey", "chez nous")
ENDS = ("merci", "depuis lundi", "s'il vous plait", "bonne journee")
WRONG = (3, 40, 77)  # told apart by their words, so that none vouches for another


@pytest.fixture
def rows(row: MakeRow) -> Rows:
    """Two kinds of text that anybody tells apart, each with labels of its own, 96 rows each."""
    rest = [f"{place} {end}" for place in PLACES for end in ENDS]
    holes = [row(f"{text} {words}", priority="critique") for text in HOLES for words in rest]
    papers = [row(f"{text} {words}", category="autre", department="accueil") for text in PAPERS for words in rest]
    return [*holes, *papers]


def planted(rows: Rows, number: int, **labels: str) -> Rows:
    return [line.model_copy(update=labels) if place == number else line for place, line in enumerate(rows)]


def find(rows: Rows, taxonomy: Taxonomy, limit: int = 30) -> tuple[Suspect, ...]:
    return find_suspects(rows, taxonomy, limit, lambda _: None)


def test_right_labels_are_not_suspected(rows: Rows, taxonomy: Taxonomy) -> None:
    assert find(rows, taxonomy) == ()


def test_a_planted_wrong_label_is_found_with_the_likelier_one(rows: Rows, taxonomy: Taxonomy) -> None:
    (suspect,) = find(planted(rows, 3, category="autre"), taxonomy)
    assert (suspect.id, suspect.head, suspect.label, suspect.likelier) == (rows[3].id, "category", "autre", "voirie")
    assert suspect.probability < 0.5


def test_each_head_is_looked_at_alone(rows: Rows, taxonomy: Taxonomy) -> None:
    wrong = planted(planted(rows, 3, department="accueil"), 130, priority="critique")
    assert [(suspect.head, suspect.id) for suspect in find(wrong, taxonomy)] == [
        ("department", rows[3].id),
        ("priority", rows[130].id),
    ]


def test_the_worst_come_first_and_no_more_than_the_limit(rows: Rows, taxonomy: Taxonomy) -> None:
    wrong = rows
    for number in WRONG:
        wrong = planted(wrong, number, category="autre")
    found = find(wrong, taxonomy)
    assert {suspect.id for suspect in found} == {rows[number].id for number in WRONG}
    assert [suspect.probability for suspect in found] == sorted(suspect.probability for suspect in found)
    assert find(wrong, taxonomy, limit=1) == found[:1]


def test_the_same_rows_give_the_same_suspects(rows: Rows, taxonomy: Taxonomy) -> None:
    wrong = planted(rows, 140, category="voirie")
    assert find(wrong, taxonomy) == find(wrong, taxonomy) != ()


def test_each_head_is_announced_before_its_turn(rows: Rows, taxonomy: Taxonomy) -> None:
    heads: list[str] = []
    find_suspects(rows, taxonomy, 5, heads.append)
    assert heads == list(HEADS)


def test_a_head_with_one_class_is_left_out_and_the_others_are_judged(rows: Rows, taxonomy: Taxonomy) -> None:
    calm = [line.model_copy(update={"priority": "basse"}) for line in planted(rows, 3, category="autre")]
    assert [(suspect.head, suspect.id) for suspect in find(calm, taxonomy)] == [("category", rows[3].id)]


def test_rows_of_one_class_in_every_head_have_no_suspect(rows: Rows, taxonomy: Taxonomy) -> None:
    assert find(rows[:96], taxonomy) == ()


@pytest.mark.parametrize(
    ("count", "judged"), [(1, False), (FOLDS - 1, False), (FOLDS, True)], ids=["one", "too_few", "enough"]
)
def test_a_head_is_judged_from_as_many_rows_of_each_class_as_there_are_folds(
    count: int, judged: bool, rows: Rows, taxonomy: Taxonomy, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted: list[int] = []
    fit = suspects.cross_val_predict

    def counted(*arguments: Any, **options: Any) -> Any:
        fitted.append(int((arguments[2] == 0).sum()))
        return fit(*arguments, **options)

    monkeypatch.setattr(suspects, "cross_val_predict", counted)
    find([*rows[:count], *rows[96:]], taxonomy)
    assert fitted == [count] * len(HEADS) * judged
