"""No page asks any other host for anything. Every other test of this folder checks its own requests besides."""

from urllib.parse import urlsplit

from tests.browser.conftest import Visit
from tests.browser.scenes import Stage, tour


def test_a_look_at_every_page_asks_this_host_alone(visit: Visit, stage: Stage) -> None:
    asked: set[str] = set()
    named: set[str] = set()
    for _, window in tour(visit, stage):
        asked |= {urlsplit(url).netloc for url in window.asked if not url.startswith("data:")}
        named |= set(
            window.page.evaluate(
                """() => [...document.querySelectorAll('[src], [href], [action], [formaction], [srcset]')]
                    .flatMap(each =>
                        [each.src, each.href?.baseVal ?? each.href, each.action, each.formAction, each.srcset])
                    .filter(each => typeof each === 'string' && each).map(each => new URL(each, location).host)"""
            )
        )
    assert asked == {urlsplit(window.desk.base).netloc}
    assert named <= asked | {""}
