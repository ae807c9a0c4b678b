"""A visitor without a browser: opens a page, sets widgets, sends files, reads what comes back."""

import json
import socket
import time
import urllib.error
import urllib.request
import uuid
from contextlib import ExitStack, suppress

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from pages.ui.strokes import drawing_of

SECONDS = 30  # to wait for an answer


class Visitor:
    """One connection. `elements` is what the page shows by now: name -> (kind, element).

    `cookie` is what a proxy has given, to come back to the same process.
    """

    def __init__(
        self, address: str, page: str = "", query: str = "", existing: str = "", cookie: str = ""
    ):
        self.address, self.page, self.query = address, page, query
        self.elements, self.values, self.fragments, self.errors = {}, {}, {}, []
        self.session = self.page_hash = self.asked = ""
        self.answered = 0  # the status of the last file
        # The third of the protocols is how a browser names the session that it had before.
        self.stack = ExitStack()
        self.socket = self.stack.enter_context(
            connect(
                address.replace("http", "ws") + "/_stcore/stream",
                origin=address,
                subprotocols=["streamlit", "unused", *([existing] if existing else [])],
                max_size=None,
                open_timeout=SECONDS,
                additional_headers={"cookie": cookie} if cookie else None,
            )
        )
        given = self.socket.response.headers.get("set-cookie", "")
        self.cookie = given.split(";")[0] or cookie

    def __enter__(self) -> "Visitor":
        return self

    def __exit__(self, *_) -> None:
        self.leave()

    def leave(self) -> None:
        with suppress(ConnectionClosed, OSError):
            self.stack.close()

    def cut(self) -> None:
        """The connection is lost, without a word: at once, since what reads from it wakes up."""
        with suppress(OSError):
            self.socket.socket.shutdown(socket.SHUT_RDWR)
        self.socket.socket.close()

    def open(self, page: str | None = None) -> "Visitor":
        """Opens the page and waits until it is there."""
        if page is not None:
            self.page = page
        self.page_hash = ""
        self.send(page_name=self.page)
        return self.wait()

    def send(self, *, page_name: str = "", fragment: str = "", **triggers) -> None:
        """One message: the state of all widgets, and what is pressed, by the widget's key."""
        self.asked = ", ".join(triggers) or page_name or "a run"
        message = BackMsg()
        request = message.rerun_script
        request.query_string, request.page_name = self.query, page_name
        request.page_script_hash, request.fragment_id = self.page_hash, fragment
        for key, value in {**self.values, **triggers}.items():
            widget = request.widget_states.widgets.add(id=self.id_of(key))
            kind, content = value
            if kind == "events":
                widget.id = f"$$STREAMLIT_INTERNAL_KEY_{widget.id}__events"
                widget.json_trigger_value = content
            elif kind in ("string_array_value", "double_array_value"):
                getattr(widget, kind).data.extend(content)
            elif kind == "file_uploader_state_value":
                widget.file_uploader_state_value.CopyFrom(content)
            else:
                setattr(widget, kind, content)
        self.socket.send(message.SerializeToString())

    def raw(self, data: bytes) -> None:
        self.socket.send(data)

    def id_of(self, key: str) -> str:
        """The identifier of the widget of that key, or that label."""
        return self.elements[key][1].id if key in self.elements else key

    def press(self, key: str) -> "Visitor":
        self.send(fragment=self.fragments.get(key, ""), **{key: ("trigger_value", True)})
        return self.wait()

    def set(self, key: str, kind: str, value, wait: bool = True) -> "Visitor":
        """Sets a widget, as `kind` of value."""
        self.values[key] = (kind, value)
        self.send(fragment=self.fragments.get(key, ""))
        self.asked = key
        return self.wait() if wait else self

    def event(self, key: str, name: str, value, wait: bool = True) -> "Visitor":
        """An event of a component."""
        content = json.dumps([{"event": name, "value": value}])
        self.send(fragment=self.fragments.get(key, ""), **{key: ("events", content)})
        return self.wait() if wait else self

    def draw(self, strokes: list) -> float:
        """Sends a drawing; the seconds until its answer is there."""
        (canvas,) = [key for key in self.elements if key.startswith("canvas-")]
        drawing = {"drawing": {"raw": drawing_of(strokes), "data": None}}
        self.elements.pop("#answer", None)
        began = time.perf_counter()
        self.set(canvas, "json_value", json.dumps(drawing), wait=False)
        self.wait(until=lambda: f'data-strokes="{len(strokes)}"' in self.answer)
        seconds = time.perf_counter() - began
        self.wait()
        return seconds

    @property
    def answer(self) -> str:
        """The HTML of the answer on the Draw page."""
        return self.elements.get("#answer", ("", ""))[1]

    def upload(self, key: str, name: str, content: bytes) -> "Visitor":
        """A file for an uploader, by its own way, and then the message that it is there."""
        file = self.put(name, content)
        state = BackMsg().rerun_script.widget_states.widgets.add().file_uploader_state_value
        info = state.uploaded_file_info.add(file_id=file, name=name, size=len(content))
        info.file_urls.file_id = file
        return self.set(key, "file_uploader_state_value", state)

    def put(self, name: str, content: bytes) -> str:
        """A file that no widget need have asked for. Its identifier."""
        with urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=SECONDS) as health:
            cookie = health.headers["set-cookie"].split(";")[0]
        file, border = str(uuid.uuid4()), uuid.uuid4().hex
        head = f'--{border}\r\ncontent-disposition: form-data; name="file"; filename="{name}"\r\n'
        request = urllib.request.Request(
            f"{self.address}/_stcore/upload_file/{self.session}/{file}",
            data=f"{head}\r\n".encode() + content + f"\r\n--{border}--\r\n".encode(),
            method="PUT",
            headers={
                "content-type": f"multipart/form-data; boundary={border}",
                "cookie": f"{cookie}; {self.cookie}" if self.cookie else cookie,
                "x-xsrftoken": cookie.split("=", 1)[1],
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                self.answered = answer.status
        except urllib.error.HTTPError as error:
            self.answered = error.code
        return file

    def wait(self, until=None, seconds: float = SECONDS) -> "Visitor":
        """Reads until the run has finished, or until something is there.

        Raises `TimeoutError`, which says who waited for what, where it does not come.
        """
        end = time.monotonic() + seconds
        while not (until and until()):
            try:
                data = self.socket.recv(timeout=max(0.0, end - time.monotonic()))
            except TimeoutError as error:
                what = "what was drawn" if until else "the end of the run"
                raise TimeoutError(
                    f"{seconds:g} s for {what}, on the page {self.page or 'draw'!r}, "
                    f"asked for by {self.asked!r}"
                ) from error
            message = ForwardMsg.FromString(data)
            self._note(message)
            if not until and message.HasField("script_finished"):
                if message.script_finished in (ForwardMsg.FINISHED_EARLY_FOR_RERUN,):
                    continue
                return self
        return self

    def _note(self, message: ForwardMsg) -> None:
        if message.HasField("new_session"):
            self.session = message.new_session.initialize.session_id
        if message.HasField("navigation"):
            self.page_hash = message.navigation.page_script_hash
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if not kind:
            return
        content = getattr(element, kind)
        if kind == "exception":
            self.errors.append(f"{content.type}: {content.message}")
        if kind == "bidi_component" and content.component_name == "chain":
            self.elements["#answer"] = kind, json.loads(content.json)["says"]
        for name in (_key_of(content), getattr(content, "label", "")):
            if name:
                self.elements[name] = kind, content
                self.fragments[name] = message.delta.fragment_id


def _key_of(content) -> str:
    """The key in an element's identifier: $$ID-hash-key."""
    _, _, key = getattr(content, "id", "").partition("-")
    _, _, key = key.partition("-")
    return "" if key == "None" else key
