"""People who watch a training run, without their browsers: they speak Streamlit's protocol.

Each is a thread that opens the Train page, presses Start, and asks for the next message when a
browser would: when what it has got will soon be over.
"""

import json
import threading
import time
from contextlib import suppress

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

SOON = 0.25  # seconds before the last drawing is over, as in live.js


class Viewer(threading.Thread):
    """`drawings` are the moments at which something new could be drawn."""

    def __init__(self, address: str, query: str):
        super().__init__(daemon=True)
        self.address, self.query = address, query
        self.drawings: list[float] = []
        self.left = threading.Event()
        self.page_hash = self.fragment = self.view = self.start_button = ""

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
            self._send(lambda state: setattr(state, "page_name", "train"))
            self._read_until(lambda message: message.WhichOneof("type") == "script_finished")
            self._send(self._press_start)
            while not self.left.is_set():
                self._watch(self._read_until(self._is_view))

    def _watch(self, message):
        data = json.loads(message.delta.new_element.bidi_component.bytes)
        if not data["running"]:
            return
        self.drawings += [time.perf_counter()] * len(data["frames"])
        time.sleep(max(0, len(data["frames"]) * data["pace"] / 1000 - SOON))
        self._send(lambda state: self._ask(state, data["serial"]))

    def _read_until(self, wanted):
        while True:
            message = ForwardMsg.FromString(self.socket.recv())
            self._note(message)
            if wanted(message):
                return message

    def _is_view(self, message):
        return message.delta.new_element.bidi_component.component_name == "live"

    def _note(self, message):
        if message.HasField("navigation"):
            self.page_hash = message.navigation.page_script_hash
        if message.delta.new_element.button.label == "Start":
            self.start_button = message.delta.new_element.button.id
        if self._is_view(message):
            self.view = message.delta.new_element.bidi_component.id
            self.fragment = message.delta.fragment_id

    def _press_start(self, state):
        state.widget_states.widgets.add(id=self.start_button, trigger_value=True)

    def _ask(self, state, serial):
        state.fragment_id = self.fragment
        state.widget_states.widgets.add(
            id=f"$$STREAMLIT_INTERNAL_KEY_{self.view}__events",
            json_trigger_value=json.dumps([{"event": "tick", "value": serial}]),
        )

    def _send(self, fill):
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.page_script_hash = self.page_hash
        fill(message.rerun_script)
        self.socket.send(message.SerializeToString())
