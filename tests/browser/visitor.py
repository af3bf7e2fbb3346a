"""A browser window of one person, which remembers all that went wrong in it."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Locator, Page, Response

from tests.browser.installation import Installation

# Chromium writes each refused page into the console; tests say which ones they expect.
_STATUS = re.compile(r"the server responded with a status of (\d{3})|Response Status Error Code (\d{3})")


@dataclass
class Visitor:
    """One browser context.

    Attributes:
        name: who is signed in.
        asked: the address of every request.
        faults: what no test wants: dialogs, errors, requests to other hosts.
    """

    desk: Installation
    context: BrowserContext
    name: str | None = None
    page: Page = field(init=False)
    asked: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)
    tolerated: list[str] = field(default_factory=list)
    played: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.set_default_timeout(15_000)
        self.context.on("request", lambda request: self._note(request.url))
        self.context.on("console", self._hear)
        self.context.on("weberror", lambda error: self.faults.append(f"script error: {error.error}"))
        self.page = self._opened()

    def begin(self, language: str) -> None:
        """Forget what was before: the cookies of a member who reads a language, and nothing noted."""
        for noted in (self.asked, self.faults, self.expected, self.tolerated, self.played):
            noted.clear()
        self.context.unroute_all()
        self.context.clear_cookies()
        session = self.desk.session(self.name) if self.name else {}
        self.context.add_cookies(
            [
                {"name": "lang", "value": language, "domain": "127.0.0.1", "path": "/review"},
                *({"name": key, "value": value, "url": self.desk.base} for key, value in session.items()),
            ]
        )

    def open(self, path: str = "/review") -> Response:
        """Open a page of the desk."""
        answer = self.page.goto(self.desk.base + path)
        assert answer is not None
        return answer

    def take(self, alert_id: str) -> None:
        """Open an alert to answer it, and wait until its page has settled."""
        self.open(f"/review/alerts/{alert_id.replace('/', '%2F')}")
        self.settled()

    def settled(self) -> None:
        """Wait until the deciding words are there and keys count: a moment after an alert has come."""
        self.page.wait_for_selector("#main[data-ready]:not(:has(#words[hx-get]))", state="attached")

    def left(self, alert_id: str) -> None:
        """Wait until an alert's page has made room for the next one."""
        self.page.wait_for_function(
            # Its id alone: a likely duplicate of it may be the next one, and names it among its evidence.
            "id => document.querySelector('main') && document.querySelector('.alert-id')?.textContent.trim() !== id",
            arg=alert_id,
        )
        self.settled()

    def choose(self, category: str) -> None:
        """Choose a category with the mouse."""
        choice = self.find(f"#category-{category}")
        if not choice.is_visible():
            self.find("#other-categories summary").click()
        choice.check()

    def press(self, key: str) -> None:
        """Press a key, wherever the focus is."""
        self.page.keyboard.press(key)

    def find(self, selector: str) -> Locator:
        """Elements of the page."""
        return self.page.locator(selector)

    def alert_id(self) -> str:
        """The id of the alert on the page."""
        return self.find(".alert-id").inner_text()

    def path(self) -> str:
        """The path of the page."""
        return urlsplit(self.page.url).path

    def expect(self, *statuses: int) -> None:
        """Let the console say that pages were answered with such errors."""
        self.expected.update(statuses)

    def tolerate(self, *words: str) -> None:
        """Let the console say what holds such words."""
        self.tolerated += words

    def play_host(self, origin: str, body: str) -> None:
        """Let another host show a page, without any request that leaves the browser."""
        self.played.append(origin)
        self.context.unroute(f"{origin}/**")
        self.context.route(f"{origin}/**", lambda route: route.fulfill(content_type="text/html", body=body))

    def _opened(self) -> Page:
        page = self.context.new_page()
        page.on("dialog", self._refuse)
        return page

    def _refuse(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _note(self, url: str) -> None:
        self.asked.append(url)
        if not url.startswith((f"{self.desk.base}/", "data:", "about:", *self.played)):
            self.faults.append(f"request to another host: {url}")

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        status = _STATUS.search(message.text)
        is_expected = status is not None and int(status[1] or status[2]) in self.expected
        if not is_expected and not any(words in message.text for words in self.tolerated):
            self.faults.append(f"console: {message.text}")
