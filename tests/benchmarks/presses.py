"""A browser for measurements, and the time from a press to its effect."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import FLAGS, find
from tests.browser.screenshot import rest

LAPTOP = {"viewport": {"width": 1280, "height": 800}, "bypass_csp": True}

# From a press, seen before anything else sees it, to the frame that shows its effect.
STOPWATCH = """
([event, effect]) => {
  const there = eval(effect)
  window.taken = new Promise(done => addEventListener(event, () => {
    const began = performance.now()
    const look = () => there() ? done(performance.now() - began) : requestAnimationFrame(look)
    requestAnimationFrame(look)
  }, { capture: true, once: true }))
}
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        yield browser
        browser.close()


def times_of(page: Page, presses: Iterable[tuple[Callable, str]], event="click") -> list[float]:
    """Milliseconds from each press to its effect, which a JavaScript function tells; the page
    rests before each. The first press warms up, and is left out."""
    times = []
    for press, effect in presses:
        page.evaluate(STOPWATCH, [event, effect])
        press()
        times.append(page.evaluate("taken"))
        rest(page)
    return times[1:]


def percentiles(times: list[float]) -> str:
    """The median and the 95th percentile."""
    return "{:.0f} / {:.0f} ms".format(*np.percentile(times, (50, 95)))
