"""The Draw page in a real Chromium: start-up, and from pen-up to class and bars on screen.

Browser and server share the machine. Run it as `python -m tests.benchmarks.bench_draw`.
"""

import time

import numpy as np
from playwright.sync_api import sync_playwright

from tests.browser.chromium import FLAGS, find
from tests.browser.harness import answer_of, canvas_origin, clear, draw, recorded_digits, serving

Row = tuple[str, str, str]

DRAWINGS = 30

# From the pen's release, seen before anything else sees it, to the frame after the answer.
STOPWATCH = """
() => {
  window.penUp = [];
  window.answered = [];
  addEventListener("mouseup", event => {
    if (event.composedPath().some(n => n.classList?.contains("dc-root")))
      penUp.push(performance.now());
  }, true);
  new MutationObserver(() => {
    const answers = document.querySelector("#answer")?.dataset.strokes > 0;
    if (answers && answered.length < penUp.length)
      answered.push(new Promise(done => requestAnimationFrame(() => done(performance.now()))));
  }).observe(document.body, { subtree: true, childList: true, attributes: true });
}
"""

INTERVALS = "async () => (await Promise.all(answered)).map((end, i) => end - penUp[i])"

WITHOUT_COMPANION = "() => { HTMLElement.prototype.click = () => {} }"


def rows() -> list[Row]:
    """(measure, goal, measured) of every goal."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        start = _start_up(browser)
        with serving() as address:
            fast = _pen_up_to_answer(browser, address)
            plain = _pen_up_to_answer(browser, address, WITHOUT_COMPANION)
    return [
        ("start-up to a canvas that can be drawn on", "≤ 4 s", f"{start:.1f} s"),
        ("pen-up to class and bars, p50 / p95", "≤ 70 / 120 ms", _percentiles(fast)),
        ("the same without the companion, p50 / p95", "≤ 300 ms", _percentiles(plain)),
    ]


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
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(address)
    canvas_origin(page)
    if before:
        page.evaluate(before)
    page.evaluate(STOPWATCH)
    digits = recorded_digits(DRAWINGS // 10)
    for strokes, _ in [digits[0], *digits]:  # the first one warms up
        draw(page, strokes)
        answer_of(page, len(strokes))
        clear(page)
    times = page.evaluate(INTERVALS)
    page.close()
    return times[1:]


def _percentiles(times: list[float]) -> str:
    return "{:.0f} / {:.0f} ms".format(*np.percentile(times, (50, 95)))


if __name__ == "__main__":
    for row in rows():
        print("| " + " | ".join(row) + " |")
