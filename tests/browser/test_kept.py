"""Nothing that was drawn is lost: reload, sleep, restart, Back and Forward, a change of theme."""

import re
from itertools import product

import pytest
from playwright.sync_api import expect

from tests.browser.harness import Wire, answer_of, canvas_origin, clear, draw, free_port, serving

SEVEN = [[[100, 80], [160, 80], [220, 80], [190, 140], [160, 250]]]
BAR = [[[130, 160], [210, 160]]]
LINE = [[[60, 300], [210, 300]]]

INK = """() => {
  const host = document.querySelector('[class*="st-key-canvas-"] [data-testid*=stBidi]');
  const canvas = host.shadowRoot.querySelector(".dc-canvas");
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return data.filter((value, i) => i % 4 === 3 && value > 127).length;
}"""


def test_a_reload_brings_back_the_strokes_and_goes_on(page):
    draw(page, SEVEN)
    answer_of(page, 1)
    page.get_by_role("switch", name="row 8, column 1").click()
    page.wait_for_timeout(500)
    switched = answer_of(page, 1)
    page.reload()
    assert answer_of(page, 1) == switched
    assert page.evaluate(INK) > 1000
    page.wait_for_timeout(300)
    draw(page, BAR)
    answer_of(page, 2)
    page.keyboard.press("Control+z")
    assert answer_of(page, 1) == switched


LOSE_THE_FIRST = """{
  const send = WebSocket.prototype.send;
  let lost = false;
  WebSocket.prototype.send = function (data) {
    const hands = new TextDecoder().decode(data).includes('{"kept":{');
    if (lost || !hands) send.call(this, data);
    lost ||= hands;
  };
}"""


def test_what_is_handed_over_and_not_heard_is_handed_over_again(page):
    """So it is where another page is opened before the server has read the message."""
    draw(page, SEVEN)
    answer_of(page, 1)
    page.wait_for_timeout(500)
    page.add_init_script(LOSE_THE_FIRST)
    page.reload()
    answer_of(page, 0)
    page.get_by_role("link", name="Weights", exact=True).click()
    page.get_by_role("heading", level=1, name="Weights").wait_for()
    page.get_by_role("link", name="Draw", exact=True).click()
    answer_of(page, 1)
    draw(page, BAR)
    answer_of(page, 2)


def test_back_and_forward_keep_the_drawing_and_one_entry_a_page(page):
    before = page.evaluate("history.length")
    draw(page, [*SEVEN, *BAR, *LINE])
    answer_of(page, 3)
    assert page.evaluate("history.length") == before
    page.get_by_role("link", name="Evaluate", exact=True).click()
    page.get_by_role("heading", level=1, name="Evaluate").wait_for()
    assert page.evaluate("history.length") == before + 1
    page.go_back()
    answer_of(page, 3)
    page.go_forward()
    page.get_by_role("heading", level=1, name="Evaluate").wait_for()
    page.go_back()
    answer_of(page, 3)
    assert page.evaluate(INK) > 1000


def theme_of_the_system(page):
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    page.emulate_media(color_scheme="light" if dark else "dark")


def theme_by_its_button(page):
    page.evaluate("""document.querySelector('[aria-label="Switch to the other theme"]').click()""")


def model(page):
    page.evaluate("""() => {
      const choice = document.querySelector(".model select");
      choice.selectedIndex = (choice.selectedIndex + 1) % choice.options.length;
      choice.dispatchEvent(new Event("change", { bubbles: true }));
    }""")


def phone_or_laptop(page):
    page.set_viewport_size({"width": 1280 + 390 - page.viewport_size["width"], "height": 844})


def turned(page):
    now = page.viewport_size
    page.set_viewport_size({"width": now["height"], "height": now["width"]})


def another_page_and_back(page):
    page.get_by_role("link", name="Next: Weights").click()
    page.get_by_role("heading", level=1, name="Weights").wait_for()
    page.go_back()
    page.get_by_role("heading", level=1, name="Draw a digit").wait_for()


BY_MOUSE = {"viewport": {"width": 1280, "height": 844}}
BY_FINGER = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
UNDER_THE_PEN = None
WHEN = (UNDER_THE_PEN, 0, 30, 100)  # ms from the change to the stroke


@pytest.mark.parametrize("context", [BY_MOUSE, BY_FINGER], ids=["mouse", "finger"])
def test_no_change_of_theme_model_page_or_window_loses_a_stroke(open_page, context):
    page = open_page("/", **context)
    down, move, up = pen(page, "has_touch" in context)
    changes = [theme_of_the_system, theme_by_its_button, model, phone_or_laptop, turned]
    tries = [*product(changes, WHEN), (another_page_and_back, 0), (another_page_and_back, 30)]
    for n, (change, when) in enumerate(tries):
        if when is not UNDER_THE_PEN:
            change(page)
            page.wait_for_timeout(when)
        left, top = canvas_origin(page)
        x = left + 16 + 13 * n
        down(x, top + 130)  # not below the header, where a page was scrolled
        move(x, top + 150)
        if when is UNDER_THE_PEN:
            change(page)
        move(x, top + 180)
        up()
        answer_of(page, n + 1)


def pen(page, finger):
    """What puts a pen down, moves it, and lifts it."""
    if not finger:
        mouse = page.mouse
        return lambda x, y: (mouse.move(x, y), mouse.down()), mouse.move, mouse.up
    browser = page.context.new_cdp_session(page)

    def touch(kind):
        return lambda *place: browser.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [dict(zip("xy", place, strict=True))] if place else []},
        )

    return touch("touchStart"), touch("touchMove"), touch("touchEnd")


