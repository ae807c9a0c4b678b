"""What one visitor has done to all others: each attack by name, bounded, on 127.0.0.1 alone.

An attack takes the address of the app and how much of it is wanted: 1 is the whole, less is the
short form that every test run replays.
"""

import json
import os
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from math import isqrt
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import DoubleArray, FileUploaderState, StringArray
from websockets.exceptions import ConnectionClosed

from pages.ui import budget
from tests.attacks import files
from tests.attacks.visitor import Visitor

Attack = Callable[[str, float], None]

PAGES = ("", "train", "weights", "gradient", "evaluate", "workshop", "lesson", "about")
MODEL_FILE = "weights-model-file"
RUN = 10  # seconds that a flood lasts


def refused(act: Callable) -> None:
    """The door may end the connection: so much the better."""
    with suppress(ConnectionClosed, TimeoutError, OSError):
        act()


def a_model_of_many_names(address: str, share: float) -> None:
    """48 kB with 49 million class names."""
    with Visitor(address, "weights") as visitor:
        visitor.open()
        visitor.upload(MODEL_FILE, "names.npz", files.many_names())


def a_model_of_many_classes(address: str, share: float) -> None:
    """20,000 classes."""
    with Visitor(address, "weights") as visitor:
        visitor.open()
        visitor.upload(MODEL_FILE, "classes.npz", files.many_classes())


def many_models(address: str, share: float) -> None:
    """20 files of 100 classes, one after another."""
    with Visitor(address, "weights") as visitor:
        visitor.open()
        for n in range(int(20 * share) + 1):
            visitor.upload(MODEL_FILE, f"{n}.npz", files.model(100, seed=n))


def large_pictures(address: str, share: float) -> None:
    """Pictures of 5,000 × 5,000 pixels, and the largest that are accepted, by 10 visitors, who
    stay until the last has sent hers."""
    most = isqrt(budget.PICTURE_PIXELS)
    sent = [
        files.large_picture(5_000),
        files.large_picture(5_000, "JPEG"),
        files.large_picture(most, "JPEG", progressive=True, subsampling=0),
    ]
    visitors = []
    for _ in range(max(1, int(10 * share))):
        visitors.append(Visitor(address).open())
        for data in sent:
            visitors[-1].event("tools", "picture", b64encode(data).decode())
    for visitor in visitors:
        visitor.leave()


def a_picture_of_many_scans(address: str, share: float) -> None:
    """A progressive JPEG whose last scan comes hundreds of times."""
    with Visitor(address) as visitor:
        visitor.open()
        for most in (600_000, 4_000_000):
            sent = b64encode(files.many_scans(most)).decode()
            refused(lambda s=sent: visitor.event("tools", "picture", s))


def a_run_that_claims_much(address: str, share: float) -> None:
    """Newton on pairs, 99,000 epochs in 13 kB; somebody looks back, and leaves."""
    with Visitor(address, "train") as visitor:
        visitor.open()
        visitor.upload("run_file", "run.npz", files.far_run())
        refused(lambda: visitor.set("rewind", "double_array_value", [98_999.0], wait=False))
        time.sleep(1)


def paths_for_models(address: str, share: float) -> None:
    """The choice of a model is any text: paths, a pipe, and 300 spellings of one path."""
    with tempfile.TemporaryDirectory() as folder, Visitor(address, "weights") as visitor:
        pipe = Path(folder) / "pipe"
        os.mkfifo(pipe)
        visitor.open()
        spellings = [f"{'./' * n}assets/pairs.npz" for n in range(int(300 * share))]
        for path in ["/etc/passwd", "../../etc/shadow", str(pipe), *spellings]:
            visitor.set("weights-model", "string_value", path)
        assert "/etc" not in str(visitor.elements), "a path came back"


def choices_not_offered(address: str, share: float) -> None:
    """Every choice of the Train page, with what is not offered."""
    with Visitor(address, "train") as visitor:
        visitor.open()
        for key in ("data", "features", "optimizer"):
            for value in ("nosuch", "../pen", "", "x" * 10_000):
                visitor.set(key, "string_value", value)
        for key in ("batch", "l2", "speed", "learning_rate"):
            refused(lambda key=key: visitor.set(key, "string_array_value", ["nosuch", "2"]))


def files_nobody_asked_for(address: str, share: float) -> None:
    """60 files of 8 MB by the way of uploads, for no uploader."""
    with Visitor(address) as visitor:
        visitor.open()
        for n in range(int(60 * share) + 1):
            visitor.put(f"{n}.png", bytes(budget.RUN_FILE))


def strangers(address: str, share: float) -> None:
    """130 visitors who connect and leave."""
    for _ in range(int(130 * share)):
        with Visitor(address) as visitor:
            visitor.send()


def a_flood_of_reruns(address: str, share: float) -> None:
    """1,000 messages a second on one connection."""
    with Visitor(address) as visitor:
        visitor.open()
        end = time.monotonic() + RUN * share
        with suppress(ConnectionClosed, OSError):
            visitor.socket.socket.settimeout(1)
            while time.monotonic() < end:
                visitor.send()
                time.sleep(0.001)


def forged_ticks(address: str, share: float) -> None:
    """Ticks of a run that is not there, and serials that are no number."""
    with Visitor(address, "train") as visitor:
        visitor.open()
        for serial in (0, -1, 10**30, "1", None, [1], {"a": 1}, 1.5, True):
            refused(lambda serial=serial: visitor.event("live", "tick", serial))


