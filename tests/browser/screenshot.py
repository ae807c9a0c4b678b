"""`python -m tests.browser.screenshot` takes the README's picture: a digit on the Draw page."""

from playwright.sync_api import sync_playwright

from tests.browser.chromium import FLAGS, find
from tests.browser.harness import ROOT, answer_of, draw, recorded_digits, serving

DIGIT, SIZE = 2, {"width": 1280, "height": 1110}


def main() -> None:
    strokes = next(strokes for strokes, label in recorded_digits(1) if label == DIGIT)
    with serving() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        page = browser.new_page(viewport=SIZE, color_scheme="light")
        page.goto(address)
        draw(page, strokes)
        answer_of(page, len(strokes))
        page.wait_for_timeout(1000)  # until the reasons are there too
        page.screenshot(path=ROOT / "assets" / "draw.png")
        browser.close()


if __name__ == "__main__":
    main()
