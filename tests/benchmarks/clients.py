"""Visitors without browsers, as many as one likes: they speak Streamlit's protocol.

A drawer adds a stroke every so many seconds, as the canvas would send it; a digit that is done is
cleared by starting over. A viewer watches a training run, and asks for the next message when a
browser would: when what it has got will soon be over.
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

FIRST = 5  # seconds within which all drawers come
SOON = 0.25  # seconds before the last drawing is over, as in live.js


class Client(threading.Thread):
    """Opens a page and lives on it, until `left` is set."""

    page = query = ""

    def __init__(self, address: str):
        super().__init__(daemon=True)
        self.address, self.left = address, threading.Event()
        self.page_hash = ""

    def run(self):
        with (
            suppress(ConnectionClosed),
            connect(
                self.address.replace("http", "ws") + "/_stcore/stream",
                origin=self.address,
                subprotocols=["streamlit"],
                max_size=None,
            ) as self.socket,
        ):
            self.send(lambda request: setattr(request, "page_name", self.page))
            self.live()

    def read_until(self, wanted):
        """The first message that is wanted; each on the way is noted."""
        while True:
            message = ForwardMsg.FromString(self.socket.recv())
            if message.HasField("navigation"):
                self.page_hash = message.navigation.page_script_hash
            self.note(message)
            if wanted(message):
                return message

    def send(self, fill):
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.page_script_hash = self.page_hash
        fill(message.rerun_script)
        self.socket.send(message.SerializeToString())


class Drawer(Client):
    """`waits` are the seconds from a stroke to the answer to it."""

    def __init__(self, address: str, digits: list, pause: float):
        super().__init__(address)
        self.digits, self.pause = digits, pause
        self.waits: list[float] = []
        self.canvas = self.fragment = ""

    def run(self):
        time.sleep(random.uniform(0, FIRST))
        super().run()

    def live(self):
        self.read_until(lambda message: _is_end(message) and self.canvas)
        while not self.left.is_set():
            strokes = random.choice(self.digits)
            for length in range(1, len(strokes) + 1):
                self._draw(strokes[:length])

    def note(self, message):
        element = message.delta.new_element.bidi_component
        if element.component_name.endswith("drawable_canvas"):
            self.canvas, self.fragment = element.id, message.delta.fragment_id

    def _draw(self, strokes):
        time.sleep(self.pause * random.uniform(0.5, 1.5))
        if self.left.is_set():
            return
        began = time.perf_counter()
        self.send(lambda request: self._show(request, strokes))
        self.read_until(lambda message: self._answers(message, len(strokes)))
        self.waits.append(time.perf_counter() - began)
        self.read_until(_is_end)

    def _answers(self, message, strokes):
        element = message.delta.new_element.bidi_component
        if element.component_name != "chain":
            return False
        return f'data-strokes="{strokes}"' in json.loads(element.json)["says"]

    def _show(self, request, strokes):
        drawing = {"drawing": {"raw": drawing_of(strokes), "data": None}}
        request.fragment_id = self.fragment
        request.widget_states.widgets.add(id=self.canvas, json_value=json.dumps(drawing))


class Viewer(Client):
    """`drawings` are the moments at which something new could be drawn."""

    page = "train"

    def __init__(self, address: str, query: str):
        super().__init__(address)
        self.query = query
        self.drawings: list[float] = []
        self.view = self.fragment = self.start_button = ""

    def live(self):
        self.read_until(lambda message: _is_end(message) and self.start_button)
        self.send(self._press_start)
        while not self.left.is_set():
            self._watch(self.read_until(_is_view))

    def note(self, message):
        element = message.delta.new_element
        if element.button.label == "Start":
            self.start_button = element.button.id
        if _is_view(message):
            self.view, self.fragment = element.bidi_component.id, message.delta.fragment_id

    def _watch(self, message):
        data = json.loads(message.delta.new_element.bidi_component.bytes)
        if not data["running"]:
            return
        self.drawings += [time.perf_counter()] * len(data["frames"])
        time.sleep(max(0, len(data["frames"]) * data["pace"] / 1000 - SOON))
        self.send(lambda request: self._ask(request, data["serial"]))

    def _press_start(self, request):
        request.widget_states.widgets.add(id=self.start_button, trigger_value=True)

    def _ask(self, request, serial):
        request.fragment_id = self.fragment
        request.widget_states.widgets.add(
            id=f"$$STREAMLIT_INTERNAL_KEY_{self.view}__events",
            json_trigger_value=json.dumps([{"event": "tick", "value": serial}]),
        )


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


def _is_end(message) -> bool:
    return message.WhichOneof("type") == "script_finished"


def _is_view(message) -> bool:
    return message.delta.new_element.bidi_component.component_name == "live"
