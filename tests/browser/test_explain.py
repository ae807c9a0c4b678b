"""The pages that explain, in a real browser: links, themes, phones, mouse and keyboard."""

import re

import pytest
from playwright.sync_api import expect

from pages.ui.session import DEFAULT_MODEL
from softmax_core import load_model
from tests.browser.harness import draw
from tests.browser.screenshot import SIZES

LAPTOP = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}
PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
LAST = {
    "weights": "Predictions; wrong ones in colour",
    "gradient": "The answer as code",
    "evaluate": "Flipped pixels",
}


SEVEN = [[[100, 80], [160, 80], [220, 80], [190, 140], [160, 250]]]


@pytest.mark.parametrize("path", LAST)
@pytest.mark.parametrize("context", [LAPTOP, PHONE], ids=["laptop-light", "phone-dark"])
def test_a_link_opens_the_page_whole(open_page, path, context):
    page = open_page(f"/{path}", **context)
    expect(page.get_by_text(LAST[path])).to_be_visible()
    width = context["viewport"]["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.querySelector('.stMain').scrollWidth") <= width


def weight(page, name):
    return page.get_by_role("button", name=re.compile(f"^{name}:")).first


def test_a_weight_is_followed_by_mouse_and_by_keyboard(open_page):
    page = open_page("/gradient", **LAPTOP)
    pressed = weight(page, "derivative, class 3, row 3, column 5")
    pressed.click()
    expect(page.get_by_text("j = 21", exact=True)).to_be_visible()
    expect(pressed).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.get_by_text("j = 28", exact=True)).to_be_visible()
    expect(page.locator(".katex-error")).to_have_count(0)


def test_a_drawing_runs_through_the_steps(open_page):
    page = open_page("/gradient", **LAPTOP)
    page.get_by_role("button", name="My drawing").or_(
        page.get_by_role("radio", name="My drawing")
    ).click()
    expect(page.get_by_text("Draw a digit, here or on the Draw page")).to_be_visible()
    draw(page, SEVEN)
    expect(page.get_by_role("heading", name="6. The sum over k collapses")).to_be_visible()


def test_a_step_and_a_wrong_program(open_page):
    page = open_page("/gradient", **LAPTOP)
    page.get_by_role("button", name="Take one step").click()
    expect(page.get_by_text("promised by the gradient")).to_be_visible()
    page.get_by_role("radio", name="Transposed twice").or_(
        page.get_by_role("button", name="Transposed twice")
    ).click()
    expect(page.get_by_text("One-hot test: failed.")).to_be_visible()


def in_sight(page, locator):
    """Whether all of it is in the window, as it is scrolled now."""
    locator.wait_for()
    box, size = locator.bounding_box(), page.viewport_size
    return box["y"] >= 0 and box["y"] + box["height"] <= size["height"]


@pytest.mark.parametrize("size", SIZES)
def test_a_weight_is_changed_and_taken_back_on_one_screen(open_page, size):
    width, height = SIZES[size]
    view = "?view=projector" if size == "projector" else ""
    page = open_page(f"/weights{view}", viewport={"width": width, "height": height})
    page.get_by_role("button", name="Weights of class 8").click()
    cell = weight(page, "w of 8, row 5, column 4")
    cell.click()
    smallest = min(cell.bounding_box()["width"], cell.bounding_box()["height"])
    assert smallest >= (44 if size == "phone" else 24)
    slider = page.get_by_role("slider", name="Weight of class 8, row 5, column 4")
    model = load_model(DEFAULT_MODEL)
    value = f"{model.features.weight_images(model.weights)[8, 4, 3]:.2f}"
    expect(slider).to_have_attribute("aria-valuetext", value)
    assert in_sight(page, slider)
    assert in_sight(page, cell)
    slider.focus()
    page.keyboard.press("End")
    effect = page.locator(".effect")
    expect(effect).to_contain_text("by your changes")
    assert in_sight(page, effect)
    assert in_sight(page, cell)
    expect(page.get_by_text("→ 8").first).to_be_attached()
    undo = page.get_by_role("button", name="Undo")
    undo.click()
    expect(undo).to_be_disabled()
    expect(slider).to_have_attribute("aria-valuetext", value)


def test_a_cell_of_the_confusion_matrix_opens_its_digits(open_page):
    page = open_page("/evaluate", **LAPTOP)
    page.get_by_role("button", name=re.compile("digits of class 1 taken for 2$")).click()
    expect(page.get_by_text(re.compile(r"^1 taken for 2: \d+ digits"))).to_be_visible()


def test_a_chart_is_drawn_when_it_is_scrolled_to_and_follows(open_page):
    page = open_page("/gradient", **LAPTOP)
    expect(page.get_by_text("The answer as code")).to_be_attached()
    chart = page.locator(".chart").first
    expect(chart).to_have_attribute("aria-label", re.compile("central: "))
    expect(page.locator(".chart .main-svg")).to_have_count(0)
    chart.scroll_into_view_if_needed()
    marks = chart.locator(".trace").first.locator("path.js-line")
    expect(marks).to_be_visible()
    before, told = marks.get_attribute("d"), chart.get_attribute("aria-label")
    weight(page, "derivative, class 6, row 4, column 4").click()
    expect(chart).not_to_have_attribute("aria-label", told)
    chart.scroll_into_view_if_needed()
    expect(marks).not_to_have_attribute("d", before)
