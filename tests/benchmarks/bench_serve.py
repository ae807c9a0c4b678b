"""Several processes: how many people can draw on one process, and on two behind the proxy.

People, proxy and processes share the machine, so people have to be cheap: one thread for all of
them, messages that are made beforehand, and no more of an answer read than whether it is there.
What they and the proxy take beside the app is measured too. Run it as
`python -m tests.benchmarks.bench_serve`, or with a number for so many processes alone.
"""

import base64
import heapq
import json
import os
import random
import selectors
import socket
import struct
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import numpy as np
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from pages.ui.strokes import drawing_of
from tests.attacks.server import TICKS
from tests.benchmarks import Row, table
from tests.browser.harness import recorded_digits, started
from tests.serve.many import HAPROXY, serving_many

PAUSE = 2.0  # seconds from an answer to a person's next stroke, give or take a half
MOST = 1.0  # seconds: p95 of the waits
FIRST, MORE = 90, 1.12  # people at first, and at each further step
COMING, SETTLING, MEASURED = 0.08, 3.0, 12.0  # seconds: between two who come, and of each step
TEXT, PING, PONG = 0x82, 0x9, 0x8A


def frame(data: bytes, kind: int = TEXT) -> bytes:
    """A message of a browser as it goes over the wire, its mask all zeros."""
    size = len(data)
    long = struct.pack("!BBH", kind, 0xFE, size)
    head = struct.pack("!BB", kind, 0x80 | size) if size < 126 else long
    return head + bytes(4) + data


def rerun(page_hash: str = "", fragment: str = "", canvas: str = "", drawing: str = "") -> bytes:
    message = BackMsg()
    message.rerun_script.page_script_hash = page_hash
    message.rerun_script.fragment_id = fragment
    if canvas:
        message.rerun_script.widget_states.widgets.add(id=canvas, json_value=drawing)
    return frame(message.SerializeToString())


class Person:
    """A connection with the Draw page open; `waits` are (when, seconds) of the strokes answered."""

    def __init__(self, port: int, number: int):
        self.socket = socket.socket()
        self.socket.bind((f"127.0.{1 + number // 250}.{1 + number % 250}", 0))  # not one address
        self.socket.connect(("127.0.0.1", port))
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET /_stcore/stream HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Origin: http://127.0.0.1:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: streamlit\r\n"
            f"Sec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        self.read = b""
        while b"\r\n\r\n" not in self.read:
            self.read += self.socket.recv(1 << 16)
        head, self.read = self.read.split(b"\r\n\r\n", 1)
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise ConnectionError(head.split(b"\r\n")[0])
        self.waits: list[tuple[float, float]] = []
        self.began, self.marker, self.place, self.digit = 0.0, b"", 0, []
        self.names: dict[str, str] = {}
        self.socket.sendall(rerun())

    @property
    def is_open(self) -> bool:
        return "done" in self.names

    def draw(self, digits: list, made: dict) -> None:
        """The next stroke of a digit, or the first of another one."""
        if self.place == len(self.digit):
            self.place, self.digit = 0, random.choice(digits)
        self.place += 1
        names = self.names["hash"], self.names["fragment"], self.names["canvas"]
        what = (*names, id(self.digit), self.place)
        if what not in made:
            raw = {"raw": drawing_of(self.digit[: self.place]), "data": None}
            made[what] = rerun(*names, json.dumps({"drawing": raw}))
        self.marker = f'data-strokes=\\"{self.place}\\"'.encode()
        self.began = time.perf_counter()
        self.socket.sendall(made[what])

    def hear(self) -> bool:
        """Reads what has come; whether a stroke was answered or the page has opened."""
        data = self.socket.recv(1 << 18)
        if not data:
            raise ConnectionError("the connection was closed")
        self.read += data
        heard, at = False, 0
        while len(self.read) >= at + 2:
            kind, size, start = self.read[at] & 15, self.read[at + 1] & 127, at + 2
            if size >= 126:
                wide = 2 if size == 126 else 8
                if len(self.read) < start + wide:
                    break
                size = int.from_bytes(self.read[start : start + wide], "big")
                start += wide
            if len(self.read) < start + size:
                break
            at = start + size
            if kind == PING:
                self.socket.sendall(frame(self.read[start:at], PONG))
            elif not self.is_open:
                self._note(ForwardMsg.FromString(self.read[start:at]))
                heard |= self.is_open
            elif self.began and self.read.find(self.marker, start, at) >= 0:
                now = time.perf_counter()
                self.waits.append((now, now - self.began))
                self.began, heard = 0.0, True
        self.read = self.read[at:]
        return heard

    def _note(self, message: ForwardMsg) -> None:
        if message.HasField("navigation"):
            self.names["hash"] = message.navigation.page_script_hash
        element = message.delta.new_element.bidi_component
        if element.component_name.endswith("drawable_canvas"):
            self.names["canvas"], self.names["fragment"] = element.id, message.delta.fragment_id
        if message.WhichOneof("type") == "script_finished" and "canvas" in self.names:
            self.names["done"] = "yes"


