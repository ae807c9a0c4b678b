"""The Draw page in a real Chromium: start-up, and from pen-up to class and bars on screen.

Browser and server share the machine. Run it as `python -m tests.benchmarks.bench_draw`.
"""

import time

import numpy as np
from playwright.sync_api import sync_playwright

from pages.ui.strokes import Strokes, rounded
from tests.browser.chromium import FLAGS, find
from tests.browser.drawers import waits_of
from tests.browser.harness import (
    WINDOW,
    answer_of,
    canvas_origin,
    clear,
    draw,
    recorded_digits,
    serving,
)

Row = tuple[str, str, str]

DRAWINGS = 30
PEOPLE, PAUSE, SECONDS = 150, 2.0, 20.0

# From the pen's release, or a cell's press, seen before anything else sees it, to the frame after
# its answer. A stroke is answered by the first answer to so many strokes.
STOPWATCH = """
() => {
  let drawn = 0, waiting = [];
  window.times = [];
  const frame = () => new Promise(requestAnimationFrame).then(() => performance.now());
  addEventListener("mouseup", event => {
    const over = name => event.composedPath().some(n => n.classList?.contains(name));
    if (over("dc-root")) waiting.push([performance.now(), ++drawn]);
    if (over("grid")) waiting.push([performance.now(), 0]);
  }, true);
  new MutationObserver(() => {
    const strokes = Number(document.querySelector("#answer")?.dataset.strokes);
    if (!strokes) drawn = waiting.length ? drawn : 0;
    const answered = waiting.filter(([, n]) => n <= strokes);
    waiting = waiting.filter(([, n]) => n > strokes);
    for (const [began] of answered) times.push(frame().then(end => end - began));
  }).observe(document.querySelector(".says").parentElement, { subtree: true, childList: true });
}
"""

INTERVALS = "async () => await Promise.all(times)"

WITHOUT_COMPANION = "() => { HTMLElement.prototype.click = () => {} }"


def rows() -> list[Row]:
    """(measure, goal, measured) of every goal."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        start = _start_up(browser)
        with serving() as address:
            fast = _pen_up_to_answer(browser, address)
            plain = _pen_up_to_answer(browser, address, WITHOUT_COMPANION)
            press = _press_to_answer(browser, address)
        with serving() as address:
            many = waits_of(address, _digits(), PEOPLE, PAUSE, SECONDS)
    return [
        ("start-up to a canvas that can be drawn on", "≤ 4 s", f"{start:.1f} s"),
        ("pen-up to class, grid and bars, p50 / p95", "≤ 60 / 100 ms", _percentiles(fast)),
        ("the same without the companion, p50 / p95", "≤ 300 ms", _percentiles(plain)),
        ("a cell pressed to its effect, p50 / p95", "p95 ≤ 200 ms", _percentiles(press)),
        (
            f"{PEOPLE} people drawing, a stroke every {PAUSE:g} s each, p50 / p95",
            "p95 ≤ 1 s",
            _percentiles([1000 * wait for wait in many]),
        ),
    ]


def _digits() -> list[Strokes]:
    return [rounded(strokes) for strokes, _ in recorded_digits(DRAWINGS // 10)]


def _start_up(browser) -> float:
    began = time.perf_counter()
    with serving() as address:
        page = browser.new_page()
        page.goto(address)
        canvas_origin(page)
        seconds = time.perf_counter() - began
        page.close()
    return seconds


def _pen_up_to_answer(browser, address, before: str | None = None) -> list[float]:
    page = browser.new_page(**WINDOW)
    page.goto(address)
    canvas_origin(page)
    if before:
        page.evaluate(before)
    page.locator(".says #answer").wait_for()
    page.evaluate(STOPWATCH)
    digits = recorded_digits(DRAWINGS // 10)
    for strokes, _ in [digits[0], *digits]:  # the first one warms up
        draw(page, strokes)
        answer_of(page, len(strokes))
        clear(page)
    times = page.evaluate(INTERVALS)
    page.close()
    return times[1:]


def _press_to_answer(browser, address) -> list[float]:
    page = browser.new_page(**WINDOW)
    page.goto(address)
    strokes, _ = recorded_digits(1)[2]
    draw(page, strokes)
    answer_of(page, len(strokes))
    page.evaluate(STOPWATCH)
    for cell in range(0, 64, 64 // DRAWINGS):
        page.get_by_role("switch").nth(cell).click()
        page.wait_for_timeout(200)
    times = page.evaluate(INTERVALS)
    page.close()
    return times[1:]


def _percentiles(times: list[float]) -> str:
    return "{:.0f} / {:.0f} ms".format(*np.percentile(times, (50, 95)))


if __name__ == "__main__":
    for row in rows():
        print("| " + " | ".join(row) + " |")
