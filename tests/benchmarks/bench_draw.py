"""The Draw page in a real Chromium: from pen-up, or a press, to all that the row shows.

Browser and server share the machine.
"""

import time
from collections.abc import Iterator

from pages.ui.strokes import rounded
from tests.benchmarks import Row
from tests.benchmarks.clients import waits_of
from tests.benchmarks.presses import LAPTOP, chromium, percentiles, times_of
from tests.browser.harness import answer_of, canvas_origin, clear, draw, recorded_digits, serving

EACH = 3  # digits of every class
PEOPLE, PAUSE, SECONDS = 150, 2.0, 20.0

# From the pen's release, seen before anything else sees it, to the frame after its answer: class,
# grid and bars are one message. A stroke is answered by the first answer to so many strokes.
STOPWATCH = """
() => {
  let drawn = 0, waiting = [];
  window.times = [];
  const frame = () => new Promise(requestAnimationFrame).then(() => performance.now());
  addEventListener("mouseup", event => {
    if (event.composedPath().some(n => n.classList?.contains("dc-root")))
      waiting.push([performance.now(), ++drawn]);
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

WITHOUT_COMPANION = "() => { HTMLElement.prototype.click = () => {} }"

ANSWERED = "() => document.querySelector('.chain').dataset.busy === undefined"


def _start_up() -> Iterator[Row]:
    with chromium() as browser:
        began = time.perf_counter()
        with serving() as address:
            page = browser.new_page()
            page.goto(address)
            canvas_origin(page)
            seconds = time.perf_counter() - began
    yield "start-up to a canvas that can be drawn on", "≤ 4 s", f"{seconds:.1f} s"


def _pen_up() -> Iterator[Row]:
    name = "pen-up to class, grid and bars, p50 / p95"
    yield name, "≤ 60 / 100 ms", percentiles(_pen_up_to_answer())


def _without_companion() -> Iterator[Row]:
    name = "the same where the canvas sends by itself, p50 / p95"
    yield name, "≤ 300 ms", percentiles(_pen_up_to_answer(WITHOUT_COMPANION))


def _pen_up_to_answer(before: str = "") -> list[float]:
    with serving() as address, chromium() as browser:
        page = browser.new_page(**LAPTOP)
        page.goto(address)
        canvas_origin(page)
        if before:
            page.evaluate(before)
        page.locator(".says #answer").wait_for()
        page.evaluate(STOPWATCH)
        digits = recorded_digits(EACH)
        for strokes, _ in [digits[0], *digits]:  # the first one warms up
            draw(page, strokes)
            answer_of(page, len(strokes))
            clear(page)
        return page.evaluate("() => Promise.all(times)")[1:]


def _cell() -> Iterator[Row]:
    with serving() as address, chromium() as browser:
        page = browser.new_page(**LAPTOP)
        page.goto(address)
        strokes, _ = recorded_digits(1)[2]
        draw(page, strokes)
        answer_of(page, len(strokes))
        cells = page.get_by_role("switch")
        times = times_of(page, [(cells.nth(n).click, ANSWERED) for n in range(0, 64, 2)])
    yield "a cell pressed to its effect, p50 / p95", "p95 ≤ 200 ms", percentiles(times)


def _people() -> Iterator[Row]:
    digits = [rounded(strokes) for strokes, _ in recorded_digits(EACH)]
    with serving() as address:
        waits = waits_of(address, digits, PEOPLE, PAUSE, SECONDS)
    name = f"{PEOPLE} people drawing, a stroke every {PAUSE:g} s each, p50 / p95"
    yield name, "p95 ≤ 1 s", percentiles([1000 * wait for wait in waits])


PARTS = {
    "start": _start_up,
    "pen": _pen_up,
    "plain": _without_companion,
    "cell": _cell,
    "people": _people,
}
