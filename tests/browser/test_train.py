"""Training watched in a real browser: it rises, pauses, goes back, goes on, and is used."""

import io
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from tests.browser.harness import answer_of, draw

SEVEN = [[[100, 80], [160, 80], [220, 80], [190, 140], [160, 200], [140, 250]]]


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def epoch(page):
    return int(page.locator("#live").get_attribute("data-epoch"))


def reach(page, at_least):
    page.wait_for_function(
        "least => +document.querySelector('#live')?.dataset.epoch >= least", arg=at_least
    )


def rest(page):
    """Waits until nothing is drawn any more; gives the epoch."""
    button(page, "Resume").wait_for()
    shown, before = epoch(page), None
    while shown != before:
        page.wait_for_timeout(400)
        shown, before = epoch(page), shown
    return shown


def curve(page):
    """The values of the first curve, as Plotly has them."""
    return page.evaluate("[...document.querySelector('.live-plot').data[0].y]")


def picture(page, selector):
    return np.asarray(Image.open(io.BytesIO(page.locator(selector).screenshot())).convert("RGB"))


@pytest.fixture
def train(open_page):
    def open_(query="", **context):
        page = open_page(f"/train{query}", **context)
        reach(page, 0)
        return page

    return open_


def test_start_pause_rewind_resume_use_and_draw(train):
    page = train("?epochs=100000")
    button(page, "Start").click()
    reach(page, 30)
    button(page, "Pause").click()
    last = rest(page)
    values = curve(page)
    assert all(a < b for a, b in pairwise(values))
    mosaic = picture(page, ".live-pictures")

    slider = page.get_by_role("slider", name="Look at epoch")
    slider.focus()
    slider.press("Home")
    page.wait_for_function("document.querySelector('#live').dataset.epoch === '0'")
    assert page.locator(".live-large").inner_text() == "10.4 %"
    for _ in range(3):
        slider.press("ArrowRight")
    page.wait_for_function("document.querySelector('#live').dataset.epoch === '3'")
    assert not np.array_equal(picture(page, ".live-pictures"), mosaic)

    button(page, "Resume").click()
    reach(page, 10)
    button(page, "Pause").click()
    resumed = rest(page)
    assert page.get_by_text(f"the same settings, {last:,} epochs").is_visible()
    np.testing.assert_allclose(curve(page)[:4], values[:4])

    button(page, "Use on the Draw page").click()
    page.get_by_role("link", name="Draw a digit").click()
    page.get_by_role("heading", name="Draw a digit").wait_for()
    chosen = page.get_by_label("Model").locator("option:checked")
    assert chosen.inner_text().startswith(f"trained here, epoch {resumed:,} (")
    draw(page, SEVEN)
    assert answer_of(page, 1)[0] == "7"


def test_leaving_pauses_and_coming_back_goes_on(train):
    page = train("?epochs=100000&optimizer=nesterov")
    button(page, "Start").click()
    reach(page, 20)
    page.get_by_role("link", name="Draw").click()
    page.get_by_role("heading", name="Draw a digit").wait_for()
    page.get_by_role("link", name="Train").click()
    reach(page, 20)
    stands = rest(page)
    page.wait_for_timeout(500)
    assert epoch(page) == stands
    assert "optimizer=Nesterov" in page.url
    button(page, "Resume").click()
    reach(page, stands + 20)


def test_two_tabs_do_not_disturb_each_other(train):
    first, second = train("?epochs=100000"), train("?epochs=100000&optimizer=adam")
    button(first, "Start").click()
    button(second, "Start").click()
    reach(first, 20)
    reach(second, 20)
    button(first, "Pause").click()
    stands = rest(first)
    reach(second, epoch(second) + 20)
    assert epoch(first) == stands


def test_a_run_is_taken_home_and_taken_up_in_another_session(train, tmp_path):
    page = train("?optimizer=adam&epochs=4")
    button(page, "Start").click()
    page.get_by_text("Epochs reached").wait_for()
    with page.expect_download() as download:
        button(page, "Run (NPZ)").click()
    download.value.save_as(tmp_path / "run.npz")
    with page.expect_download() as download:
        button(page, "Figures (HTML)").click()
    assert "Plotly" in download.value.path().read_text("utf-8")
    other = train()
    other.locator("input[type=file]").set_input_files(tmp_path / "run.npz")
    reach(other, 4)
    assert "optimizer=Adam" in other.url
    assert curve(other) == curve(page)


