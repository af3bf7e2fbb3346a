"""Contact details of the report: always one, on either side, and nothing personal in it."""

import random

from evaluation.contact_details import AFTER, BEFORE, with_contact
from triage.redaction import MARK, redact

TEXT = "Réverbère éteint"


def test_every_text_gains_one_sentence_before_or_after() -> None:
    generator = random.Random(13)
    found = {with_contact(TEXT, generator) for _ in range(500)}
    assert found == {f"{one} {TEXT}" for one in BEFORE} | {f"{TEXT} {one}" for one in AFTER}


def test_each_sentence_holds_a_mask_and_nothing_that_is_still_to_be_masked() -> None:
    for sentence in (*BEFORE, *AFTER):
        assert MARK.search(sentence)
        assert redact(sentence).text == sentence
