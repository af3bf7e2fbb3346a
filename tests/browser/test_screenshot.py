"""The README's picture of the desk, made from the real page of the demo.

`TRIAGE_SCREENSHOT=docs/review-desk.png python -m pytest tests/browser/test_screenshot.py` makes it anew.
"""

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, expect

from tests.browser.demo import SCREENSHOT, Demo
from triage.settings import PROJECT_ROOT

# An alert with a photo, duplicates with photos, and a model that is not sure how pressing it is.
SHOWN = "demo-270"
SIZE = (1440, 900)
MOST_BYTES = 500_000
MOST_ANSWERS = 30


def test_the_readmes_picture_is_of_the_real_page(chromium: Browser, demo: Demo, tmp_path: Path) -> None:
    size = {"width": SIZE[0], "height": SIZE[1]}
    context = chromium.new_context(viewport=size, reduced_motion="reduce", color_scheme="light")
    window = demo.signed_in(context, "agent")
    for _ in range(MOST_ANSWERS):
        window.wait_for_selector("#main[data-ready]:not(:has(#words[hx-get]))", state="attached")
        if (shown := window.locator(".alert-id").inner_text()) == SHOWN:
            break
        window.keyboard.press("Enter")
        expect(window.locator(".alert-id")).not_to_have_text(shown)
    expect(window.locator(".alert-id")).to_have_text(SHOWN)
    for picture in window.locator(".photos img, .thumb img").all():
        picture.evaluate("image => image.decode()")
    expect(window.locator(".photos img")).to_be_in_viewport()
    expect(window.locator(".map-sketch")).to_be_in_viewport()
    expect(window.locator("#candidate-1 .waterfall")).to_be_in_viewport()
    expect(window.locator("#queue a[aria-current]")).to_be_in_viewport()
    target = tmp_path / "review-desk.png"
    if SCREENSHOT is not None:
        target = PROJECT_ROOT / SCREENSHOT
    image = Image.open(io.BytesIO(window.screenshot(type="png"))).convert("RGB")
    assert image.size == SIZE
    image.quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(target, optimize=True)
    assert target.stat().st_size < MOST_BYTES
    context.close()
