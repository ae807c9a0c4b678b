"""The live training dashboard in a real Chromium, with the server on the same machine."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pages.ui.train.lab import Lab
from pages.ui.train.settings import Settings
from tests.benchmarks import Row
from tests.benchmarks.clients import Viewer
from tests.benchmarks.presses import LAPTOP, chromium, percentiles, times_of
from tests.browser.harness import serving

LONG = "speed=as+fast+as+it+goes"
NESTEROV = f"{LONG}&optimizer=Nesterov"
PHONE = {"viewport": {"width": 390, "height": 844}, "bypass_csp": True}
# Runs that end by themselves: after some epochs, at the top, and beyond it.
ENDING = ("epochs=40", "optimizer=L-BFGS&l2=1&epochs=60", "learning_rate=0.5")
FIRST = 12  # seconds for which a first run is watched
PRESSES = 9
STEPS = 20
SECONDS = 6
VIEWERS = 20

# Every change of the epoch on the screen, with the moment of the frame that shows it.
WATCH = """
() => {
  window.shown = [];
  const live = document.querySelector("#live");
  new MutationObserver(() => shown.push([performance.now() / 1000, +live.dataset.epoch])).observe(
    live, { attributes: true, attributeFilter: ["data-epoch"] });
}
"""

# Layout shifts, as browsers define them.
SHIFTS = """
window.shifted = []
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (!each.hadRecentInput) shifted.push(each.value)
}).observe({ type: "layout-shift" })
"""

# Pulls the slider from end to end in a second, and counts the pictures that a screen gets to show.
DRAG = """
async () => {
  const slider = document.querySelector("#live input"), shown = new Set()
  const began = performance.now()
  for (let past = 0; past < 1000; past = performance.now() - began) {
    slider.value = Math.round(slider.max * (1 - past / 1000))
    slider.dispatchEvent(new Event("input"))
    await new Promise(requestAnimationFrame)
    shown.add(document.querySelector("#live").dataset.epoch)
  }
  return shown.size
}
"""


def _live() -> Iterator[Row]:
    """What one viewer sees, and when it rests."""
    with serving() as address, chromium() as browser:
        page = _start(browser, address, LONG)
        rate, epochs = _rates(page)
        yield "visible updates of curve and heatmaps, one viewer", "≥ 30 a second", f"{rate:.0f}"
        name = "epochs while they are shown, pen, pixels, full batch"
        yield name, "≥ 500 a second", f"{epochs:.0f}"
        yield "Pause pressed to the last drawing, median and slowest", "≤ 250 ms", _pauses(page)
        phone = _start(browser, address, LONG, PHONE)
        rate, _ = _rates(phone)
        yield "visible updates on a phone of 390 × 844", "≥ 30 a second", f"{rate:.0f}"


def _first() -> Iterator[Row]:
    """The run that a visitor sees first, and a look back at it."""
    with serving() as address, chromium() as browser:
        page = _start(browser, address)
        page.wait_for_timeout(1000 * FIRST)
        pause = page.get_by_role("button", name="Pause", exact=True)
        went_on = ">" if pause.is_visible() else "<"
        yield "first Start to the run's own end", "≥ 10 s", f"{went_on} {FIRST} s"
        pause.click()
        page.get_by_role("button", name="Resume", exact=True).wait_for()
        page.wait_for_timeout(1500)
        pictures = page.evaluate(DRAG)
        yield "pictures while the slider is dragged", "≥ 15 a second", f"{pictures:.0f}"


def _step() -> Iterator[Row]:
    with serving() as address, chromium() as browser:
        page = _open(browser, address)
        step = page.get_by_role("button", name="Step", exact=True)
        shows = "() => +document.querySelector('#live').dataset.epoch >= {}"
        times = times_of(page, [(step.click, shows.format(n)) for n in range(1, STEPS + 1)])
    yield "Step pressed to its weights and curve, p50 / p95", "p95 ≤ 200 ms", percentiles(times)


def _shifts() -> Iterator[Row]:
    """The largest sum of what moves by itself, in the runs that end, on laptop and phone."""
    largest = 0.0
    with serving() as address, chromium() as browser:
        for window in (LAPTOP, PHONE):
            for query in ENDING:
                page = _start(browser, address, query, window)
                page.locator(".st-key-go button[disabled]").wait_for(timeout=60_000)
                page.wait_for_timeout(1000)
                largest = max(largest, sum(page.evaluate("shifted")))
                page.context.close()
    name = "layout shift while a run starts, ends, diverges (CLS), the largest"
    yield name, "≤ 0.02", f"{largest:.3f}"


def _many() -> Iterator[Row]:
    with serving() as address, chromium() as browser:
        rate = _many_viewers(browser, address)
    yield f"{VIEWERS} viewers of one process, the slowest", "≥ 4 a second", f"{rate:.1f}"


def _late() -> Iterator[Row]:
    with serving() as address, chromium() as browser:
        page = _start(browser, address, NESTEROV)
        _reach(page, 10_000)
        rate, _ = _rates(page)
    yield "visible updates beyond 10,000 epochs", "≥ 15 a second", f"{rate:.0f}"


def _memory() -> Iterator[Row]:
    """MB that this process grows by, from an idle session to one after 10,000 epochs."""
    warm = Lab()
    warm.step()
    idle = _resident()
    lab = Lab(Settings(epochs=10_000), "as fast as it goes")
    lab.start()
    while lab.running:
        lab.tick(lab.serial)
    yield "memory of a session after 10,000 epochs", "≤ 60 MB", f"{_resident() - idle:.0f} MB"


def _open(browser, address, query="", window=LAPTOP):
    page = browser.new_context(**window).new_page()
    page.add_init_script(SHIFTS)
    page.goto(f"{address}/train?{query}")
    _reach(page, 0)
    page.wait_for_timeout(1000)
    page.evaluate("shifted.length = 0")  # what the page itself did when it was opened
    return page


def _start(browser, address, query="", window=LAPTOP):
    page = _open(browser, address, query, window)
    page.get_by_role("button", name="Start", exact=True).click()
    _reach(page, 1)
    return page


def _reach(page, epoch):
    page.wait_for_function(
        "least => +document.querySelector('#live')?.dataset.epoch >= least",
        arg=epoch,
        timeout=120_000,
    )


def _rates(page, seconds=SECONDS) -> tuple[float, float]:
    """Visible updates a second, and epochs a second."""
    page.evaluate(WATCH)
    page.wait_for_timeout(1000 * seconds)
    shown = page.evaluate("shown")
    (began, first), (ended, last) = shown[0], shown[-1]
    return (len(shown) - 1) / (ended - began), (last - first) / (ended - began)


def _pauses(page) -> str:
    pressed = """
    async () => {
      const button = [...document.querySelectorAll("button")].find(b => b.innerText === "Pause");
      const began = performance.now() / 1000;
      button.click();
      await new Promise(done => setTimeout(done, 1500));
      return shown.at(-1)[0] - began;
    }
    """
    paused = [page.evaluate(pressed)]
    for _ in range(PRESSES - 1):
        page.get_by_role("button", name="Resume", exact=True).click()
        page.get_by_role("button", name="Pause", exact=True).wait_for()
        page.wait_for_timeout(1000)
        paused.append(page.evaluate(pressed))
    page.context.close()
    middle, slowest = 1000 * np.maximum(0, [np.median(paused), np.max(paused)])
    return f"{middle:.0f} ms, {slowest:.0f} ms"


def _many_viewers(browser, address) -> float:
    viewers = [Viewer(address, LONG) for _ in range(VIEWERS - 1)]
    for viewer in viewers:
        viewer.start()
    page = _start(browser, address, LONG)
    began = time.perf_counter()
    in_browser, _ = _rates(page, 2 * SECONDS)
    seconds = time.perf_counter() - began
    rates = [sum(moment > began for moment in v.drawings) / seconds for v in viewers]
    for viewer in viewers:
        viewer.left.set()
    page.context.close()
    return min(in_browser, *rates)


def _resident() -> float:
    """MB."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


PARTS = {
    "live": _live,
    "first": _first,
    "step": _step,
    "shifts": _shifts,
    "many": _many,
    "late": _late,
    "memory": _memory,
}
