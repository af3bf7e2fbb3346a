from collections.abc import Callable
from itertools import count

import pytest

from triage.corpus import LabelledAlert, Split
from triage.taxonomy import Taxonomy

MakeRow = Callable[..., LabelledAlert]


@pytest.fixture
def taxonomy() -> Taxonomy:
    return Taxonomy.model_validate(
        {
            "version": 1,
            "languages": ["fr", "en"],
            "categories": {
                "voirie": {"fr": "Voirie", "en": "Roads", "default_department": "routes"},
                "autre": {"fr": "Autre", "en": "Other", "default_department": "accueil", "fallback": True},
            },
            "departments": {
                "routes": {"fr": "Routes", "en": "Roads"},
                "accueil": {"fr": "Accueil", "en": "Desk", "fallback": True},
            },
            "priorities": {
                "critique": {"rank": 0, "fr": "Critique", "en": "Critical", "target_hours": 2, "urgent": True},
                "basse": {"rank": 1, "fr": "Basse", "en": "Low", "target_hours": 720},
            },
        }
    )


@pytest.fixture
def row() -> MakeRow:
    """Makes a row; ids are r1, r2, … unless given."""
    numbers = count(1)

    def make(text: str = "un trou dans la route", **changes: str) -> LabelledAlert:
        fields = {"id": f"r{next(numbers)}", "category": "voirie", "department": "routes", "priority": "basse"}
        split = Split(changes.pop("split", "train"))
        return LabelledAlert(text=text, split=split, **(fields | changes))

    return make
