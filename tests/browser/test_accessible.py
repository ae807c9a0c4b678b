"""axe-core finds nothing serious on any page, at any width, in either theme."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from pages.ui.set_up import PAGES
from tests.browser.screenshot import FIRST, HEIGHT, SIZES, THEMES, rest

OPTIONS = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious(open_page, name):
    page = open_page(f"/{'' if name == FIRST else name}")
    found = {}
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            page.set_viewport_size({"width": width, "height": page.evaluate(HEIGHT)})
            rest(page)
            for violation in Axe().run(page, options=OPTIONS).response["violations"]:
                if violation["impact"] in ("serious", "critical"):
                    nodes = [
                        f"{node['target']}: {node['failureSummary']}" for node in violation["nodes"]
                    ]
                    found[violation["id"], size, theme] = nodes
    assert found == {}
