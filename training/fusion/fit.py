"""Learns the fusion: what texts that name nothing sound like, and when the photo has the say."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from evaluation.metrics import Floats
from evaluation.pairs import Joined, Pair
from models.fusion import Fusion, FusionDescription, Gate, Linear, TextAnswer
from models.text import TextModel
from triage.corpus import LabelledAlert
from triage.taxonomy import HEADS, Head

GATE_DECAY = 1e-3
# A wrong photo must not change a clear text, even at the price of some help from fitting ones.
_SHARES = {Joined.CLEAR_WRONG: 3.0}


def text_answers(model: TextModel, rows: Sequence[LabelledAlert]) -> list[TextAnswer]:
    """What the text model says of labelled rows."""
    output = model.predict([row.masked_text for row in rows])
    probabilities = model.probabilities(output)
    return [
        TextAnswer({head: probabilities[head][row] for head in HEADS}, output.embeddings[row], has_words=True)
        for row in range(len(rows))
    ]


def fit_probe(positive: Floats, negative: Floats, strength: float, *, balanced: bool) -> Linear:
    """A logistic unit over embeddings.

    Args:
        positive: shape (texts, width).
        negative: shape (texts, width).
        strength: inverse of the penalty on weights.
        balanced: whether both sides count alike, however many texts each has.
    """
    classifier = LogisticRegression(C=strength, class_weight="balanced" if balanced else None, max_iter=2000)
    classifier.fit(np.concatenate([positive, negative]), [1] * len(positive) + [0] * len(negative))
    weights = tuple(round(float(value), 5) for value in classifier.coef_[0])
    return Linear(weights=weights, bias=round(float(classifier.intercept_[0]), 5))


def fit_gate(
    fusion: Fusion,
    texts: Sequence[TextAnswer],
    photos: Floats,
    pairs: Sequence[Pair],
    codes: dict[Head, tuple[str, ...]],
) -> Gate:
    """The gate with the least negative log-likelihood of category and department; each way of joining has its share.

    Args:
        fusion: whose probes are fitted and whose gate is not.
        texts: answers to the pairs' texts.
        photos: calibrated answers to the pairs' pictures, shape (pictures, labels).
        pairs: what was joined.
        codes: of each head, in order.
    """
    inputs = np.array([fusion.gate_inputs(texts[pair.text], photos[pair.picture]) for pair in pairs])
    counts = {way: sum(pair.joined is way for pair in pairs) for way in Joined}
    weights = np.array([_SHARES.get(pair.joined, 1.0) / counts[pair.joined] for pair in pairs])
    terms = [_likelihoods(fusion, texts, photos, pairs, head, codes[head]) for head in ("category", "department")]

    def loss(values: Floats) -> tuple[float, Floats]:
        gate = expit(inputs @ values)
        total, gradient = GATE_DECAY * float(values @ values), 2 * GATE_DECAY * values
        for alone, change in terms:
            likelihood = np.maximum(alone + gate * change, 1e-9)
            total -= float(weights @ np.log(likelihood))
            gradient = gradient - (weights * change / likelihood * gate * (1 - gate)) @ inputs
        return total, gradient

    start = np.zeros(inputs.shape[1])
    result = minimize(loss, start, jac=True, method="L-BFGS-B")
    return Gate(**dict(zip(Gate.model_fields, (round(float(value), 5) for value in result.x), strict=True)))


def _likelihoods(
    fusion: Fusion,
    texts: Sequence[TextAnswer],
    photos: Floats,
    pairs: Sequence[Pair],
    head: Head,
    codes: tuple[str, ...],
) -> tuple[Floats, Floats]:
    """The true code's probability by the text alone, and how much a fully open gate adds; shape (pairs,)."""
    alone, change = [], []
    for pair in pairs:
        code = codes.index(pair.labels[head])
        text = texts[pair.text].probabilities[head]
        opened = fusion.mix(texts[pair.text], photos[pair.picture], gate=1.0)[head]
        alone.append(text[code])
        change.append(opened[code] - text[code])
    return np.array(alone), np.array(change)


def untrained(vague: Linear, raised: Linear) -> FusionDescription:
    """A fusion whose gate is still to be fitted."""
    gate = Gate(**dict.fromkeys(Gate.model_fields, 0.0))
    return FusionDescription(names_nothing=vague, raised=raised, gate=gate)
