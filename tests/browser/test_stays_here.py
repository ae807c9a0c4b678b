"""No button leads or sends away from the app, and nothing is asked of another host.

`open_page` watches the requests of every browser test; here every button is pressed that Plotly
or Streamlit put beside what the app itself made.
"""

from pathlib import Path

import pytest

from pages.ui.contents import PAGES
from tests.browser.screenshot import rest

ELSEWHERE = """
() => [...document.querySelectorAll("a[href], form[action], iframe[src], img[src]")]
  .map((each) => each.href || each.action || each.src)
  .filter((url) => !/^(data|blob):/.test(url) && new URL(url).host !== location.host)
"""


@pytest.mark.parametrize("name", ("", *list(PAGES)[1:]))  # the first is at "/"
def test_every_page_and_its_menu_stay_on_the_server(open_page, name):
    page = open_page(f"/{name}")
    rest(page)
    assert page.evaluate(ELSEWHERE) == []
    menu = page.locator("[data-testid=stMainMenu] button")
    if menu.is_visible():
        menu.click()
        assert page.evaluate(ELSEWHERE) == []
        page.keyboard.press("Escape")
    for bar in page.locator(".modebar").all():
        press_all(page, bar)
    assert len(page.context.pages) == 1


def test_no_button_of_the_live_charts_sends_them_away(open_page):
    page = open_page("/train?epochs=5")
    page.get_by_role("button", name="Start", exact=True).click()
    page.get_by_text("Epochs reached").wait_for()
    bar = page.locator(".modebar").first
    bar.wait_for(state="attached")
    assert press_all(page, bar) >= 3
    assert len(page.context.pages) == 1


def test_no_button_of_the_figures_taken_home_sends_them_away(open_page, browser):
    page = open_page("/train")
    with page.expect_download() as download:
        page.get_by_role("button", name="Figures (HTML)").click()
    content = Path(download.value.path()).read_text("utf-8")
    context = browser.new_context()
    asked = []
    context.on("request", lambda request: asked.append(request.url))
    home = context.new_page()
    home.set_content(content)
    home.locator(".modebar").first.wait_for(state="attached")
    for bar in home.locator(".modebar").all():
        assert press_all(home, bar) >= 3
    home.wait_for_timeout(500)
    assert len(context.pages) == 1
    context.close()
    assert [url for url in asked if not url.startswith(("data:", "blob:", "about:"))] == []


def press_all(page, bar):
    """Presses every button of a chart's bar; gives their number."""
    buttons = bar.locator(".modebar-btn").all()
    for button in buttons:
        assert "share" not in (button.get_attribute("data-title") or "").lower()
        button.dispatch_event("click")
    page.wait_for_timeout(300)
    return len(buttons)
