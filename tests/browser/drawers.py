"""People who draw, without their browsers: they speak Streamlit's protocol.

Each is a thread that opens the Draw page and adds a stroke every so many seconds, as the canvas
would send it; a digit that is done is cleared by starting over.
"""

import json
import random
import threading
import time
from contextlib import suppress

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from pages.ui.strokes import drawing_of

FIRST = 5  # seconds within which everybody comes


class Drawer(threading.Thread):
    """`waits` are the seconds from a stroke to the answer to it."""

    def __init__(self, address: str, digits: list, pause: float):
        super().__init__(daemon=True)
        self.address, self.digits, self.pause = address, digits, pause
        self.waits: list[float] = []
        self.left = threading.Event()
        self.page_hash = self.canvas = self.fragment = ""

    def run(self):
        time.sleep(random.uniform(0, FIRST))
        with (
            suppress(ConnectionClosed),
            connect(
                self.address.replace("http", "ws") + "/_stcore/stream",
                origin=self.address,
                subprotocols=["streamlit"],
                max_size=None,
            ) as self.socket,
        ):
            self._send(lambda state: None)
            self._read_until(lambda m: m.WhichOneof("type") == "script_finished" and self.canvas)
            while not self.left.is_set():
                strokes = random.choice(self.digits)
                for length in range(1, len(strokes) + 1):
                    self._draw(strokes[:length])

    def _draw(self, strokes):
        time.sleep(self.pause * random.uniform(0.5, 1.5))
        if self.left.is_set():
            return
        began = time.perf_counter()
        self._send(lambda state: self._show(state, strokes))
        self._read_until(lambda m: self._answers(m, len(strokes)))
        self.waits.append(time.perf_counter() - began)
        self._read_until(lambda m: m.WhichOneof("type") == "script_finished")

    def _answers(self, message, strokes):
        element = message.delta.new_element.bidi_component
        if element.component_name != "chain":
            return False
        return f'data-strokes="{strokes}"' in json.loads(element.json)["says"]

    def _read_until(self, wanted):
        while True:
            message = ForwardMsg.FromString(self.socket.recv())
            if message.HasField("navigation"):
                self.page_hash = message.navigation.page_script_hash
            element = message.delta.new_element.bidi_component
            if element.component_name.endswith("drawable_canvas"):
                self.canvas, self.fragment = element.id, message.delta.fragment_id
            if wanted(message):
                return

    def _show(self, state, strokes):
        drawing = {"raw": drawing_of(strokes), "data": None}
        state.fragment_id = self.fragment
        state.widget_states.widgets.add(id=self.canvas, json_value=json.dumps({"drawing": drawing}))

    def _send(self, fill):
        message = BackMsg()
        message.rerun_script.page_script_hash = self.page_hash
        fill(message.rerun_script)
        self.socket.send(message.SerializeToString())


def waits_of(address: str, digits: list, people: int, pause: float, seconds: float) -> list[float]:
    """The waits of that many people who all draw, after the first have come and drawn."""
    drawers = [Drawer(address, digits, pause) for _ in range(people)]
    for drawer in drawers:
        drawer.start()
    time.sleep(FIRST + 2 * pause)
    before = [len(drawer.waits) for drawer in drawers]
    time.sleep(seconds)
    waits = [wait for drawer, n in zip(drawers, before, strict=True) for wait in drawer.waits[n:]]
    for drawer in drawers:
        drawer.left.set()
    return waits