TOGETHER = """
name => {
  let holder = document.querySelector("#live");
  while (!holder.view) holder = holder.parentNode;
  const receive = holder.view.receive;
  return new Promise(done => {
    holder.view.receive = function (message, ask) {
      delete holder.view.receive;
      ask(message.serial);
      [...document.querySelectorAll("button")].find(b => b.innerText === name).click();
      receive.call(this, message, ask);
      done();
    };
  });
}
"""


def test_a_press_that_is_sent_together_with_a_tick_reaches_the_whole_page(train):
    """Streamlit then runs the live view alone, although the press was beside it."""
    page = train("?epochs=100000")
    button(page, "Start").click()
    reach(page, 20)
    page.evaluate(TOGETHER, "Pause")
    rest(page)
    assert not page.get_by_role("button", name="Pause", exact=True).count()


def test_reset_while_it_runs(train):
    page = train("?epochs=100000")
    button(page, "Start").click()
    reach(page, 20)
    button(page, "Reset").click()
    button(page, "Start").wait_for()
    page.wait_for_function("document.querySelector('#live').dataset.epoch === '0'")
    page.wait_for_timeout(600)
    assert epoch(page) == 0
    button(page, "Start").click()
    reach(page, 5)


def test_a_run_that_ends_says_why_and_axes_can_be_changed(train):
    page = train("?epochs=5")
    button(page, "Start").click()
    page.get_by_text("Epochs reached").wait_for()
    assert rest(page) == 5
    page.get_by_text("L/N, per sample").click()
    page.wait_for_function("document.querySelector('.live-plot').layout.yaxis.range[0] > -5")
    page.get_by_text("Logarithmic epochs").click()
    page.wait_for_function("document.querySelector('.live-plot').layout.xaxis.type === 'log'")
    page.wait_for_url("**per_sample=true**")


def test_a_rate_too_large_is_stopped_with_advice(train):
    page = train("?learning_rate=0.5&epochs=1000")
    button(page, "Start").click()
    page.get_by_text("is too high: try").wait_for()
    page.get_by_role("button", name="Start again with a rate that works").click()
    reach(page, 20)
    assert "too high" not in page.locator(".stMain").inner_text()


def test_everything_by_keyboard(train):
    page = train("?epochs=100000")
    page.wait_for_timeout(1500)  # a page that has just been opened is laid out again
    button(page, "Start").focus()
    page.keyboard.press("Enter")
    reach(page, 10)
    page.keyboard.press("Enter")
    stands = rest(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function(f"document.querySelector('#live').dataset.epoch === '{stands + 1}'")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_everything_fits(train, scheme):
    page = train(
        "?epochs=3&learning_rate=0.001", viewport={"width": 390, "height": 844}, color_scheme=scheme
    )
    button(page, "Start").click()
    page.get_by_text("Epochs reached").wait_for()
    page.get_by_role("button", name="Step").wait_for()
    assert page.evaluate("document.querySelector('.stMain').scrollWidth") <= 390
    for box in (each.bounding_box() for each in page.locator(".live-pictures, .live-plot").all()):
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    mosaic = picture(page, ".live-pictures").astype(int)
    blue, orange = mosaic[..., 2] - mosaic[..., 0], mosaic[..., 0] - mosaic[..., 2]
    assert (blue > 60).any()
    assert (orange > 60).any()


def test_no_drawing_is_ever_blank(train):
    page = train("?epochs=100000&optimizer=nesterov")
    button(page, "Start").click()
    reach(page, 60)
    box = page.locator(".live-pictures").bounding_box()
    clip = {name: round(box[name]) for name in ("x", "y", "width", "height")}
    shots = [page.screenshot(clip=clip) for _ in range(12)]
    pictures = [np.asarray(Image.open(io.BytesIO(shot)).convert("L"), float) for shot in shots]
    assert min(each.std() for each in pictures) > 10
    assert any(not np.array_equal(a, b) for a, b in pairwise(pictures))
