"""In which language an app is answered: the one it names, otherwise the best of its header, otherwise the city's."""

from collections.abc import Mapping

from starlette.requests import Request

from serving.desk.languages import DEFAULT, N_, Language
from serving.problems import Problem
from triage.errors import FieldError

PARAMETER = "lang"


class LanguageChoice:
    """Chooses among the languages that there are.

    Args:
        languages: by code, the default among them.
    """

    def __init__(self, languages: Mapping[str, Language]) -> None:
        self._languages = languages

    def of(self, request: Request) -> Language:
        """The language of an answer.

        Raises:
            Problem: 400 where the query names one that there is not.
        """
        named = request.query_params.get(PARAMETER)
        if named and named not in self._languages:
            fault = FieldError(PARAMETER, "unknown_language", f"must be one of {', '.join(self._languages)}")
            raise Problem(400, "unknown_language", N_("This language is not offered."), (fault,))
        return self._languages[named] if named else self.preferred(request.headers.get("accept-language", ""))

    def of_error(self, request: Request) -> Language:
        """The language of an error, which may be that the language is unknown."""
        named = request.query_params.get(PARAMETER, "")
        return self._languages.get(named) or self.preferred(request.headers.get("accept-language", ""))

    def preferred(self, header: str) -> Language:
        """The best of a header Accept-Language; what cannot be read counts as absent."""
        best, chosen = 0.0, DEFAULT
        for part in header.split(","):
            code, _, parameter = part.strip().partition(";")
            name = code.strip().lower().partition("-")[0]
            weight = _weight(parameter)
            if name in self._languages and weight > best:
                best, chosen = weight, name
        return self._languages[chosen]


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if name.strip().lower() == "q" and 0 <= weight <= 1 else 0.0
