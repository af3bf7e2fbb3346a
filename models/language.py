"""Tells the language of a text, for people who look at alerts; no model answers differently for it."""

import re
from collections.abc import Sequence
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

# Languages that a European city is written to in. Among all that the library knows, a short text is soon taken for one
# of them that nobody here writes.
LANGUAGES = ("fr", "en", "de", "es", "it", "pt", "nl", "ar", "tr", "pl", "ro", "ru", "uk", "zh")
# On 10,365 alerts: 98.9 % of the French ones are told and 0.05 % mistaken, of short ones of all languages 76 % and 0 %;
# below it, Arabic in Latin letters is soon taken for another language.
LEAST_CONFIDENCE = 0.7

_MARK = re.compile(r"<[A-Z]+>")


class LanguageReader:
    """A model of letters, loaded once; threads may share it.

    Args:
        languages: those that can be told.
    """

    def __init__(self, languages: Sequence[str] = LANGUAGES) -> None:
        whole: Any = LanguageIdentifier.from_model_file(MODEL_FILE)
        whole.set_languages(languages)
        # A model of these languages alone; the whole one would stay in memory beside its part.
        self._identifier: Any = LanguageIdentifier(
            whole.nb_ptc,
            whole.nb_pc,
            whole.nb_classes,
            whole.tk_nextmove,
            whole.tk_output,
            norm_probs=True,
            min_confidence=LEAST_CONFIDENCE,
            tk_row=whole.tk_row,
        )
        self._languages = frozenset(languages)

    def tell(self, text: str) -> str | None:
        """The code of the language of a text without personal data; None where it cannot be told."""
        code, _ = self._identifier.classify(_MARK.sub(" ", text))
        return code if code in self._languages else None
