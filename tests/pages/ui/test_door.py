"""The door: what it lets in, at which pace, and what it says with every answer."""

import json
from types import SimpleNamespace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from pages.ui import budget, door
from pages.ui.door import (
    HEADERS,
    Visit,
    inline_scripts,
    make_room_for_upload,
    nesting,
    paced,
    with_headers,
)
from tests import asynchronous

FEW = st.lists(st.booleans() | st.text(alphabet='a[]{}"\\\\'), max_size=3)


def message(name="$$ID-0-w", **widget):
    request = BackMsg()
    request.rerun_script.query_string = "grid=ff"
    request.rerun_script.widget_states.widgets.add(id=name, **widget)
    return request.SerializeToString()


def accepted(data):
    return door.accepted(data, Visit())


@given(st.binary(max_size=200))
def test_any_bytes_are_accepted_or_not(data):
    assert accepted(data) in (data, None)


@pytest.mark.parametrize(
    "widget",
    [
        {"json_value": json.dumps({"drawing": {"raw": {"objects": [[1.5, -2e-7]] * 100}}})},
        {"double_value": -1.5},
        {"trigger_value": True},
        {"string_value": "pairs"},
    ],
)
def test_what_a_page_sends_is_accepted(widget):
    assert accepted(message(**widget))


@pytest.mark.parametrize(
    "widget",
    [
        {"json_value": "[" * 1000 + "]" * 1000},
        {"json_value": '{"a":' * 50 + "1" + "}" * 50},
        {"json_trigger_value": "[1" + "0" * 5000 + "]"},
        {"json_value": '{"a": NaN}'},
        {"json_value": "no JSON"},
        {"double_value": float("inf")},
        {"double_value": float("nan")},
        {"double_array_value": {"data": [1.0, float("inf")]}},
        {"bytes_value": b"0"},
        {"name": "session", "string_value": "a"},
        {"string_value": "a" * budget.MESSAGE},
    ],
)
def test_what_no_page_sends_is_not(widget):
    assert not accepted(message(**widget))


def test_the_address_is_tidied():
    request = BackMsg()
    request.rerun_script.query_string = "epochs=inf&data=pen"
    request.ParseFromString(accepted(request.SerializeToString()))
    assert request.rerun_script.query_string == "data=pen"
    request.rerun_script.query_string = "&a=b" * 10_000
    assert accepted(request.SerializeToString()) is None


def test_only_what_browsers_of_this_app_ask_for():
    assert accepted(BackMsg(app_heartbeat=True).SerializeToString())
    for asked in ("clear_cache", "set_run_on_save", "debug_shutdown_runtime"):
        assert not accepted(BackMsg(**{asked: True}).SerializeToString())
    many = BackMsg()
    many.file_urls_request.file_names.extend(["a"] * 1000)
    assert not accepted(many.SerializeToString())
    many = BackMsg()
    for n in range(1000):
        many.rerun_script.widget_states.widgets.add(id=f"$$ID-{n}", trigger_value=True)
    assert not accepted(many.SerializeToString())


@given(st.lists(st.sampled_from(["draw", "train", "weights", "hear", "press"]), max_size=30))
@example(["train", "draw", "press", "hear", "press"])
@settings(max_examples=300)
def test_what_a_page_sends_after_it_was_left_is_late(events):
    """A browser asks for pages, and hears of them one after another, some time later."""
    visit, asked, shown = Visit(), ["draw"], "draw"
    first = BackMsg()
    first.rerun_script.query_string = ""  # whatever page the address names
    assert door.accepted(first.SerializeToString(), visit)
    for event in events:
        request = BackMsg()
        if event == "hear":
            if asked[1:]:
                shown = asked.pop(1)
                asked = [shown, *asked[1:]]
        elif event == "press":
            request.ParseFromString(message(trigger_value=True))
            request.rerun_script.page_script_hash = shown
            passed = door.accepted(request.SerializeToString(), visit)
            assert passed == (request.SerializeToString() if shown == asked[-1] else b"")
        else:
            asked.append(event)
            request.rerun_script.page_script_hash = event
            assert door.accepted(request.SerializeToString(), visit)


@given(st.recursive(FEW, lambda inner: st.lists(inner, max_size=3)))
def test_nesting_is_what_it_is(value):
    def depth(value):
        return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0

    assert nesting(json.dumps(value)) == depth(value)


def test_a_flood_waits_and_what_is_not_accepted_ends_the_connection(monkeypatch):
    waited, data = [], [message(trigger_value=True)] * (budget.BURST + 10) + [b"\xff" * 9]

    async def receive():
        return {"type": "websocket.receive", "bytes": data.pop(0)}

    async def sleep(seconds):
        waited.append(seconds)

    async def received():
        receive_in_time = paced(receive)
        return [await receive_in_time() for _ in range(budget.BURST + 11)]

    monkeypatch.setattr("pages.ui.door.asyncio.sleep", sleep)
    found = asynchronous.run(received())
    assert waited[budget.BURST // 2] == 0
    assert waited[-1] == pytest.approx(10 / budget.EVENTS, abs=0.2)
    assert [m["type"] for m in found[-2:]] == ["websocket.receive", "websocket.disconnect"]


def test_an_older_file_makes_room_for_a_newer(monkeypatch):
    manager = MemoryUploadedFileManager("/_stcore/upload_file")
    monkeypatch.setattr(
        "pages.ui.door.get_instance", lambda: SimpleNamespace(uploaded_file_mgr=manager)
    )
    for n in range(20):
        make_room_for_upload(f"/_stcore/upload_file/visitor/{n}")
        size = budget.RUN_FILE - 1 if n > 15 else 10
        manager.add_file("visitor", UploadedFileRec(f"{n}", "a.png", "image/png", bytes(size)))
        files = manager.file_storage["visitor"]
        assert len(files) <= budget.UPLOADS
        assert f"{n}" in files
        assert sum(len(f.data) for f in files.values()) <= budget.UPLOAD_BYTES + size
    make_room_for_upload("/_stcore/upload_file/another/1")
    make_room_for_upload("/")
    assert set(files) == {"18", "19"}


def test_every_answer_has_the_headers():
    sent = []

    async def send(message):
        sent.append(message)

    start = {"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]}
    asynchronous.run(with_headers(send)(start))
    headers = dict(sent[0]["headers"])
    assert headers[b"a"] == b"b"
    policy = headers[b"content-security-policy"].decode()
    assert "unsafe-eval" not in policy
    assert "script-src 'self' blob: 'sha256-" in policy
    assert "default-src 'self'" in policy
    assert HEADERS["x-frame-options"] == "DENY"
    assert inline_scripts().count("sha256") == 2  # the guard, and Streamlit’s own
