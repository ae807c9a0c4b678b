"""The attacks one after another while somebody draws: `make attack`, `python -m tests.attacks`.

Each is measured in CPU seconds and MB of the server beyond what the drawing takes, and in what is
left of its memory a minute after it has gone.
"""

import sys
import threading
import time

from tests.attacks.attacks import ATTACKS
from tests.attacks.drawer import drawing
from tests.attacks.server import watched
from tests.attacks.visitor import Visitor
from tests.benchmarks import table

SETTLING = 48  # seconds after which an attacker's memory has to be back


def rows(names):
    """(measure, goal, measured) of every attack; of those named, if any are."""
    with watched() as server:
        for page in ("", "train", "weights", "gradient", "evaluate"):  # what is kept for all
            with Visitor(server.address, page) as visitor:
                visitor.open()
        with drawing(server.address) as alone:
            began, cpu = time.monotonic(), server.cpu
            time.sleep(20)
            pace = (server.cpu - cpu) / (time.monotonic() - began)
        yield "nobody attacks: drawer's p50 / p95", "", alone.told
        for attack in ATTACKS:
            if names and attack.__name__ not in names:
                continue
            before = server.memory
            with drawing(server.address) as seen:
                thread = threading.Thread(target=attack, args=(server.address, 1.0), daemon=True)
                began = time.monotonic()
                cpu, memory = server.peak_while(thread)
                cpu -= pace * (time.monotonic() - began)
            time.sleep(SETTLING)
            yield (
                attack.__name__.replace("_", " "),
                "≤ 100 ms; ≤ 2 s, ≤ 50 MB, gone in 60 s",
                f"{seen.told}; {cpu:.1f} s, {memory:.0f} MB, {server.memory - before:+.0f} MB left",
            )
        faults = server.faults()
        yield "errors in the server's log", "none", "some, see below" if faults else "none"
        print(*faults[:100], sep="\n", file=sys.stderr)


if __name__ == "__main__":
    table(rows(sys.argv[1:]))
