"""`python -m tests.browser.screenshot` takes the README's picture: a digit on the Draw page.

With `all` it takes every page at three sizes in both themes instead, into build/screenshots: what
is on the screen first, and the whole page. Names of pages restrict it to those.
"""

import sys

from playwright.sync_api import sync_playwright

from pages.ui.contents import PAGES
from tests.browser.chromium import FLAGS, find
from tests.browser.harness import ROOT, answer_of, draw, recorded_digits, serving

DIGIT, SIZE = 2, {"width": 1280, "height": 1110}

SIZES = {"phone": (390, 844), "laptop": (1280, 800), "projector": (1920, 1080)}
FIRST = next(iter(PAGES))  # the landing page
THEMES = ("light", "dark")
FOLDER = ROOT / "build" / "screenshots"

# The page scrolls inside an element of its own: a window as high as that shows all of it.
HEIGHT = "document.querySelector('.stMain').scrollHeight"
MOST_LAYOUTS = 6


def readme(browser, address: str) -> None:
    strokes = next(strokes for strokes, label in recorded_digits(1) if label == DIGIT)
    page = browser.new_page(viewport=SIZE, color_scheme="light")
    page.goto(address)
    draw(page, strokes)
    answer_of(page, len(strokes))
    page.wait_for_timeout(1000)  # until the reasons are there too
    page.screenshot(path=ROOT / "assets" / "draw.png")


def every_page(browser, address: str, names: tuple[str, ...]) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for size, (width, height) in SIZES.items():
        page = browser.new_page()
        for name in names:
            view = "?view=projector" if size == "projector" else ""
            path = "" if name == FIRST else name
            page.set_viewport_size({"width": width, "height": height})
            page.goto(f"{address}/{path}{view}")
            rest(page)
            for theme in THEMES:
                page.set_viewport_size({"width": width, "height": height})
                page.emulate_media(color_scheme=theme)
                rest(page)
                page.screenshot(path=FOLDER / f"{name}-{size}-{theme}.png")
                show_whole(page, width)
                page.screenshot(path=FOLDER / f"{name}-{size}-{theme}-whole.png")
        page.close()


def show_whole(page, width: int) -> None:
    """Makes the window as high as the page. What comes into sight by that is laid out only then,
    and may be higher than it was taken to be."""
    height = 0
    for _ in range(MOST_LAYOUTS):
        height, before = page.evaluate(HEIGHT), height
        if height == before:
            return
        page.set_viewport_size({"width": width, "height": height})
        rest(page)


def rest(page) -> None:
    """Waits until the page's script is done and nothing has been drawn for half a second."""
    page.locator("h1").wait_for()
    page.locator('.stApp[data-test-script-state="notRunning"]').wait_for()
    page.wait_for_timeout(700)


def main(*names: str) -> None:
    with serving() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        if names:
            every_page(browser, address, tuple(PAGES) if "all" in names else names)
        else:
            readme(browser, address)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
