"""The pages that explain in a real Chromium: from a press to its effect on the screen.

On 7,494 training and 3,498 held-out digits; browser and server share the machine.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from tests.benchmarks import Row
from tests.benchmarks.presses import LAPTOP, chromium, percentiles, times_of
from tests.browser.harness import serving
from tests.browser.screenshot import rest

GOAL = "p95 ≤ 200 ms"
ROUNDS = 7  # of presses on three places, or more

# The pixels of which one is pressed after another.
PIXELS = [(row, column) for row in range(2, 7) for column in range(2, 6)]

# An effect: what is shown there is another text than before.
CHANGES = """
(() => {{
  const text = () => document.querySelector("{0}").textContent, before = text()
  return () => text() !== before
}})()
"""

WRONG = {
    "Counts instead of bits": "how much ink",
    "Transposed picture": "rows as columns",
    "Transposed twice": "both read",
    "Shifted grid": "one column further",
}


def _gradient() -> Iterator[Row]:
    with _page("gradient") as page:
        label = page.locator(".whole[aria-pressed=true] .name").first.inner_text()
        picks = [
            (
                _button(page, f"Derivative, class {label}, row {r}, column {c}:"),
                _says(".followed", f"class k = {label}, row {r}, column {c};"),
            )
            for r, c in PIXELS
        ]
        yield _row("Gradient: another weight, followed in the bar", times_of(page, picks))
        classes = [
            (_button(page, f"Gradient of class {k}$"), _says(".followed", f"class k = {k},"))
            for k in [*range(10), *range(10)]
        ]
        yield _row("Gradient: another class", times_of(page, classes))
        another = page.get_by_role("button", name="Another digit").click
        again = [(another, CHANGES.format(".followed"))] * len(PIXELS)
        yield _row("Gradient: another digit, followed in the bar", times_of(page, again))
        step = page.get_by_role("button", name="Take one step").click
        taken = [(step, _says(".stMain", f"Step {n}, η")) for n in range(1, 1 + len(PIXELS))]
        yield _row("Gradient: one step, and what moved", times_of(page, taken))
        page.get_by_text("The bug, on purpose", exact=True).click()
        page.get_by_text("One-hot test").first.wait_for()
        faults = [
            (page.get_by_text(title, exact=True).click, _says(".stMain", fault))
            for title, fault in [*WRONG.items()] * ROUNDS
        ]
        yield _row("Gradient: another wrong program, run and checked", times_of(page, faults))


def _weights() -> Iterator[Row]:
    with _page("weights") as page:
        label = ".st-key-slider"
        classes = [
            (_button(page, f"Weights of class {k}"), _says(label, f"Weight of class {k}"))
            for k in [*range(10), *range(10)]
        ]
        yield _row("Weights: another class", times_of(page, classes))
        picks = [
            (
                _button(page, f"w of 9, row {r}, column {c}:"),
                _says(label, f"Weight of class 9, row {r}, column {c}"),
            )
            for r, c in PIXELS
        ]
        yield _row("Weights: another weight, at its slider", times_of(page, picks))
        page.get_by_role("slider").focus()
        keys = [partial(page.keyboard.press, key) for key in ["End", "Home"] * (len(PIXELS) // 2)]
        times = times_of(page, [(key, CHANGES.format(".effect")) for key in keys], "keydown")
        yield _row("Weights: a weight changed, its accuracy beside it", times)


def _evaluate() -> Iterator[Row]:
    with _page("evaluate") as page:
        pairs = [(k, (k + step) % 10) for step in (1, 2) for k in range(10)]
        cells = [
            (
                _button(page, f".* of class {label} taken for {taken}$"),
                _says(".stMain", f"{label} taken for {taken}: "),
            )
            for label, taken in pairs
        ]
        yield _row("Evaluate: a cell of the confusion matrix", times_of(page, cells))


@contextmanager
def _page(path):
    with serving() as address, chromium() as browser:
        page = browser.new_page(**LAPTOP)
        page.goto(f"{address}/{path}")
        rest(page)
        yield page


def _button(page, name):
    return page.get_by_role("button", name=re.compile(f"^{name}")).first.click


def _says(selector, text) -> str:
    """An effect: the text is shown there."""
    return f"() => document.querySelector('{selector}').textContent.includes({json.dumps(text)})"


def _row(name, times) -> Row:
    return f"{name}, p50 / p95", GOAL, percentiles(times)


PARTS = {"gradient": _gradient, "weights": _weights, "evaluate": _evaluate}
