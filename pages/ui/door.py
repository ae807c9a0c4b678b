"""The door of the server: headers of every answer, and the pace and shape of what comes in.

It stands before Streamlit, where one visitor's messages can be held back without anybody else
noticing: a connection that sends more than a person does waits for its turn, and what no browser
of this app sends ends its connection. What a message means is for the gate to judge.
"""

import asyncio
import json
import re
from base64 import b64encode
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from hashlib import sha256
from math import isfinite
from os import environ
from typing import Any

import numpy as np
from google.protobuf.message import DecodeError
from starlette.websockets import WebSocketDisconnected
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime import get_instance

from pages.ui import budget
from pages.ui.gate import tidied
from pages.ui.purse import Purse
from pages.ui.shell import document

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# Which other sites may show the app in a frame: 'none', 'self', or origins.
FRAMES = environ.get("FRAME_ANCESTORS", "'none'")


def inline_scripts() -> str:
    """The scripts written in the document, as the policy names what it lets run."""
    scripts = re.findall(r"<script>(.*?)</script>", document(projector=False), re.DOTALL)
    digests = [b64encode(sha256(script.encode()).digest()).decode() for script in scripts]
    return " ".join(f"'sha256-{digest}'" for digest in digests)


POLICY = "; ".join(
    (
        "default-src 'self'",
        f"script-src 'self' blob: {inline_scripts()}",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        f"frame-ancestors {FRAMES}",
    )
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
if FRAMES in ("'none'", "'self'"):
    HEADERS["x-frame-options"] = {"'none'": "DENY", "'self'": "SAMEORIGIN"}[FRAMES]

UPLOAD = re.compile(r"/_stcore/upload_file/([^/]+)/[^/]+$")

# What a browser of this app asks for; of the others one empties the caches of all visitors.
ASKED = ("rerun_script", "app_heartbeat", "file_urls_request", "backend_operation_request")
OF_WIDGETS = ("$$ID-", "$$STREAMLIT_INTERNAL_KEY_")  # how Streamlit's names of widgets begin
STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)  # in JSON


class Door:
    """ASGI middleware."""

    def __init__(self, app: Callable):
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            with suppress(WebSocketDisconnected):  # who has gone while a message was held back
                await self.app(scope, paced(receive), send)
        elif scope["type"] == "http":
            if scope["method"] == "PUT":
                make_room_for_upload(scope["path"])
            await self.app(scope, receive, with_headers(send))
        else:
            await self.app(scope, receive, send)


def with_headers(send: Send) -> Send:
    """Adds `HEADERS` to an answer."""
    headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *headers]
        await send(message)

    return send_with_headers


def paced(receive: Receive) -> Receive:
    """Messages no faster than the budget allows; one that is not accepted ends the connection."""
    purse, visit = Purse(budget.BURST, budget.EVENTS), Visit()

    async def receive_in_time() -> Message:
        while True:
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            data = accepted(message.get("bytes") or b"", visit)
            if data is None:
                return {"type": "websocket.disconnect", "code": 1008}
            await asyncio.sleep(purse.spend(1 + len(data) / budget.EVENT_BYTES))
            if data:
                message["bytes"] = data
                return message

    return receive_in_time


class Visit:
    """The page that a browser has asked for, by its messages in their order.

    A page goes on sending until the browser hears of the one that was asked for. Run, what it sends
    would take the visitor back to it, or empty the page that is shown.
    """

    asked: tuple[str, ...] = ()  # the last two; of one alone, until it sends something itself

    def is_late(self, request: ClientState) -> bool:
        """Whether a message is of a page that has been left."""
        page = request.page_script_hash
        if not request.widget_states.widgets:  # a page is asked for
            self.asked = (*self.asked[-1:], page) if page else ()  # whichever comes first
        elif self.asked == (page,):  # of two it may be what was shown before, on the way to both
            self.asked = ()
        return bool(self.asked) and page != self.asked[-1]


def accepted(data: bytes, visit: Visit) -> bytes | None:
    """A message if it has the shape and size of those that browsers of this app send, its address
    tidied; None for others, and nothing of one that comes late."""
    if len(data) > budget.MESSAGE:
        return None
    message = BackMsg()
    try:
        message.ParseFromString(data)
        request, asked = message.rerun_script, message.WhichOneof("type")
        query = tidied(request.query_string)
    except (DecodeError, ValueError):
        return None
    fits = (
        asked in ASKED
        and len(message.file_urls_request.file_names) <= budget.UPLOADS
        and len(query) <= budget.QUERY
        and len(request.widget_states.widgets) <= budget.WIDGETS
        and all(map(_is_plain, request.widget_states.widgets))
    )
    if fits and asked == "rerun_script" and visit.is_late(request):
        return b""
    if fits and query != request.query_string:
        request.query_string = query
        return message.SerializeToString()
    return data if fits else None


def _is_plain(widget: Any) -> bool:
    kind = widget.WhichOneof("value")
    value = getattr(widget, kind or "id")
    if not widget.id.startswith(OF_WIDGETS):  # another name in the session
        return False
    if kind in ("json_value", "json_trigger_value"):
        return is_json(value)
    if kind in ("double_value", "double_array_value"):
        return all(map(isfinite, [value] if kind == "double_value" else value.data))
    return kind not in ("arrow_value", "bytes_value", "chat_input_value")


def is_json(text: str) -> bool:
    """Whether a text is JSON, not nested too deep; a number of over 4,300 digits is none."""
    if nesting(text) > budget.NESTING:
        return False
    try:
        json.loads(text, parse_constant=_no_number)
    except ValueError:
        return False
    return True


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def nesting(text: str) -> int:
    """How deep a JSON text is nested."""
    brackets = STRING.sub("", text).encode()
    codes = np.frombuffer(brackets, np.uint8) & 0xDF  # [ and {, ] and } become one
    steps = (codes == 0x5B).astype(np.int8) - (codes == 0x5D).astype(np.int8)
    return int(steps.cumsum(dtype=np.int32).max(initial=0))


def make_room_for_upload(path: str) -> None:
    """Drops a session's oldest files while they leave no room for one more of the largest size."""
    found = UPLOAD.search(path)
    if not found:
        return
    manager, session = get_instance().uploaded_file_mgr, found[1]
    files = dict(manager.file_storage.get(session, {}))
    sizes = {name: len(file.data) for name, file in files.items()}
    for name in files:
        if len(sizes) < budget.UPLOADS and sum(sizes.values()) <= budget.UPLOAD_BYTES:
            break
        manager.remove_file(session, name)
        del sizes[name]
