"""The top of every page: a title that can be read, light and dark, the projector; the lesson."""

import pytest
from playwright.sync_api import expect
from streamlit.proto.BackMsg_pb2 import BackMsg

from pages.ui.contents import PAGES
from pages.ui.figures import DARK, LIGHT
from tests.browser.screenshot import FIRST, SIZES, rest

SCHEME = "getComputedStyle(document.querySelector('.stApp')).colorScheme"

# What is where the title's letters are: nothing may cover them.
ON_TOP = """() => {
  const title = document.querySelector("h1");
  const text = document.createRange();
  text.selectNodeContents(title);
  const { left, right, top, bottom } = text.getBoundingClientRect();
  const found = [left + 2, (left + right) / 2, right - 2]
    .map(x => document.elementFromPoint(x, (top + bottom) / 2));
  return top >= 0 && found.every(element => title.contains(element));
}"""


@pytest.mark.parametrize("name", PAGES)
def test_no_title_is_cut_or_covered(open_page, name):
    page = open_page(f"/{'' if name == FIRST else name}")
    for width, height in SIZES.values():
        page.set_viewport_size({"width": width, "height": height})
        rest(page)
        assert page.evaluate(ON_TOP), width
        assert page.locator("h1").bounding_box()["height"] < 44, width


def test_dark_and_light_by_one_press_on_all_pages_and_for_the_next_visit(open_page):
    page = open_page("/evaluate", color_scheme="light")
    rest(page)
    page.get_by_role("button", name="Switch to the other theme").click()
    page.wait_for_function(f"{SCHEME} === 'dark'")
    font = "document.querySelector('.chart')?.layout?.font.color"
    page.wait_for_function(f"{font} === '{DARK.text}'")  # the server has heard of it
    expect(page.locator("[data-testid=stMainMenuPopover]")).to_have_count(0)
    for path in ("/evaluate", "/"):
        page.goto(page.url.split("/evaluate")[0] + path)
        page.locator("h1").wait_for()
        page.wait_for_function(f"{SCHEME} === 'dark'")


def test_the_system_changes_the_theme_and_the_charts_follow(open_page):
    page = open_page("/evaluate", color_scheme="dark")
    font = "document.querySelector('.chart')?.layout?.font.color"
    page.wait_for_function(f"{font} === '{DARK.text}'")
    page.emulate_media(color_scheme="light")
    page.wait_for_function(f"{font} === '{LIGHT.text}'")


def test_the_projectors_view_and_the_way_back(open_page):
    page = open_page("/about", viewport={"width": 1920, "height": 1080})
    size = """([...document.querySelectorAll(".stMain p")]
      .map(p => parseFloat(getComputedStyle(p).fontSize))[0] ?? 0)"""  # none between two pages
    page.get_by_role("button", name="Projector").click()
    page.wait_for_function(f"{size} > 28")
    expect(page.get_by_test_id("stHeader")).to_be_hidden()
    assert "view=projector" in page.url
    page.get_by_role("link", name="Next: Draw").click()
    expect(page.get_by_role("heading", name="Draw a digit")).to_be_visible()
    page.wait_for_function(f"{size} > 20")
    page.get_by_role("button", name="Leave projector view").click()
    expect(page.get_by_test_id("stHeader")).to_be_visible()
    page.wait_for_function("!location.search.includes('view')")


def test_every_step_of_the_lesson_opens_its_page_and_nothing_is_missing_there(open_page):
    page = open_page("/lesson")
    rest(page)
    links = page.get_by_test_id("stPageLink-NavLink").evaluate_all("all => all.map(a => a.href)")
    assert len(links) == 10
    for link in links[:-1]:
        page.goto(link)
        rest(page)
        expect(page.get_by_test_id("stAlertContentError")).to_have_count(0)
        expect(page.get_by_test_id("stAlertContentWarning")).to_have_count(0)


def test_what_a_page_sends_after_it_was_left_does_not_lead_back(page):
    """The server's answers are held back while a link is followed and a button is pressed."""
    ends, asked, held = [], [], []

    def between(browser):
        server = browser.connect_to_server()
        ends[:] = [browser, server]

        def ask(data):
            asked.append(BackMsg.FromString(data).rerun_script)
            server.send(data)

        browser.on_message(ask)
        server.on_message(lambda data: browser.send(data))

    page.route_web_socket("**/_stcore/stream", between)
    page.goto(page.url.rstrip("/") + "/train")
    rest(page)
    browser, server = ends
    server.on_message(lambda data: held.append(data))
    asked.clear()
    page.get_by_role("link", name="Draw", exact=True).click()
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_timeout(1000)
    assert [bool(message.widget_states.widgets) for message in asked] == [False, True]
    server.on_message(lambda data: browser.send(data))
    for data in held:
        browser.send(data)
    expect(page.get_by_role("heading", name="Draw a digit")).to_be_visible()
    page.wait_for_timeout(1000)
    expect(page.get_by_role("heading", name="Draw a digit")).to_be_visible()
