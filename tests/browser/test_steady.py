"""A page comes as a whole: nothing that is seen moves while it is loaded."""

import pytest

from pages.ui.contents import PAGES
from tests.browser.screenshot import FIRST, HEIGHT, SIZES, rest, show_whole
from tests.browser.test_train_sight import WATCH_SHIFTS


@pytest.mark.parametrize("name", PAGES)
def test_nothing_moves_while_a_page_is_loaded(open_page, name):
    """Layout shifts as browsers define them; what is not shown yet does not count.

    A machine that is busy for seconds shows a page late, before it rests: that says nothing of the
    page, which is loaded again.
    """
    moved = {}
    for size, (width, height) in SIZES.items():
        view = "?view=projector" if size == "projector" else ""
        path = f"/{'' if name == FIRST else name}{view}"
        for _ in range(4):
            page = open_page(path, init=WATCH_SHIFTS, viewport={"width": width, "height": height})
            rest(page)
            moved[size] = sum(page.evaluate("window.shifted"))
            if page.locator(":root[data-rests='']").count():
                break
            page.close()
        else:
            pytest.fail(f"{path} did not rest in time, four times")
    assert max(moved.values()) <= 0.02, moved


def test_a_picture_of_a_whole_page_has_its_end(open_page):
    width, height = SIZES["phone"]
    page = open_page("/gradient", viewport={"width": width, "height": height})
    rest(page)
    show_whole(page, width)
    assert page.evaluate(HEIGHT) == page.evaluate("innerHeight")
    assert page.get_by_role("link", name="Next: Evaluate").is_visible()


# What says that the page rests is taken back at once.
NEVER = """
new MutationObserver(() => document.documentElement.removeAttribute("data-rests"))
  .observe(document, { subtree: true, attributeFilter: ["data-rests"] })
"""


def test_a_page_that_never_rests_is_shown_all_the_same(open_page):
    """By the style sheet alone."""
    page = open_page("/about", init=NEVER)
    rest(page)
    assert page.locator(":root[data-rests]").count() == 0
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).visibility") == "visible"
