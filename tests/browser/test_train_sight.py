"""The Train page as it is seen: what is in sight, what moves, and how the slider is followed."""

import time
from itertools import pairwise

import pytest

from tests.browser.test_train import button, epoch, picture, reach, rest, train  # noqa: F401

SIZES = [(1280, 800), (1920, 1080), (390, 844)]

# Layout shifts as browsers define them (CLS): none within 500 ms of a press counts.
WATCH_SHIFTS = """
window.shifted = []
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (!each.hadRecentInput) shifted.push(each.value)
}).observe({ type: "layout-shift", buffered: true })
"""


def window(size):
    return {"viewport": {"width": size[0], "height": size[1]}}


def in_sight(page, selector):
    box = page.locator(selector).first.bounding_box()
    size = page.viewport_size
    return box["y"] >= 0 and box["y"] + box["height"] <= size["height"]


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_start_weights_and_curve_are_on_one_screen(train, size):  # noqa: F811
    page = train(**window(size))
    for selector in (".st-key-press button", ".live-pictures", ".live-plot", ".live-large"):
        assert in_sight(page, selector), selector
    wide = page.locator(".live-pictures canvas").first.bounding_box()["width"]
    assert wide >= (100 if size[0] > 400 else 60)


def test_on_a_phone_start_stays_on_the_screen(train):  # noqa: F811
    page = train(**window((390, 844)))
    button(page, "Start").click()
    reach(page, 3)
    page.get_by_text("Take up a run").scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    assert in_sight(page, ".st-key-press button")
    button(page, "Pause").click()
    rest(page)


def test_the_first_run_is_seen(train):  # noqa: F811
    """Ten digits appear out of nothing and grow: by 50 epochs a second at most, and 300 are not
    the end. From epoch 180 on the strongest weight is beyond the scale, which grows with it."""
    page = train()
    blank = picture(page, ".live-pictures").astype(float)
    began = time.monotonic()
    button(page, "Start").click()
    strength = []
    for least in (1, 30, 90):
        reach(page, least)
        strength.append(abs(picture(page, ".live-pictures") - blank).mean())
    assert 0 < strength[0] < strength[1] < strength[2]
    reach(page, 300)
    assert time.monotonic() - began > 6
    assert button(page, "Pause").is_visible()
    page.get_by_text("as fast as it goes").click()
    before = epoch(page)
    reach(page, before + 100)


@pytest.mark.parametrize(
    ("query", "size"),
    [
        *(("?epochs=40", size) for size in SIZES),
        *(("?lesson=large-rate", size) for size in SIZES),
        ("?learning_rate=0.5", SIZES[0]),
        ("?learning_rate=0.5", SIZES[-1]),  # what is said is longest, on the narrowest screen
        ("?optimizer=L-BFGS&l2=1&epochs=60", SIZES[0]),
    ],
)
def test_nothing_moves_while_a_run_starts_ends_or_diverges(train, query, size):  # noqa: F811
    page = train(query, init=WATCH_SHIFTS, **window(size))
    page.wait_for_timeout(1500)  # until the page itself has come to rest
    page.evaluate("window.shifted.length = 0")
    button(page, "Start").click()
    page.locator(".st-key-go button[disabled]").wait_for(timeout=60_000)
    page.wait_for_timeout(800)
    assert sum(page.evaluate("window.shifted")) <= 0.02


def test_the_slider_is_followed_while_it_is_dragged(train):  # noqa: F811
    """15 or more pictures a second: the epochs that are kept are in the browser already."""
    page = train("?speed=as+fast+as+it+goes")
    button(page, "Start").click()
    reach(page, 150)
    button(page, "Pause").click()
    last = rest(page)
    page.wait_for_function("document.querySelector('.live-album')?.album.frames.length")
    asked = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda _: asked.append(1)))
    shown = page.evaluate(
        """last => {
          const slider = document.querySelector("#live input"), shown = []
          for (let step = 0; step <= 40; step++) {
            slider.value = Math.round(last * (1 - step / 40))
            slider.dispatchEvent(new Event("input"))
            shown.push(+document.querySelector("#live").dataset.epoch)
          }
          return shown
        }""",
        last,
    )
    assert len(set(shown)) >= 30
    assert all(a >= b for a, b in pairwise(shown))
    assert shown[-1] == 0
    middle = last // 2 + 1
    page.evaluate(
        """epoch => {
          const slider = document.querySelector("#live input")
          slider.value = epoch
          slider.dispatchEvent(new Event("change"))
        }""",
        middle,
    )
    page.wait_for_function("e => document.querySelector('#live').dataset.epoch == e", arg=middle)


def test_a_lesson_of_a_link_ends_with_its_table(train):  # noqa: F811
    page = train("?lesson=large-rate&epochs=inf&view=projector")
    assert page.get_by_text("go past the top").is_visible()
    button(page, "Start").click()
    page.locator(".st-key-go button[disabled]").wait_for(timeout=60_000)
    page.wait_for_function("!document.querySelector('.live-table').innerText.includes('…')")
    rows = page.locator(".live-table tbody tr").all_inner_texts()
    assert [row.split()[:3] for row in rows] == [["η", "10⁻⁵", "10"], ["η", "0.002", "10"]]
    assert in_sight(page, ".live-table")
    assert "view=projector" in page.url


def test_what_a_pointer_is_on_is_named(train):  # noqa: F811
    page = train("?epochs=3")
    button(page, "Start").click()
    page.get_by_text("Epochs reached").wait_for()
    page.locator(".live-pictures canvas").nth(7).hover(position={"x": 3, "y": 3})
    assert page.locator(".live-cell").inner_text().startswith("7, row 1, column 1: ")
