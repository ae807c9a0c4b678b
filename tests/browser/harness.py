"""What browser tests and benchmarks share: the server, a watched page, and a hand that draws."""

import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Thread

import numpy as np
from playwright.sync_api import expect

from pages.ui.session import CANVAS
from softmax_core import load_dataset, trajectory_strokes

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    """A port at which nobody listens, below those that the ends of connections are given: another
    test's browser would take it before the server does."""
    while True:
        port = 10_000 + secrets.randbelow(22_000)  # not the same in every process
        with suppress(OSError), closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", port))
            return port


@contextmanager
def serving(port: int | None = None, *options: str):
    """The app on a free port, from the moment it is healthy; ended on leaving."""
    with started(port, *options) as (address, _):
        yield address


@contextmanager
def started(port: int | None = None, *options: str, log=subprocess.DEVNULL):
    """The app's address and its process, which writes its messages to `log`."""
    port = port or free_port()
    address = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "streamlit", "run", "app.py"),
            *(f"--server.port={port}", "--server.address=127.0.0.1", *options),
        ],
        cwd=ROOT,
        stdout=log,
        stderr=log,
    )
    try:
        _wait_until_healthy(address, server)
        yield address, server
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:  # it waits for a visitor's script
            server.kill()
            server.wait()


def _wait_until_healthy(address, server, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert server.poll() is None, "the server ended before it was healthy"
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"{address} was not healthy in {seconds} s")


WINDOW = {
    "viewport": {"width": 1280, "height": 900},
    "bypass_csp": True,  # Playwright's own waiting needs `eval`; test_headers.py goes without it
}


class Wire:
    """Stands between browser and server, and can be cut as when a phone sleeps."""

    def __init__(self, address):
        self.to = ("127.0.0.1", int(address.rsplit(":", 1)[1]))
        self.ends, self.whole = [], True
        self.door = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.door.getsockname()[1]}"
        Thread(target=self._take, daemon=True).start()

    def cut(self):
        self.whole = False
        for end in self.ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self.ends.clear()

    def mend(self):
        self.whole = True

    def _take(self):
        while True:
            browser, _ = self.door.accept()
            if not self.whole:
                browser.close()
                continue
            server = socket.create_connection(self.to)
            self.ends += [browser, server]
            for one, other in ((browser, server), (server, browser)):
                Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one, other):
        with suppress(OSError):
            while data := one.recv(1 << 16):
                other.sendall(data)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Watched:
    """A page whose console errors and requests to other hosts are collected in `problems`."""

    def __init__(self, context):
        self.context, self.problems = context, []
        self.page = context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.problems.append(error.stack or str(error)))
        self.context.on("request", self._request)  # also of a window that a button opens

    def close(self):
        self.context.close()

    def _console(self, message):
        # At an address below "/", Streamlit looks for its server there first, then at "/".
        looks_for_server = "/_stcore/" in message.location.get("url", "")
        if message.type == "error" and not looks_for_server:
            self.problems.append(f"{message.text} {message.location.get('url', '')}")

    def _request(self, request):
        if not request.url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")):
            self.problems.append(f"asked another host: {request.url}")


def recorded_digits(each):
    """`each` digits of every class by writers that no model has seen: strokes in whole canvas
    pixels, about three fifths of the canvas high, and their labels."""
    test = load_dataset("pen").test
    digits = []
    for label in range(10):
        rows = np.flatnonzero(test.labels == label)
        for row in rows[np.linspace(0, len(rows) - 1, each).astype(int)]:
            strokes = [
                np.round(CANVAS * (0.2 + 0.6 * (stroke / 100 + (0, 1)))).astype(int).tolist()
                for stroke in trajectory_strokes(test.trajectories[row])
            ]
            digits.append((strokes, label))
    return digits


def canvas_origin(page):
    """The page's coordinates of the canvas's top left corner, once it can be drawn on."""
    canvas = page.locator(".dc-root canvas.upper-canvas")
    expect(canvas).to_have_count(1)  # one that is cleared may still be there beside the new one
    canvas.wait_for()
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    return box["x"], box["y"]


def draw(page, strokes):
    """Draws strokes, in canvas pixels, with the mouse.

    A browser joins the moves of one frame into one; so that no point is lost, each gets a frame.
    """
    left, top = canvas_origin(page)
    for (x, y), *rest in strokes:
        page.mouse.move(left + x, top + y)
        page.mouse.down()
        for x, y in rest:
            page.mouse.move(left + x, top + y)
            page.evaluate("new Promise(requestAnimationFrame)")
        page.mouse.up()


def answer_of(page, strokes):
    """What #answer says once it answers that many strokes: class and verdict."""
    answer = page.locator(f'#answer[data-strokes="{strokes}"]')
    answer.wait_for()
    return answer.get_attribute("data-class"), answer.get_attribute("data-verdict")


def clear(page):
    """Presses Clear, and waits for the new canvas to take strokes."""
    page.get_by_role("button", name="Clear").click()
    answer_of(page, 0)
    page.wait_for_timeout(200)