def test_the_toolbar_of_the_canvas_is_out_of_reach(page):
    canvas_origin(page)
    page.mouse.move(*(value + 150 for value in canvas_origin(page)))
    tools = page.locator(".dc-toolbar button")
    assert tools.count() > 2, "the toolbar is there to be hidden"
    expect(tools.first).to_be_hidden()
    page.locator("h1").click()
    for _ in range(40):
        page.keyboard.press("Tab")
        inner = "document.activeElement.shadowRoot?.activeElement?.className ?? ''"
        assert "dc-" not in page.evaluate(inner)


@pytest.mark.parametrize("away", [0, 1])
def test_a_phone_that_slept_longer_than_its_session(open_page, away):
    with serving(None, "--server.disconnectedSessionTTL=1", "--server.enableCORS=false") as address:
        wire = Wire(address)
        page = open_page("/", wire.address, problems=False)
        draw(page, SEVEN)
        answer_of(page, 1)
        page.wait_for_timeout(300)
        wire.cut()
        page.locator('[data-test-connection-state="CONNECTED"]').wait_for(state="detached")
        draw(page, BAR[:away])
        page.wait_for_timeout(2500)
        wire.mend()
        page.locator('[data-test-connection-state="CONNECTED"]').wait_for()
        answer_of(page, 1 + away)
        page.wait_for_timeout(2000)
        draw(page, LINE)
        answer_of(page, 2 + away)
        page.close()


def test_a_restarted_server(open_page):
    port = free_port()
    with serving(port) as address:
        page = open_page("/", address, problems=False)
        page.get_by_role("button", name="Sample").click()
        page.locator('#answer[data-class="0"]').wait_for()
        strokes = int(page.locator("#answer").get_attribute("data-strokes")) + 1
        page.wait_for_timeout(500)
        draw(page, BAR)
        answer_of(page, strokes)
        page.get_by_label("Model").select_option("classic")
        page.wait_for_timeout(1000)
    with serving(port):
        page.locator('[data-test-connection-state="CONNECTED"]').wait_for()
        page.wait_for_timeout(3000)
        draw(page, LINE)
        answer_of(page, strokes + 1)
        expect(page.get_by_label("Model")).to_have_value("classic")
        page.close()


def test_a_training_run_whose_session_has_gone(open_page):
    def step(page, to):
        page.get_by_role("button", name="Step", exact=True).click()
        page.locator(f'#live[data-epoch="{to}"]').wait_for()

    with serving(None, "--server.disconnectedSessionTTL=1", "--server.enableCORS=false") as address:
        wire = Wire(address)
        page = open_page("/train?optimizer=nesterov", wire.address, problems=False)
        page.locator('#live[data-epoch="0"]').wait_for()
        for epoch in (1, 2, 3):
            step(page, epoch)
        curve = "[...document.querySelector('.live-plot').data[0].y].slice(0, 4)"
        values = page.evaluate(curve)
        page.wait_for_timeout(500)
        wire.cut()
        page.locator('[data-test-connection-state="CONNECTED"]').wait_for(state="detached")
        page.wait_for_timeout(5000)
        wire.mend()
        page.locator('[data-test-connection-state="CONNECTED"]').wait_for()
        page.wait_for_timeout(3000)
        step(page, 4)
        assert page.evaluate(curve) == pytest.approx(values)
        assert "optimizer=Nesterov" in page.url
        page.reload()
        page.locator('#live[data-epoch="4"]').wait_for()
        page.close()


@pytest.mark.parametrize(
    "storage",
    [
        "Storage.prototype.setItem = () => { throw new DOMException('QuotaExceededError') }",
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('forbidden') } });"
        "Object.defineProperty(window, 'sessionStorage', { get() { throw new Error('no') } })",
        "localStorage.setItem('softmax-regression drawing', '{\"version\": 99}')",
        "localStorage.setItem('softmax-regression drawing', '['.repeat(150000))",
        "localStorage.setItem('softmax-regression models', 'x'.repeat(2000000))",
        "localStorage.setItem('stActiveTheme-/-v2', '{garbage')",
    ],
)
def test_storage_that_is_full_forbidden_or_hostile_stops_nothing(open_page, storage):
    page = open_page("/", init=storage)
    page.wait_for_timeout(500)
    draw(page, SEVEN)
    answer_of(page, 1)
    clear(page)


def test_a_model_of_a_link_and_one_that_was_kept_come_back_after_a_reload(page, open_page):
    page.goto(page.url.rstrip("/") + "/weights?model=pixels")
    page.get_by_role("slider").first.focus()
    page.keyboard.press("End")
    expect(page.locator(".effect")).to_contain_text("by your changes")
    page.get_by_role("button", name="Keep as a model").click()
    page.get_by_text("Kept as").wait_for()
    page.locator('[class*=st-key-weights-model] input[value^="pixels changed"]').wait_for()
    page.wait_for_timeout(500)
    page.reload()
    page.get_by_role("link", name="Draw", exact=True).click()
    answer_of(page, 0)
    page.get_by_label("Model").select_option("pixels changed")
    draw(page, SEVEN)
    answer_of(page, 1)
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_label("The link")).to_have_value(re.compile("weights="))
    link = page.get_by_label("The link").input_value()
    other = open_page(f"/?{link.partition('?')[2]}")
    answer_of(other, 1)
    expect(other.get_by_label("Model")).to_have_value("from a link")
    other.wait_for_function("location.search === ''")
    other.wait_for_timeout(500)
    other.reload()
    answer_of(other, 1)
    expect(other.get_by_label("Model")).to_have_value("from a link")
