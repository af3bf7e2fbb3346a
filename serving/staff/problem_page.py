"""Problems as pages: in the reader's language, without the words meant for programs."""

from serving.desk.languages import N_
from serving.problems import Problem

_TITLES = {
    400: N_("This cannot be read"),
    401: N_("Sign in first"),
    403: N_("Not allowed"),
    404: N_("Not found"),
    405: N_("Not possible"),
    409: N_("Meanwhile something has changed"),
    413: N_("Too large"),
    415: N_("Not possible"),
    422: N_("Something is missing or wrong"),
    429: N_("Too many attempts"),
    503: N_("Not available at the moment"),
}
_OTHER_TITLE = N_("Something went wrong")

# Problems that the pages share with programs, for which their sentences are meant.
_DETAILS = {
    "not_found": N_("There is no such page."),
    "unknown_id": N_("No alert with this number is stored."),
    "method_not_allowed": N_("This page cannot be used that way."),
    "overloaded": N_("The service is busy or starting. Try again in a moment."),
    "store_unavailable": N_("The store of alerts cannot be used at the moment. Try again in a moment."),
    "internal": N_("Something went wrong inside the service. Try again."),
}


def title_of(problem: Problem) -> str:
    """The heading of the page, to be translated."""
    return _TITLES.get(problem.status, _OTHER_TITLE)


def detail_of(problem: Problem) -> str:
    """The sentence of the page, to be translated where a catalogue has it."""
    return _DETAILS.get(problem.code, problem.detail)
