"""The pages that explain, in a real browser: links, themes, phones, mouse and keyboard."""

import re

import pytest
from playwright.sync_api import expect

from pages.ui.session import DEFAULT_MODEL
from softmax_core import load_model
from tests.browser.harness import answer_of, canvas_origin, draw
from tests.browser.screenshot import SIZES, rest

LAPTOP = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}
PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
LAST = {
    "weights": "Predictions; wrong ones in colour",
    "gradient": "The answer as code",
    "evaluate": "Flipped pixels",
}


SEVEN = [[[100, 80], [160, 80], [220, 80], [190, 140], [160, 250]]]
BAR = [[[130, 160], [170, 160], [210, 160]]]


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


def in_sight(page, locator):
    """Whether all of it is in the window, as it is scrolled now."""
    locator.wait_for()
    box, size = locator.bounding_box(), page.viewport_size
    return box["y"] >= 0 and box["y"] + box["height"] <= size["height"]


def choose(page, name):
    """One of the ways to go on, at the end of the Gradient page."""
    page.get_by_role("radio", name=name).or_(page.get_by_role("button", name=name)).click()


@pytest.mark.parametrize("size", SIZES)
def test_a_weight_is_followed_by_mouse_and_by_keyboard_on_one_screen(open_page, size):
    width, height = SIZES[size]
    view = "?view=projector" if size == "projector" else ""
    page = open_page(f"/gradient{view}", viewport={"width": width, "height": height})
    page.get_by_role("button", name="Gradient of class 3").click()
    pressed = weight(page, "Derivative, class 3, row 3, column 5")
    pressed.click()
    bar = page.locator(".followed")
    expect(bar).to_contain_text("class k = 3, row 3, column 5")
    expect(pressed).to_have_attribute("aria-pressed", "true")
    smallest = min(pressed.bounding_box()["width"], pressed.bounding_box()["height"])
    assert smallest >= (44 if size == "phone" else 24)
    assert in_sight(page, bar)
    assert in_sight(page, pressed)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(bar).to_contain_text("class k = 3, row 4, column 4")
    expect(page.locator(".katex-error")).to_have_count(0)


