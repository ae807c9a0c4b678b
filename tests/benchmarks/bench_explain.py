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

QUIET = 1000  # ms without a change: what a press starts is over

# From a click or a key, seen before anything else sees it, to the last change of the page.
STOPWATCH = """
() => {
  const press = () => { window.pressed = window.changed = performance.now(); };
  addEventListener("click", press, true);
  addEventListener("keydown", press, true);
  new MutationObserver(() => { window.changed = performance.now(); }).observe(
    document.querySelector(".stMain"),
    { subtree: true, childList: true, attributes: true, characterData: true });
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
    page.evaluate(STOPWATCH)
    return page


def _gradient(page):
    picks = [
        (_button(page, f"derivative, class {k}, row {k % 8}, column 3:"), f"j = {8 * (k % 8) + 4} ")
        for k in range(REPEATS)
    ]
    faults = [
        (page.get_by_text(title, exact=True).click, fault)
        for title, fault in zip(WRONG, FAULTS, strict=True)
    ]
    again = [(page.get_by_role("button", name="Another digit").click, "Followed")] * REPEATS
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
    page.get_by_role("slider").focus()
    keys = [(lambda: page.keyboard.press("ArrowRight"), "before your changes")] * REPEATS
    return {
        "Weights: another weight": picked,
        "Weights: one weight changed, accuracy and predictions": _times(page, keys),
    }


def _evaluate(page):
    cells = [
        (_button(page, f".* of class {k} taken for {k + 1}$"), f"{k} taken for {k + 1}: ")
        for k in range(REPEATS)
    ]
    return {"Evaluate: a cell of the confusion matrix": _times(page, cells)}


def _button(page, name):
    return page.get_by_role("button", name=re.compile(f"^{name}")).first.click


def _times(page, presses):
    """Milliseconds of each press, and what it shows must be there then."""
    times = []
    for press, text in presses:
        press()
        page.wait_for_function("quiet => performance.now() - changed > quiet", arg=QUIET)
        assert text in page.locator(".stMain").text_content()
        times.append(page.evaluate("() => changed - pressed"))
    return times


if __name__ == "__main__":
    for row in rows():
        print("| " + " | ".join(row) + " |")
