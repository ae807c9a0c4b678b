"""The pages that explain in a real Chromium: from a press to the last change on the page.

On 7,494 training and 3,498 held-out digits; browser and server share the machine. Run it as
`python -m tests.benchmarks explain`.
"""

import re

import numpy as np
from playwright.sync_api import sync_playwright

from tests.browser.chromium import FLAGS, find
from tests.browser.harness import serving

Row = tuple[str, str, str]

REPEATS = 9
GOAL = "≤ 200 ms"

# From the press to the frame in which the expected text is there and the server is done.
STOPWATCH = """
async (element, text) => {
  const start = performance.now();
  const app = document.querySelector(".stApp"), main = document.querySelector(".stMain");
  const there = () => app.dataset.testScriptState === "notRunning" &&
                      main.textContent.includes(text);
  element.click();
  do await new Promise(requestAnimationFrame); while (!there());
  return performance.now() - start;
}
"""

WRONG = ("Counts instead of bits", "Transposed picture", "Transposed twice", "Shifted grid")
FAULTS = ("how much ink", "rows as columns", "both read", "one column further")


def rows() -> list[Row]:
    """(measure, goal, measured): medians."""
    with sync_playwright() as playwright, serving() as address:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        measured = {
            **_gradient(_open(browser, address, "gradient", "The answer as code")),
            **_weights(_open(browser, address, "weights", "Predictions")),
            **_evaluate(_open(browser, address, "evaluate", "Flipped pixels")),
        }
    return [(name, GOAL, f"{np.median(times):.0f} ms") for name, times in measured.items()]


def _open(browser, address, path, last):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{address}/{path}")
    page.get_by_text(last).first.wait_for(timeout=60_000)
    page.wait_for_timeout(2000)
    return page


def _gradient(page):
    picks = [
        (_button(page, f"derivative, class {k}, row {k % 8}, column 3:"), f"j = {8 * (k % 8) + 4} ")
        for k in range(REPEATS)
    ]
    faults = [
        (page.get_by_text(title, exact=True), fault)
        for title, fault in zip(WRONG, FAULTS, strict=True)
    ]
    again = [(page.get_by_role("button", name="Another digit"), "Followed")] * REPEATS
    return {
        "Gradient: another weight, its sum and its differences": _times(page, picks),
        "Gradient: another digit through all steps": _times(page, again),
        "Gradient: another wrong program, run and checked": _times(page, faults),
    }


def _weights(page):
    picks = [
        (_button(page, f"{k}, row {k % 8}, column 3:"), f"Weight of class {k}, row {k % 8}")
        for k in range(REPEATS)
    ]
    picked = _times(page, picks)
    slider = page.get_by_role("slider")
    changed = []
    for _ in range(REPEATS):
        slider.focus()
        before = slider.input_value()
        changed.append(_key(page, "ArrowRight"))
        assert slider.input_value() != before
    return {
        "Weights: another weight": picked,
        "Weights: one weight changed, accuracy and predictions": changed,
    }


def _evaluate(page):
    cells = [
        (_button(page, f".* of class {k} taken for {k + 1}$"), f"{k} taken for {k + 1}: ")
        for k in range(REPEATS)
    ]
    return {"Evaluate: a cell of the confusion matrix": _times(page, cells)}


def _button(page, name):
    return page.get_by_role("button", name=re.compile(f"^{name}")).first


def _times(page, presses):
    times = []
    for button, text in presses:
        times.append(button.evaluate(STOPWATCH, text))
        page.wait_for_timeout(300)
    return times


def _key(page, key):
    """From a key to the end of the server's run that it starts."""
    page.evaluate(
        """() => {
          const app = document.querySelector(".stApp");
          window.over = new Promise(done => {
            let started = 0;
            new MutationObserver((_, observer) => {
              const running = app.dataset.testScriptState === "running";
              if (running && !started) started = performance.now();
              if (!running && started) {
                observer.disconnect();
                requestAnimationFrame(() => done(performance.now() - started));
              }
            }).observe(app, { attributes: true });
          });
        }"""
    )
    page.keyboard.press(key)
    return page.evaluate("() => window.over")


if __name__ == "__main__":
    for row in rows():
        print("| " + " | ".join(row) + " |")
