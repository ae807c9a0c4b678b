"""axe-core finds nothing serious on any page, at any width, in either theme."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from pages.ui.set_up import PAGES
from tests.browser.screenshot import FIRST, HEIGHT, SIZES, THEMES, rest
from tests.browser.test_workshop import DRAWINGS, PHONE, give, sketch, stage
from tests.browser.test_workshop import room as room

OPTIONS = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious(open_page, name):
    check(open_page(f"/{'' if name == FIRST else name}"))


def test_axe_finds_nothing_serious_in_a_room(room, open_page):
    """Every stage as it is led, with a drawing that is hidden, and as it is taken part in."""
    projector, code = room
    check(projector)  # as it is empty, with what is missing
    link = f"/workshop?room={code}"
    phones = [open_page(link, **PHONE) for _ in range(2)]
    for n, phone in enumerate(phones):
        for name in DRAWINGS:
            for k in range(2):
                give(phone, name, shift=9 * n + 14 * k)
    give(phones[0], "○", shift=30)
    projector.get_by_role("button", name="○", exact=True).first.click()
    projector.get_by_role("button", name="Hide this drawing").click()
    projector.get_by_text("Hidden: 1").click()
    sketch(phones[0], DRAWINGS["△"])
    for page in (projector, phones[0]):
        check(page)
    stage(projector, "2 Train")
    projector.get_by_role("button", name="Learn", exact=True).click()
    give_it = projector.get_by_role("button", name="Give this model to everybody")
    give_it.wait_for()
    check(projector)
    give_it.click()
    give(phones[0], "☐")
    projector.get_by_text("Why these differ").click()
    sketch(phones[0], DRAWINGS["△"])
    for page in (projector, phones[0]):
        check(page)


def check(page):
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