@pytest.mark.parametrize("context", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_the_steps_are_reached_from_the_bar_which_stays_in_sight(open_page, context):
    page = open_page("/gradient", **context)
    bar = page.locator(".followed")
    page.get_by_role("link", name="Step 6: The sum over l collapses").click()
    heading = page.get_by_role("heading", name="6. The sum over l collapses")
    expect(page.locator(".followed [aria-current]")).to_have_text("6")
    assert in_sight(page, bar)
    assert in_sight(page, heading)
    below = bar.bounding_box()["y"] + bar.bounding_box()["height"]
    assert heading.bounding_box()["y"] >= below
    assert "#step-6" in page.url
    page.get_by_role("button", name="Next step").click()
    expect(page.locator(".followed [aria-current]")).to_have_text("7")
    page.get_by_role("button", name="Previous step").click()
    page.get_by_role("button", name="Previous step").click()
    expect(page.locator(".followed [aria-current]")).to_have_text("5")


def test_a_link_opens_at_its_step(open_page):
    page = open_page("/gradient#step-3", **LAPTOP)
    expect(page.locator(".followed [aria-current]")).to_have_text("3")


@pytest.mark.parametrize(("context", "most"), [(LAPTOP, 4500), (PHONE, 7000)])
def test_the_derivation_is_no_longer_than_one_reads_and_nothing_is_cut(open_page, context, most):
    page = open_page("/gradient", **context)
    expect(page.get_by_role("link", name="Next: Evaluate")).to_be_attached()
    width = context["viewport"]["width"]
    page.set_viewport_size({"width": width, "height": 9000})
    expect(page.locator(".st-key-below-step-7 .katex-display").first).to_be_visible()
    page.wait_for_timeout(1000)
    end = page.get_by_role("link", name="Next: Evaluate").bounding_box()
    assert end["y"] + end["height"] + 60 < most
    cut = """[...document.querySelectorAll(".katex-display, .numbers")]
      .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent.slice(0, 80))"""
    assert page.evaluate(cut) == []
    low = """[...document.querySelectorAll(".katex-display")]
      .filter(e => e.scrollHeight > e.clientHeight + 2).map(e => e.textContent.slice(0, 80))"""
    assert page.evaluate(low) == []
    over = """[...document.querySelectorAll("[class*=st-key-below-step]")].map(step =>
      (step.querySelector(".numbers")?.getBoundingClientRect().top ?? Infinity)
      - [...step.querySelectorAll(".katex-display")].at(-1).getBoundingClientRect().bottom)"""
    assert min(page.evaluate(over)) >= 0


def test_who_points_at_a_term_sees_all_of_its_places(open_page):
    page = open_page("/gradient", **LAPTOP)
    rest(page)  # a page that is still laid out moves from under the pointer
    pointed = "document.documentElement.dataset.pointed"
    page.locator('.followed [data-term="P"]').hover()
    assert page.evaluate(pointed) == "P"
    cell = page.locator('.numbers [data-term="P"]').first
    assert cell.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    page.locator(".katex [style*=color]").first.hover()
    assert page.evaluate(pointed) in ("y", "P", "f")
    page.locator("h1").hover()
    assert page.evaluate(pointed) is None


def test_a_drawing_runs_through_the_steps(open_page):
    page = open_page("/gradient", **LAPTOP)
    page.get_by_role("button", name="My drawing").or_(
        page.get_by_role("radio", name="My drawing")
    ).click()
    expect(page.get_by_text("Draw a digit, here or on the Draw page")).to_be_visible()
    before = canvas_origin(page)
    draw(page, SEVEN)
    expect(page.get_by_role("heading", name="6. The sum over l collapses")).to_be_visible()
    expect(page.locator(".followed .what")).to_contain_text("label 7")
    expect(page.locator("[class*=st-key-gradient-label] input")).to_have_value("label y: 7")
    draw(page, BAR)
    rest(page)
    assert canvas_origin(page) == before, "the canvas stays where it is"
    page.get_by_role("link", name="Draw", exact=True).click()
    answer_of(page, 2)


@pytest.mark.parametrize("size", SIZES)
def test_the_canvas_is_whole_and_is_still_there_when_it_is_cleared(open_page, size):
    width, height = SIZES[size]
    page = open_page("/", viewport={"width": width, "height": height})
    draw(page, SEVEN)
    answer_of(page, 1)
    kept = "localStorage.getItem('softmax-regression drawing')"
    page.wait_for_function(f"() => JSON.parse({kept})?.strokes")
    page.goto(page.url.rstrip("/") + "/gradient")
    canvas_origin(page)
    rest(page)
    covered = page.evaluate(
        """() => {
          const { left, right, top } = document.querySelector('[class*="st-key-canvas-"]')
            .getBoundingClientRect();
          const at = x =>
            document.elementFromPoint(x, top + 10).closest('[class*="st-key-canvas-"]');
          return right - left < 320 || !at(left + 5) || !at(left + 315);
        }"""
    )
    assert not covered
    canvas = page.locator('[class*="st-key-canvas-"]').bounding_box()
    if size == "phone":
        tools = [page.get_by_role("button", name=n).bounding_box()["y"] for n in ("Undo", "Clear")]
        assert tools[0] == tools[1], "the tools are in one row"
    else:
        bars = page.locator(".bars.expected").bounding_box()
        assert bars["y"] < canvas["y"] + canvas["height"], "the bars are beside the canvas"
    page.get_by_role("button", name="Clear").click()
    page.get_by_text("Draw a digit, here or on the Draw page").wait_for()
    canvas = page.locator(".dc-root canvas.upper-canvas")
    expect(canvas).to_have_count(1)  # one without strokes takes the place of the one with them
    expect(canvas).to_be_visible()


def test_a_step_and_a_wrong_program(open_page):
    page = open_page("/gradient", **LAPTOP)
    rest(page)
    page.get_by_role("button", name="Take one step").click()
    expect(page.get_by_text("promised by the gradient")).to_be_visible()
    choose(page, "The bug, on purpose")
    choose(page, "Transposed twice")
    expect(page.get_by_text("One-hot test: failed.")).to_be_visible()


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
    choose(page, "Check without calculus")
    page.locator(".stMain").evaluate("main => main.scrollTo(0, 0)")
    chart = page.locator(".chart").first
    expect(chart).to_have_attribute("aria-label", re.compile("central: "))
    chart.scroll_into_view_if_needed()
    marks = chart.locator(".trace").first.locator("path.js-line")
    expect(marks).to_be_visible()
    before, told = marks.get_attribute("d"), chart.get_attribute("aria-label")
    page.get_by_role("button", name="Gradient of class 6").click()
    expect(chart).not_to_have_attribute("aria-label", told)
    chart.scroll_into_view_if_needed()
    expect(marks).not_to_have_attribute("d", before)
