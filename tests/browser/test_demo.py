"""`make demo` shows something on every page."""

from playwright.sync_api import Browser, expect

from tests.browser.demo import Demo


def test_the_demo_has_something_on_every_page(chromium: Browser, demo: Demo) -> None:
    context = chromium.new_context()
    window = demo.signed_in(context, "supervisor")
    assert int(window.locator("#queue-count").inner_text()) >= 30
    window.goto(f"{demo.base}/review/suspects")
    expect(window.locator("#decision")).to_be_visible()
    window.goto(f"{demo.base}/review/supervisor")
    # Of so few alerts none may have been drawn for the random sample that accuracy is measured on.
    for tile in ("overrides", "load", "time", "waiting"):
        assert window.locator(f"#tile-{tile} .tile-value").inner_text() != "–", tile
    for section in ("weeks-section", "simulation", "categories", "times"):
        expect(window.locator(f"#{section} svg.chart").first).to_be_visible()
    expect(window.locator("#returned table")).to_be_visible()
    expect(window.locator("#agreement table").first).to_be_visible()
    context.close()
