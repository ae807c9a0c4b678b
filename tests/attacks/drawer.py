"""An honest visitor who draws all the while, in a process of their own, and counts the time."""

import multiprocessing
import time
from contextlib import contextmanager

import numpy as np

from tests.attacks.visitor import Visitor
from tests.browser.harness import recorded_digits

PAUSE = 0.25  # seconds between two strokes


class Drawings:
    """Seconds from a drawing that is sent to its answer, and what went wrong."""

    def __init__(self):
        self.seconds: list[float] = []
        self.lost: list[str] = []

    @property
    def told(self) -> str:
        p50, p95 = 1000 * np.percentile(self.seconds or [np.nan], (50, 95))
        lost = f", {len(self.lost)} lost" if self.lost else ""
        return f"{p50:.0f} / {p95:.0f} ms{lost}"


def _draw(address: str, leave, ready, found) -> None:
    digits = [strokes for strokes, _ in recorded_digits(1)]
    seconds, lost = [], []
    with Visitor(address) as visitor:
        visitor.open()
        visitor.draw(digits[0])
        ready.set()
        while not leave.is_set():
            for digit in digits:
                try:
                    seconds.append(visitor.draw(digit))
                except Exception as error:
                    lost.append(repr(error))
                    leave.set()
                if leave.wait(PAUSE):
                    break
        lost += visitor.errors
    found.put((seconds, lost))


@contextmanager
def drawing(address: str):
    """Somebody draws while the block runs; what they have seen is known after it."""
    context = multiprocessing.get_context("spawn")
    leave, ready, found = context.Event(), context.Event(), context.Queue()
    process = context.Process(target=_draw, args=(address, leave, ready, found), daemon=True)
    process.start()
    if not ready.wait(60):
        raise TimeoutError("the drawer has not come")
    drawings = Drawings()
    try:
        yield drawings
        time.sleep(0.5)
    finally:
        leave.set()
        drawings.seconds, drawings.lost = found.get(timeout=60)
        process.join(10)
