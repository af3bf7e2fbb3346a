"""The model's answers as an agent chooses among them: likeliest first, with what follows from each choice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from serving.desk.names import Names
from triage.rules import DepartmentRules
from triage.store.records import Json, StoredAlert
from triage.taxonomy import Head, Taxonomy

# So many categories are shown at once; the model has the right one among three for 99 of 100 alerts.
SHOWN_AT_ONCE = 5
_DIGITS = 9
# From here on, a department is worth more than the usual one of another category.
_SURE = 0.5


@dataclass(frozen=True, slots=True)
class Choice:
    """One code that may be chosen.

    Attributes:
        share: the model's calibrated probability; None where it was not asked, or does not know the code.
        key: the key that chooses it.
        chosen: whether it is chosen before anybody touches the form.
        current: whether it is what the alert has now by a person's answer, or came with.
        department: of a category, who acts if nothing else is said.
    """

    code: str
    name: str
    share: float | None
    key: str | None = None
    chosen: bool = False
    current: bool = False
    department: str | None = None
    department_name: str | None = None

    @property
    def width(self) -> float:
        """Length of its bar, of 100."""
        return round(100 * (self.share or 0), 1)


@dataclass(frozen=True, slots=True)
class Answers:
    """What an agent chooses from.

    Attributes:
        categories, departments, priorities: every code, likeliest first; priorities the most pressing first.
        department_follows: whether the department is that of the chosen category before anybody touches the form.
    """

    categories: tuple[Choice, ...]
    departments: tuple[Choice, ...]
    priorities: tuple[Choice, ...]
    department_follows: bool

    @property
    def first_categories(self) -> tuple[Choice, ...]:
        """Those that are shown at once."""
        return self.categories[:SHOWN_AT_ONCE]

    @property
    def other_categories(self) -> tuple[Choice, ...]:
        """Those that are folded away."""
        return self.categories[SHOWN_AT_ONCE:]


@dataclass(frozen=True, slots=True)
class Defaults:
    """What follows from a category: who acts, by what the model said of the alert and the guide's rules.

    Args:
        taxonomy: the city's codes.
        rules: which departments a category admits.
        prediction: the model's answer, if there is one.
    """

    taxonomy: Taxonomy
    rules: DepartmentRules
    prediction: Json | None

    def department(self, category: str) -> str:
        """Who acts: a department that the model gave for a reason of its own, such as the place, stays where it may."""
        usual = self.taxonomy.categories[category].default_department
        if not self.prediction:
            return usual
        first, answered = (str(self.prediction[head]["code"]) for head in ("category", "department"))
        if category == first:
            return answered
        known = self.taxonomy.categories.get(first)
        has_own_reason = known is not None and known.default_department != answered
        admits = answered in self.taxonomy.departments and self.rules.allows(category, answered, self.taxonomy)
        is_sure = float(self.prediction["department"]["confidence"]) >= _SURE
        return answered if has_own_reason and admits and is_sure else usual


def answers_of(
    alert: StoredAlert, prediction: Json | None, names: Names, defaults: Defaults, *, unbiased: bool = False
) -> Answers:
    """What an agent chooses from.

    Args:
        alert: the alert.
        prediction: the answer of a model that is shown.
        names: what codes are called.
        defaults: what follows from a category.
        unbiased: whether nothing is chosen beforehand, since the question is which of two answers is right.
    """
    decided = alert.review_id is not None
    ranked = {head: ranking(prediction, head, names.taxonomy) for head in _HEADS}
    chosen = {head: _chosen(alert, head, ranked[head], decided=decided) for head in _HEADS}
    category = chosen["category"]
    follows = category is not None and (not decided or defaults.department(category) == alert.department)
    current = alert.category if decided or unbiased else None
    return Answers(
        categories=tuple(
            Choice(
                code=code,
                name=names.category(code),
                share=share,
                key=str(number) if number <= _DIGITS else None,
                chosen=code == category and not unbiased,
                current=code == current,
                department=(department := defaults.department(code)),
                department_name=names.department(department),
            )
            for number, (code, share) in enumerate(ranked["category"].items(), 1)
        ),
        departments=_choices("department", ranked, names, None if follows else chosen["department"]),
        priorities=_choices("priority", ranked, names, chosen["priority"]),
        department_follows=follows,
    )


def ranking(prediction: Json | None, head: Head, taxonomy: Taxonomy) -> Mapping[str, float | None]:
    """Every code of a head with its probability, likeliest first; then those that the model does not know."""
    known = taxonomy.codes(head)
    answer = (prediction or {}).get(head)
    listed: Sequence[Json] = [] if answer is None else [answer, *answer["alternatives"]]
    ranked: dict[str, float | None] = {item["code"]: item["confidence"] for item in listed if item["code"] in known}
    return ranked | {code: None for code in known if code not in ranked}


_HEADS: tuple[Head, ...] = ("category", "department", "priority")


def _chosen(alert: StoredAlert, head: Head, ranked: Mapping[str, float | None], *, decided: bool) -> str | None:
    given = getattr(alert, head)
    if decided and given in ranked:
        return str(given)
    first = next(iter(ranked))
    return given if ranked[first] is None else first


def _choices(
    head: Head, ranked: Mapping[Head, Mapping[str, float | None]], names: Names, chosen: str | None
) -> tuple[Choice, ...]:
    shares = ranked[head]
    order = names.taxonomy.codes(head) if head == "priority" else tuple(shares)
    return tuple(Choice(code, names.name(head, code), shares[code], chosen=code == chosen) for code in order)
