"""The pages that explain in a real Chromium: from a press to the last change on the page.

On 7,494 training and 3,498 held-out digits; browser and server share the machine. Run it as
`python -m tests.benchmarks explain`.
"""

import re

import numpy as np
from playwright.sync_api import sync_playwright

from tests.browser.chromium import FLAGS, find
from tests.browser.harness import WINDOW, serving

Row = tuple[str, str, str]

REPEATS = 9
GOAL = "≤ 200 ms"

QUIET = 1000  # ms without a change: what a press starts is over

# From a click or a key, seen before anything else sees it, to the answer that is expected, and to
# the last change of the page.
STOPWATCH = """
() => {
  const press = () => { window.pressed = window.changed = performance.now(); };
  addEventListener("click", press, true);
  addEventListener("keydown", press, true);
  const main = document.querySelector(".stMain");
  new MutationObserver(() => {
    window.changed = performance.now();
    if (!window.answered && main.textContent.includes(window.expected)) window.answered = changed;
  }).observe(main, { subtree: true, childList: true, attributes: true, characterData: true });
}
"""

ANYTHING = "\0"  # no text tells the answer: the last change is it

WRONG = ("Counts instead of bits", "Transposed picture", "Transposed twice", "Shifted grid")
FAULTS = ("how much ink", "rows as columns", "both read", "one column further")


def rows() -> list[Row]:
    """(measure, goal, measured): medians to the answer, and to the last change on the page."""
    with sync_playwright() as playwright, serving() as address:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        measured = {
            **_gradient(_open(browser, address, "gradient", "The answer as code")),
            **_weights(_open(browser, address, "weights", "Predictions")),
            **_evaluate(_open(browser, address, "evaluate", "Flipped pixels")),
        }
    return [
        (name, GOAL, "{:.0f} ms, all done in {:.0f} ms".format(*np.median(times, axis=0)))
        for name, times in measured.items()
    ]


def _open(browser, address, path, last):
    page = browser.new_page(**WINDOW)
    page.goto(f"{address}/{path}")
    page.get_by_text(last).first.wait_for(timeout=60_000)
    page.wait_for_timeout(2000)
    page.evaluate(STOPWATCH)
    return page


def _gradient(page):
    label = page.locator(".whole[aria-pressed=true] .name").first.inner_text()
    picks = [
        (
            _button(page, f"Derivative, class {label}, row {r}, column {c}:"),
            f"class k = {label}, row {r}, column {c};",
        )
        for r in range(2, 5)
        for c in range(2, 5)
    ]
    faults = [
        (page.get_by_text(title, exact=True).click, fault)
        for title, fault in zip(WRONG, FAULTS, strict=True)
    ]
    picked = _times(page, picks)
    page.get_by_text("The bug, on purpose", exact=True).click()
    page.get_by_text("One-hot test").first.wait_for()
    again = [(page.get_by_role("button", name="Another digit").click, ANYTHING)] * REPEATS
    return {
        "Gradient: another weight, its steps and its sum": picked,
        "Gradient: another digit through all steps": _times(page, again),
        "Gradient: another wrong program, run and checked": _times(page, faults),
    }


def _weights(page):
    picks = [
        (_button(page, f"w of 3, row {r}, column {c}:"), f"Weight of class 3, row {r}, column {c}")
        for r in range(2, 5)
        for c in range(2, 5)
    ]
    classes = [
        (_button(page, f"Weights of class {k}"), f"Weight of class {k}") for k in (4, 5, 6, 7, 8, 9)
    ]
    others = _times(page, classes)
    page.get_by_role("button", name="Weights of class 3").click()
    picked = _times(page, picks)
    page.get_by_role("slider").focus()
    keys = [(lambda: page.keyboard.press("ArrowRight"), ANYTHING)] * REPEATS
    return {
        "Weights: another class": others,
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
    """Milliseconds from each press to its answer and to the last change."""
    times = []
    for press, text in presses:
        page.evaluate("text => { window.expected = text; window.answered = 0 }", text)
        before = page.evaluate("() => performance.now()")
        press()
        page.wait_for_function(
            "([quiet, before]) => pressed > before && performance.now() - changed > quiet",
            arg=[QUIET, before],
        )
        times.append(page.evaluate("() => [(answered || changed) - pressed, changed - pressed]"))
    return times


if __name__ == "__main__":
    for row in rows():
        print("| " + " | ".join(row) + " |")