class Crowd:
    """People who draw; `stay` lets them, for a while."""

    def __init__(self, port: int):
        self.port, self.people, self.number = port, [], count()
        self.digits = [strokes for strokes, _ in recorded_digits(3)]
        self.made: dict = {}
        self.selector, self.due = selectors.DefaultSelector(), []

    def come(self) -> None:
        number = next(self.number)
        person = Person(self.port, number)
        self.people.append(person)
        self.selector.register(person.socket, selectors.EVENT_READ, (number, person))

    def stay(self, seconds: float) -> None:
        end = time.perf_counter() + seconds
        while (now := time.perf_counter()) < end:
            while self.due and self.due[0][0] <= now:
                heapq.heappop(self.due)[2].draw(self.digits, self.made)
            until = min(end, self.due[0][0]) if self.due else end
            for key, _ in self.selector.select(max(0.0, until - now)):
                number, person = key.data
                if person.hear():
                    pause = PAUSE * random.uniform(0.5, 1.5)
                    heapq.heappush(self.due, (time.perf_counter() + pause, number, person))

    def waits(self, seconds: float) -> np.ndarray:
        """The waits of the next seconds, with those that are not over."""
        since = time.perf_counter()
        self.stay(seconds)
        now = time.perf_counter()
        over = [w for person in self.people for when, w in person.waits if when >= since]
        return np.array(over + [now - p.began for p in self.people if p.began])

    def leave(self) -> None:
        for person in self.people:
            person.socket.close()


@contextmanager
def app(processes: int):
    """So many processes: the port where people come, and a function that gives CPU seconds."""
    if processes == 1:
        with started() as (address, process):
            yield int(address.rpartition(":")[2]), lambda: (_cpu(process.pid), 0.0)
        return
    with serving_many(processes) as many:
        pids = [many.pid(n) for n in range(processes)]
        (proxy,) = [p for p, command in many.children().items() if "haproxy" in command]
        port = int(many.address.rpartition(":")[2])
        yield port, lambda: (sum(map(_cpu, pids)), _cpu(proxy))


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def steps(processes: int):
    """(people, p95 in s, strokes a second, cores taken by app, proxy and people) until too many."""
    with app(processes) as (port, cpu):
        crowd, wanted = Crowd(port), float(FIRST * processes)
        while True:
            while len(crowd.people) < wanted:
                crowd.come()
                crowd.stay(COMING)
            while not all(person.is_open for person in crowd.people):
                crowd.stay(COMING)
            crowd.stay(SETTLING)
            before, mine = cpu(), time.process_time()
            waits = crowd.waits(MEASURED)
            cores = [(b - a) / MEASURED for a, b in zip(before, cpu(), strict=True)]
            cores.append((time.process_time() - mine) / MEASURED)
            p95 = float(np.percentile(waits, 95))
            yield len(crowd.people), p95, len(waits) / MEASURED, cores
            if p95 > 1.5 * MOST:
                crowd.leave()
                return
            wanted *= MORE


def most_people(processes: int) -> tuple[float, list[float]]:
    """With how many people p95 reaches `MOST`, between two steps; and the cores taken then."""
    before = (0, 0.0, 0.0, [0.0] * 3)
    for step in steps(processes):
        people, p95, strokes, cores = step
        told = f"{p95:.2f} s, {strokes:.0f} strokes/s, cores {np.round(cores, 2).tolist()}"
        print(f"{processes}: {people} people, p95 {told}", file=sys.stderr)
        if p95 > MOST:
            part = (MOST - before[1]) / (p95 - before[1])
            return before[0] + part * (people - before[0]), before[3]
        before = step
    raise AssertionError("unreachable")


def rows(only: Sequence[int] = (1, 2)) -> Iterator[Row]:
    """(measure, goal, measured)."""
    most = {}
    for processes in only:
        if processes > 1 and HAPROXY is None:
            yield f"{processes} processes behind HAProxy", "≥ 1.5 ×", "HAProxy is not installed"
            return
        most[processes], cores = most_people(processes)
        name = "one process" if processes == 1 else f"{processes} processes behind HAProxy"
        taken = "app {:.2f}, proxy {:.2f}, people {:.2f}".format(*cores)
        measured = f"{most[processes]:.0f} (cores taken: {taken})"
        yield f"{name}: people drawing at p95 ≤ 1 s", "–", measured
    if len(most) == 2:
        few, many = most.values()
        yield "more of them", "≥ 1.5 ×", f"{many / few:.2f} ×"


if __name__ == "__main__":
    table(rows([int(each) for each in sys.argv[1:]] or (1, 2)))