def events_of_other_shapes(address: str, share: float) -> None:
    """Grid codes and cells that are none."""
    odd = ("", "g" * 16, "0" * 10_000, 5, None, [True, False], [[]], {"x": []}, [0, -1], [99, 99])
    for page, key, name in (
        ("", "chain", "grid"),
        ("", "chain", "model"),
        ("", "tools", "act"),
        ("", "tools", "picture"),
        ("", "more", "act"),
        ("weights", "weights-all", "place"),
    ):
        with Visitor(address, page) as visitor:
            visitor.open()
            for value in odd:
                refused(lambda v=visitor, k=key, n=name, x=value: v.event(k, n, x))
            assert not visitor.errors, visitor.errors


def canvases_of_other_shapes(address: str, share: float) -> None:
    """Drawings that no canvas makes, each from a connection of its own."""
    line = {"type": "Path", "path": [["M", 1, 2], ["L", 3, 4]]}
    odd = (
        '{"drawing": 5}',
        '{"drawing": {"raw": [1, 2]}}',
        '{"drawing": {"raw": {"objects": [[1], 5, null]}}}',
        '{"drawing": {"raw": {"objects": {"a": 1}}}, "backgroundFit": "x"}',
        '{"drawing": {"raw": {"objects": [{"type": "Path", "path": [["M", 1e999, NaN]]}]}}}',
        '{"drawing": {"raw": {"objects": [1' + "0" * 5000 + "]}}}",
        "[" * 100_000 + "]" * 100_000,
        '{"drawing":' * 2_000 + "1" + "}" * 2_000,
        json.dumps({"drawing": {"raw": {"objects": [line] * 5_000}}}),
        "\\ud800",
    )
    for state in odd:
        with Visitor(address) as visitor:
            visitor.open()
            (canvas,) = [key for key in visitor.elements if key.startswith("canvas-")]
            refused(lambda v=visitor, s=state, c=canvas: v.set(c, "json_value", s))


def a_full_canvas(address: str, share: float) -> None:
    """The longest drawing that is accepted, ten times: the same but for its last stroke."""
    count = budget.POINTS // 200 - 1
    strokes = [[(x % 300, (x * 7) % 300) for x in range(n, n + 200)] for n in range(count)]
    with Visitor(address) as visitor:
        visitor.open()
        for n in range(max(1, int(10 * share))):
            visitor.draw([*strokes, [(n, n), (n + 1, n)]])


def hostile_links(address: str, share: float) -> None:
    """Addresses that no page writes."""
    odd = ("epochs=inf", "epochs=nan&seed=1e999", "l2=-inf", "a=b&" * 10_000, "grid=![](//h/x)")
    for page in ("", "train", "weights", "evaluate", "gradient"):
        for query in (*odd, "model=../../etc/passwd", "class=1e400&weight=inf"):
            with Visitor(address, page, query) as visitor:
                refused(visitor.open)
                assert not visitor.errors, (page, query, visitor.errors)


def messages_of_other_kinds(address: str, share: float) -> None:
    """What empties everybody's caches, what stops the server, and what is no message."""
    for asked in ("clear_cache", "debug_shutdown_runtime", "set_run_on_save", "load_git_info"):
        with Visitor(address) as visitor:
            visitor.open()
            refused(lambda v=visitor, a=asked: v.raw(BackMsg(**{a: True}).SerializeToString()))
    for data in (b"\xff" * 100, bytes(3_900_000), b""):
        with Visitor(address) as visitor:
            visitor.open()
            refused(lambda v=visitor, d=data: v.raw(d))
            time.sleep(0.2)


def names_of_the_session(address: str, share: float) -> None:
    """Values for what is no widget: the session itself, a key without its widget."""
    for page in ("", "train", "weights"):
        for name in ("session", "rewind", "data", "$$ID-0-session", "$$ID-x", "$$"):
            with Visitor(address, page) as visitor:
                visitor.open()
                refused(lambda v=visitor, n=name: v.set(n, "string_value", "a"))
                assert not visitor.errors, visitor.errors


def values_of_other_kinds(address: str, share: float) -> None:
    """For every widget, each kind of value that others send."""
    texts, numbers = StringArray(data=["a", ""]), DoubleArray(data=[1e300, -1.0])
    kinds = {
        "string_value": "a",
        "int_value": 7,
        "bool_value": True,
        "json_value": '{"value": [1]}',
        "string_array_value": texts.data,
        "double_array_value": numbers.data,
        "file_uploader_state_value": FileUploaderState(),
    }
    for page in PAGES:
        with Visitor(address, page) as visitor:
            visitor.open()
            widgets = [key for key, (_, e) in visitor.elements.items() if getattr(e, "id", "")]
            for kind, value in kinds.items():
                visitor.values = dict.fromkeys(widgets[:100], (kind, value))
                refused(lambda v=visitor: v.send() or v.wait())
            assert not visitor.errors, (page, visitor.errors)


def idle_connections(address: str, share: float) -> None:
    """100 connections that say nothing."""
    visitors = [Visitor(address) for _ in range(int(100 * share))]
    time.sleep(1)
    for visitor in visitors:
        visitor.cut()


ATTACKS: tuple[Attack, ...] = (
    a_model_of_many_names,
    a_model_of_many_classes,
    many_models,
    large_pictures,
    a_picture_of_many_scans,
    a_run_that_claims_much,
    paths_for_models,
    choices_not_offered,
    files_nobody_asked_for,
    strangers,
    a_flood_of_reruns,
    forged_ticks,
    events_of_other_shapes,
    canvases_of_other_shapes,
    a_full_canvas,
    hostile_links,
    messages_of_other_kinds,
    names_of_the_session,
    values_of_other_kinds,
    idle_connections,
)
