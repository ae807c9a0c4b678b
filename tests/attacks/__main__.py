"""The attacks one after another while somebody draws: `make attack`; some of them by their names,
`python -m tests.attacks strangers large_pictures`.

Each is measured in CPU seconds and MB of the server beyond what the drawing takes, and in what is
left of its memory when it has gone, which is waited for a minute at most.
"""

import sys
import threading
import time
from urllib.parse import urlencode

from pages.ui.train.settings import TITLES
from tests.attacks.attacks import ATTACKS
from tests.attacks.drawer import drawing
from tests.attacks.server import watched
from tests.attacks.visitor import Visitor
from tests.benchmarks import table

SETTLING = 50  # seconds after which an attacker's memory has to be back
LITTLE = 3  # MB more than before are as good as none
DRAWN = 6  # seconds of drawing, at least: an attack may be over sooner


def rows(names):
    """(measure, goal, measured) of every attack; of those named, if any are."""
    by_name = {attack.__name__: attack for attack in ATTACKS}
    attacks = [by_name[name] for name in names or by_name]
    pairs = urlencode({"features": TITLES["features"]["pairs"]})
    with watched() as server:
        # What is kept once for all: models, digits, and their features.
        for page in ("", "train", "weights", "gradient", "evaluate"):
            with Visitor(server.address, page, pairs if page == "train" else "") as visitor:
                visitor.open()
        with drawing(server.address) as alone:
            began, cpu = time.monotonic(), server.cpu
            time.sleep(20)
            pace = (server.cpu - cpu) / (time.monotonic() - began)
        yield "nobody attacks: drawer's p50 / p95", "", alone.told
        for attack in attacks:
            before = server.memory
            with drawing(server.address) as seen:
                thread = threading.Thread(target=attack, args=(server.address, 1.0), daemon=True)
                began = time.monotonic()
                cpu, memory = server.peak_while(thread)
                took = time.monotonic() - began
                time.sleep(max(0.0, DRAWN - took))
            gone = time.monotonic()
            while server.memory > before + LITTLE and time.monotonic() < gone + SETTLING:
                time.sleep(1)
            yield (
                attack.__name__.replace("_", " "),
                "≤ 100 ms; ≤ 2 s, ≤ 50 MB, gone in 60 s",
                f"{seen.told}; {cpu - pace * took:.1f} s, {memory:.0f} MB, "
                f"{server.memory - before:+.0f} MB left after {time.monotonic() - gone:.0f} s",
            )
        faults = server.faults()
        yield "errors in the server's log", "none", "some, see below" if faults else "none"
        print(*faults[:100], sep="\n", file=sys.stderr)


if __name__ == "__main__":
    table(rows(sys.argv[1:]))
