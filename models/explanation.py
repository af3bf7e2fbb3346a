"""Which words spoke for an answer: what the model would say without each of them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.calibration import Floats
from models.text import TextModel
from triage.prediction import ExplainedWord, Explanation
from triage.taxonomy import HEADS, Head

# Bounds the cost: one pass of at most so many texts, whatever the length of the alert.
MAX_PARTS = 40

_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Part:
    """Neighbouring words of a text, from `start` to before `end`."""

    start: int
    end: int


def explain(model: TextModel, text: str, answered: Mapping[Head, str], rules: Sequence[str] = ()) -> Explanation:
    """The weight of each word for the code answered by each head (occlusion; Zeiler and Fergus, 2014).

    A weight is the drop in the logarithm of the answered code's probability when the word is left
    out; negative where the word spoke against it. Words of a text with more than `MAX_PARTS` are
    taken together. The places refer to the text as the model reads it: manners and shouting left
    out, and nothing beyond its last token.

    Args:
        model: the text model.
        text: a masked text.
        answered: the code that each head answered.
        rules: names of the rules that give the department, if it is not the default.
    """
    read = model.tokenizer.reading(text)
    parts = split_parts(read)
    variants = [read, *(f"{read[: part.start]} {read[part.end :]}".strip() for part in parts)]
    probabilities = model.probabilities(model.predict(variants, as_typed=False))
    codes = model.description.codes
    weights = {head: _drops(probabilities[head][:, codes[head].index(answered[head])]) for head in HEADS}
    words = tuple(
        ExplainedWord(
            text=read[part.start : part.end],
            start=part.start,
            end=part.end,
            # Adding zero turns -0.0, which reads as if it meant something, into 0.0.
            weights={head: round(float(weights[head][number]), 3) + 0.0 for head in HEADS},
        )
        for number, part in enumerate(parts)
    )
    return Explanation(text=read, words=words, department_rules=tuple(rules))


def split_parts(text: str, limit: int = MAX_PARTS) -> list[Part]:
    """The words of a text, neighbours joined so that there are at most `limit` parts."""
    words = [match.span() for match in _WORD.finditer(text)]
    size = -(-len(words) // limit) or 1
    groups: list[list[tuple[int, int]]] = [words[start : start + size] for start in range(0, len(words), size)]
    return [Part(group[0][0], group[-1][1]) for group in groups]


def _drops(probabilities: Floats) -> Floats:
    logarithms = np.log(np.maximum(probabilities, 1e-6))
    return np.asarray(logarithms[0] - logarithms[1:])
