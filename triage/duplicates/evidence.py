"""What speaks for and against two alerts being about one fault: measures with names, and the words that show them.

As in splink's comparison levels (Ministry of Justice, https://moj-analytical-services.github.io/splink), each measure
stands for itself, so that the model that weighs them can show what each contributed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from triage.duplicates.report import Report
from triage.duplicates.rules import DuplicateRules
from triage.places import distance_m

HOURS = 3600.0
# The probability from which a report is taken for one of a whole area, such as a street without light.
AREA_FROM = 0.5

# Measures in the order in which the model reads them. A measure that cannot be taken of a pair is None.
MEASURES = (
    "distance",  # metres
    "gap",  # hours between the two, either way
    "gap_share",  # the gap as a share of the category's window
    "category",  # how far the categories' probabilities overlap; 1 or 0 where the caller named both
    "window",  # days of the category's window: a slow fault or a quick event
    "meaning",  # logit of the pair network
    "topic",  # cosine of the texts' embeddings
    "letters",  # cosine of the texts' letter groups
    "words",  # cosine of the texts' words, rare ones weighing more
    "rare",  # weight of the rarest word that both have
    "house",  # house numbers: 1 one is shared, -1 both have some and none is shared
    "number",  # other numbers, in the same way
    "name",  # named streets, squares and schools, in the same way
    "code",  # codes such as a plate or the number on a lamp, in the same way
    "plate",  # plates that were masked, in the same way
    "again",  # the later one says "again"
    "cleared",  # the later one speaks of cleaning or repair
    "known",  # the later one says that it is known, or still there
    "other",  # the later one says that it is another
    "area",  # probabilities that each speaks of a whole area, added
    "thanks",  # one of them says that it is done
    "shortest",  # words of the shorter text
)

# What is added to the measures of a pair: staff link to the first case of a fault, and a busy street has many.
CONTEXT = (
    "age",  # hours by which the candidate is older; negative where it is younger
    "crowd_15_m",  # candidates older than this one within 15 m of it
    "crowd_50_m",
    "first_topic",  # cosine with the likest candidate within 100 m that is older still: it may be a duplicate itself
    "candidates",  # how many there are
    "candidates_day",  # how many within a day of the new one
    "length",  # letters of the candidate's text
    "own_length",  # letters of the new one's
)


@dataclass(frozen=True, slots=True)
class Likeness:
    """What models say of two texts, from their vectors; None where a text is empty.

    `category`: how far the probabilities of both overlap. `area`: that each speaks of a whole area, added.
    """

    meaning: float | None
    topic: float | None
    letters: float | None
    words: float | None
    rare: float | None
    category: float
    area: float


def measure(later: Report, earlier: Report, likeness: Likeness, rules: DuplicateRules) -> dict[str, float | None]:
    """The measures of a pair, in the order of `MEASURES`; both reports must have a place."""
    if None in (later.lat, later.lon, earlier.lat, earlier.lon):
        raise ValueError("only reports with a place can be compared")
    gap = abs((later.created_at - earlier.created_at).total_seconds()) / HOURS
    window = rules.reach(later.category).days
    new, old = rules.lists.read(later.text), rules.lists.read(earlier.text)
    both_named = later.hint is not None and earlier.hint is not None
    return {
        "distance": distance_m(later.lat, later.lon, earlier.lat, earlier.lon),  # type: ignore[arg-type]
        "gap": gap,
        "gap_share": gap / (24 * window),
        "category": float(later.hint == earlier.hint) if both_named else likeness.category,
        "window": window,
        "meaning": likeness.meaning,
        "topic": likeness.topic,
        "letters": likeness.letters,
        "words": likeness.words,
        "rare": likeness.rare,
        "house": _shared(new.houses, old.houses),
        "number": _shared(new.numbers, old.numbers),
        "name": _shared(new.names, old.names),
        "code": _shared(new.codes, old.codes),
        "plate": _shared(later.plates, earlier.plates),
        **{flag: float(flag in new.flags) for flag in ("again", "cleared", "known", "other")},
        "area": likeness.area,
        "thanks": float("thanks" in new.flags or "thanks" in old.flags),
        "shortest": float(min(new.words, old.words)),
    }


def _shared(one: frozenset[str], two: frozenset[str]) -> float:
    return 1.0 if one & two else -1.0 if one and two else 0.0


# Each measure's levels, best first: from this value on (or down to it, for a measure that grows apart) it is said so.
_DISTANCES = ((25, "within 25 m"), (50, "within 50 m"), (100, "within 100 m"))
_GAPS = ((1, "within an hour"), (24, "within a day"), (24 * 7, "within a week"))


def levels(measures: Mapping[str, float | None], meaning_levels: tuple[float, float]) -> tuple[str, ...]:
    """What a person reads of a pair: one phrase for each measure that says something.

    Args:
        measures: of the pair.
        meaning_levels: logits of the pair network from which texts are called similar, and very similar.
    """
    said = ["same category" if (measures["category"] or 0) >= 0.5 else "other category"]
    said += [next((words for most, words in _DISTANCES if _value(measures, "distance") <= most), "over 100 m apart")]
    said += [next((words for most, words in _GAPS if _value(measures, "gap") <= most), "over a week apart")]
    meaning = measures["meaning"]
    if meaning is not None:
        similar, very = meaning_levels
        said += ["text very similar"] if meaning >= very else ["text similar"] if meaning >= similar else []
    for name, same, differing in _SHARED:
        said += [same] if measures[name] == 1 else [differing] if measures[name] == -1 else []
    said += ["whole area"] if (measures["area"] or 0) >= AREA_FROM else []
    return (*said, *(words for name, words in _FLAGS if measures[name]))


def _value(measures: Mapping[str, float | None], name: str) -> float:
    value = measures[name]
    return float("inf") if value is None else value


_SHARED = (
    ("house", "same house number", "other house number"),
    ("number", "same number", "other number"),
    ("name", "same street or place named", "other street or place named"),
    ("code", "same plate or code", "other plate or code"),
    ("plate", "same plate", "other plate"),
)
_FLAGS = (
    ("again", "says again"),
    ("cleared", "speaks of cleaning or repair"),
    ("known", "says it is known"),
    ("other", "says it is another"),
    ("thanks", "says it is done"),
)
