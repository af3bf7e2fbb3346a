"""An agent who works through the queue as a browser without JavaScript does, and how long each answer takes."""

import time
from html.parser import HTMLParser

import httpx

DECISION_FORM = "decision"


class Visitor:
    """A session at the desk.

    Args:
        base: where the desk is.
        name: of the account.
        password: of the account.

    Raises:
        RuntimeError: the desk lets nobody in.
    """

    def __init__(self, base: str, name: str, password: str) -> None:
        self._client = httpx.Client(base_url=base, headers={"Origin": base}, timeout=60, trust_env=False)
        answer = self._client.post("/review/sign-in", data={"name": name, "password": password, "next": "/review"})
        if answer.status_code != 303:
            raise RuntimeError(f"The desk answered {answer.status_code} to the sign-in.")

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def empty(self) -> float:
        """Seconds of a request that does nothing."""
        return self._timed("GET", "/livez")[0]

    def queue_page(self) -> tuple[float, "DecisionForm"]:
        """Seconds of the page with the queue and its next alert; and the form on it."""
        seconds, answer = self._timed("GET", "/review")
        form = DecisionForm()
        form.feed(answer.text)
        if form.action is None:
            raise RuntimeError("The desk shows no alert to decide; its queue is empty.")
        return seconds, form

    def decide(self, form: "DecisionForm") -> float:
        """Seconds of accepting the answer that stands on a page."""
        return self._timed("POST", form.action or "", data=form.values)[0]

    def _timed(self, method: str, path: str, data: dict[str, str] | None = None) -> tuple[float, httpx.Response]:
        started = time.perf_counter()
        answer = self._client.request(method, path, data=data)
        seconds = time.perf_counter() - started
        if answer.status_code not in {200, 303}:
            raise RuntimeError(f"The desk answered {answer.status_code} to {method} {path}.")
        return seconds, answer


class DecisionForm(HTMLParser):
    """Reads the form that answers an alert: its address, and what a browser sends when nothing is changed."""

    def __init__(self) -> None:
        super().__init__()
        self.action: str | None = None
        self.values: dict[str, str] = {}
        self._is_inside = False
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the form, and the fields in it."""
        given = dict(attrs)
        if tag == "form":
            self._is_inside = given.get("id") == DECISION_FORM
            self.action = given.get("action") if self._is_inside else self.action
        if not self._is_inside:
            return
        name, value = given.get("name"), given.get("value") or ""
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self.values[self._select] = value
        elif tag == "input" and name and (given.get("type") == "hidden" or "checked" in given):
            self.values[name] = value

    def handle_endtag(self, tag: str) -> None:
        """Note where the form ends."""
        if tag == "form":
            self._is_inside = False
