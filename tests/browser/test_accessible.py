"""axe-core finds nothing serious on any page: at any width, in both themes."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from pages.ui.contents import PAGES
from tests.browser.screenshot import FIRST, HEIGHT, SIZES, rest

OPTIONS = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
# Colours are the same at every width: each theme is looked at on a wide screen, and on a phone.
SEEN = [("projector", "light"), ("laptop", "dark"), ("phone", "light"), ("phone", "dark")]


DRAWN = ["draw", "weights", "gradient"]  # the pages that show the visitor's drawing


def address(name: str) -> str:
    return f"/{'' if name == FIRST else name}?view=projector"


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious(open_page, name):
    assert serious(open_page(address(name), color_scheme="light")) == {}


@pytest.mark.parametrize("name", DRAWN)
def test_axe_finds_nothing_serious_with_a_drawing(open_page, server, name):
    page = open_page(address(FIRST), color_scheme="light")
    rest(page)
    page.get_by_role("button", name="Sample").click()
    rest(page)
    if name != FIRST:
        page.goto(server + address(name))
        rest(page)
    assert serious(page) == {}


def serious(page) -> dict:
    """What axe finds serious or critical, by rule, size and theme; the page begins projected."""
    found = {}
    for size, theme in SEEN:
        width, height = SIZES[size]
        if size != "projector" and "view=" in page.url:
            page.get_by_role("button", name="Leave projector view").click()
            page.get_by_test_id("stHeader").wait_for()
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": page.evaluate(HEIGHT)})
        rest(page)
        for violation in Axe().run(page, options=OPTIONS).response["violations"]:
            if violation["impact"] in ("serious", "critical"):
                found[violation["id"], size, theme] = [
                    f"{node['target']}: {node['failureSummary']}" for node in violation["nodes"]
                ]
    return found
