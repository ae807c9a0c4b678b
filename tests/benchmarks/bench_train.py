"""The live training dashboard in a real Chromium, with the server on the same machine.

Run it as `python -m tests.benchmarks.bench_train`.
"""

import time
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from pages.ui.train.lab import Lab
from pages.ui.train.settings import Settings
from tests.benchmarks import Row, table
from tests.browser.chromium import FLAGS, find
from tests.browser.harness import WINDOW, serving
from tests.browser.viewers import Viewer

LONG = "speed=as+fast+as+it+goes"
NESTEROV = f"{LONG}&optimizer=Nesterov"
PHONE = {"viewport": {"width": 390, "height": 844}}
FIRST = 12  # seconds for which a first run is watched
PRESSES = 9
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


def rows() -> list[Row]:
    """(measure, goal, measured) of every goal."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        with serving() as address:
            rate, epochs, paused = _one_viewer(browser, address)
            phone = _on_a_phone(browser, address)
            first, pictures, shift = _first_run(browser, address)
            many = _many_viewers(browser, address)
            late = _after_ten_thousand_epochs(browser, address)
    memory = _memory()
    return [
        ("visible updates of curve and heatmaps, one viewer", "≥ 30 a second", f"{rate:.0f}"),
        ("the same on a phone of 390 × 844", "≥ 30 a second", f"{phone:.0f}"),
        ("first Start to the run's own end", "≥ 10 s", first),
        ("layout shift while it starts, goes on and rests (CLS)", "≤ 0.02", f"{shift:.3f}"),
        ("pictures while the slider is dragged", "≥ 15 a second", f"{pictures:.0f}"),
        (f"{VIEWERS} viewers of one process, the slowest", "≥ 4 a second", f"{many:.1f}"),
        ("epochs while they are shown, pen, pixels, full batch", "≥ 500 a second", f"{epochs:.0f}"),
        ("Pause pressed to the last drawing, median and slowest", "≤ 250 ms", paused),
        ("visible updates beyond 10,000 epochs", "≥ 15 a second", f"{late:.0f}"),
        ("memory of a session after 10,000 epochs", "≤ 60 MB", f"{memory:.0f} MB"),
    ]


def _open(browser, address, query, **window):
    page = browser.new_context(**{**WINDOW, **window}).new_page()
    page.add_init_script(SHIFTS)
    page.goto(f"{address}/train?{query}")
    _reach(page, 0)
    page.wait_for_timeout(1000)
    page.evaluate("shifted.length = 0")  # what the page itself did when it was opened
    page.get_by_role("button", name="Start", exact=True).click()
    _reach(page, 5)
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


def _one_viewer(browser, address) -> tuple[float, float, str]:
    page = _open(browser, address, LONG)
    rate, epochs = _rates(page)
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
    return rate, epochs, f"{middle:.0f} ms, {slowest:.0f} ms"


def _on_a_phone(browser, address) -> float:
    page = _open(browser, address, LONG, **PHONE)
    rate, _ = _rates(page)
    page.context.close()
    return rate


def _first_run(browser, address) -> tuple[str, float, float]:
    """How long the default run went on, pictures a second of the slider, and the layout shift."""
    page = _open(browser, address, "")
    page.wait_for_timeout(1000 * FIRST)
    pause = page.get_by_role("button", name="Pause", exact=True)
    went_on = pause.is_visible()
    pause.click()
    page.get_by_role("button", name="Resume", exact=True).wait_for()
    page.wait_for_timeout(1500)
    pictures = page.evaluate(DRAG)
    shift = sum(page.evaluate("shifted"))
    page.context.close()
    return f"> {FIRST} s" if went_on else f"< {FIRST} s", pictures, shift


def _many_viewers(browser, address) -> float:
    viewers = [Viewer(address, LONG) for _ in range(VIEWERS - 1)]
    for viewer in viewers:
        viewer.start()
    page = _open(browser, address, LONG)
    began = time.perf_counter()
    in_browser, _ = _rates(page, 2 * SECONDS)
    seconds = time.perf_counter() - began
    rates = [sum(moment > began for moment in v.drawings) / seconds for v in viewers]
    for viewer in viewers:
        viewer.left.set()
    page.context.close()
    return min(in_browser, *rates)


def _after_ten_thousand_epochs(browser, address) -> float:
    page = _open(browser, address, NESTEROV)
    _reach(page, 10_000)
    rate, _ = _rates(page)
    page.context.close()
    return rate


def _memory() -> float:
    """MB that this process grows by, from an idle session to one after 10,000 epochs."""
    warm = Lab()
    warm.step()
    idle = _resident()
    lab = Lab(Settings(epochs=10_000), "as fast as it goes")
    lab.start()
    while lab.running:
        lab.tick(lab.serial)
    return _resident() - idle


def _resident() -> float:
    """MB."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    table(rows())
