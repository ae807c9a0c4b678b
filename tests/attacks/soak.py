"""A busy hour in short: `make soak`, `python -m tests.attacks.soak [minutes [visitors [guests]]]`.

40 visitors mix all pages while 500 others come and go, round by round; then all leave. Printed are
the memory of the server before, after each round, and a minute after the last has left.
"""

import random
import sys
import threading
import time
from collections.abc import Iterator

from tests.attacks.server import watched
from tests.attacks.visitor import Visitor
from tests.benchmarks import Row, table
from tests.browser.harness import recorded_digits

PAGES = ("", "train", "weights", "gradient", "evaluate", "workshop", "lesson", "about")
VISITORS, GUESTS, ROUNDS, MINUTES = 40, 500, 6, 6.0
LATE = 30.0  # seconds that a round may take longer
PAUSE = 2.0  # seconds between two things that a visitor does


def act(visitor: Visitor, chance: random.Random, digits: list) -> None:
    """One thing that people do on the page that is open."""
    seen = visitor.elements
    if visitor.page == "":
        visitor.draw(chance.choice(digits))
    elif visitor.page == "train" and "step" in seen:
        visitor.press("step")
    elif visitor.page == "weights" and "weights-all" in seen:
        visitor.event("weights-all", "place", [chance.randrange(10), chance.randrange(65)])
    elif visitor.page == "gradient" and "Another digit" in seen:
        visitor.press("Another digit")
    elif visitor.page == "evaluate" and "evaluate-confusion" in seen:
        visitor.event("evaluate-confusion", "place", [0, chance.randrange(100)])


def visit(address: str, seed: int, leave: threading.Event, faults: list[str]) -> None:
    """A visitor who goes from page to page until it is time to leave."""
    chance, digits = random.Random(seed), [strokes for strokes, _ in recorded_digits(1)]
    try:
        while not leave.is_set():
            with Visitor(address) as visitor:
                for page in chance.sample(PAGES, len(PAGES)):
                    visitor.values.clear()
                    visitor.elements.clear()
                    visitor.open(page)
                    for _ in range(chance.randint(1, 6)):
                        if leave.wait(chance.uniform(0.5, 1.5) * PAUSE):
                            break
                        act(visitor, chance, digits)
                    faults += visitor.errors
                    if leave.is_set():
                        break
    except Exception as error:
        faults.append(f"visitor {seed}: {error!r}")


def come_and_go(address: str, number: int, seconds: float, faults: list[str]) -> None:
    """Guests, one after another: a page, a drawing, and away, mostly without a word."""
    end, digits = time.monotonic() + seconds, [strokes for strokes, _ in recorded_digits(1)]
    for n in range(number):
        if time.monotonic() > end + LATE:
            faults.append(f"{number - n} guests could not come in time")
            return
        try:
            with Visitor(address) as visitor:
                visitor.open()
                if n % 3:
                    visitor.draw(digits[n % 10])
                if n % 2:
                    visitor.cut()
        except Exception as error:
            faults.append(f"guest {n}: {error!r}")
        time.sleep(max(0, (end - time.monotonic()) / (number - n)))


def rows(minutes: float = MINUTES, visitors: int = VISITORS, guests: int = GUESTS) -> Iterator[Row]:
    """(measure, goal, measured) of memory and exceptions."""
    faults: list[str] = []
    with watched() as server:
        for page in PAGES:
            with Visitor(server.address, page) as visitor:
                visitor.open()
        time.sleep(10)
        before = server.memory
        yield "memory before the first visitor", "", f"{before:.0f} MB"
        leave = threading.Event()
        threads = [
            threading.Thread(
                target=visit,
                args=(server.address, n, leave, faults),
                name=f"visitor {n}",
                daemon=True,
            )
            for n in range(visitors)
        ]
        for thread in threads:
            thread.start()
        for number in range(1, ROUNDS + 1):
            come_and_go(server.address, guests // ROUNDS, 60 * minutes / ROUNDS, faults)
            yield f"after round {number}", "no growth", f"{server.memory:.0f} MB"
        leave.set()
        for thread in threads:
            thread.join(60)
        faults += [f"{thread.name} has not left" for thread in threads if thread.is_alive()]
        time.sleep(60)
        left = server.memory - before
        yield "60 s after the last has left", "within 100 MB of before", f"{left:+.0f} MB"
        faults += server.faults()
    yield "exceptions", "0", f"{len(faults)}"
    print(*faults[:60], sep="\n", file=sys.stderr)


if __name__ == "__main__":
    table(rows(*map(int, sys.argv[1:])))
