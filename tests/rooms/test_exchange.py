"""A room's drawings as files, and back."""

import csv
import io
import json

import pytest

from softmax_core.errors import FileError, RoomError
from softmax_core.rooms import Limits, Rooms
from softmax_core.rooms.exchange import read_ndjson, to_csv, to_ndjson
from tests.rooms.conftest import ONE, OTHER, SECRET, THREE

CLASSES = ("=1+1", "△")


@pytest.fixture
def room(tmp_path):
    rooms = Rooms(f"sqlite:///{tmp_path}/rooms.db")
    who, _ = rooms.create("one", CLASSES)
    rooms.contribute(who.code, label=0, strokes=THREE, secret=SECRET, nickname="Ada <b>")
    hidden = rooms.contribute(who.code, label=1, strokes=ONE, secret=OTHER)
    rooms.contribute(who.code, label=1, strokes=THREE, secret=OTHER, purpose="test", predicted=0)
    rooms.hide(who, [hidden.id])
    return rooms, who


def told(drawings):
    kept = ("grid", "label", "contributor", "nickname", "purpose", "predicted", "hidden", "strokes")
    return [[getattr(d, name) for name in kept] for d in drawings]


def test_a_room_comes_back_whole_and_once(room):
    rooms, who = room
    given, drawings = rooms.give_out(who)
    data = to_ndjson(given, drawings).encode()
    other, _ = rooms.create("two", CLASSES)
    assert rooms.take_in(other, read_ndjson(data, CLASSES)) == 3
    assert told(rooms.give_out(other)[1]) == told(drawings)
    assert rooms.take_in(other, read_ndjson(data, CLASSES)) == 0
    assert rooms.room(other.code).drawings == 3


def test_a_full_room_takes_in_what_it_has_already(room):
    rooms, who = room
    data = to_ndjson(*rooms.give_out(who)).encode()
    size = rooms.room(who.code).bytes
    full = Rooms(str(rooms.database.engine.url), Limits(drawings=3))
    again = data + data.splitlines()[1] + b"\n"
    assert full.take_in(who, read_ndjson(again, CLASSES)) == 0
    assert (full.room(who.code).drawings, full.room(who.code).bytes) == (3, size)


def test_the_csv_has_the_pixels_and_no_formula(room):
    rooms, who = room
    text = to_csv(*rooms.give_out(who))
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][:3] == ["class", "p11", "p12"] and len(rows) == 4
    assert rows[1][0] == "'=1+1" and {*rows[1][1:65]} == {"0", "1"}
    assert [row[66] for row in rows[1:]] == ["1", "2", "2"]
    assert "Ada" not in text


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: lines[1:],
        lambda lines: [lines[0], b"{"],
        lambda lines: [lines[0], b"[]"],
        lambda lines: [lines[0], b"[" * 100_000],
        lambda lines: [lines[0], b"x" * 300_000],
        lambda lines: [b"\xff\xfe"],
        lambda lines: [],
        lambda lines: [*lines, lines[1].replace(b'"class": "=1+1"', b'"class": "9"')],
        lambda lines: [*lines, lines[1].replace(b"[[[", b"[[[[")],
        lambda lines: [*lines, lines[1].replace(b'"training"', b'"other"')],
        lambda lines: [*lines, lines[1].replace(b'"hidden": null', b'"hidden": "me"')],
        lambda lines: [*lines, lines[1].replace(b"Ada <b>", b"A" * 25)],
        lambda lines: [*lines, lines[1].replace(b'"contributor": "', b'"contributor": "z')],
    ],
)
def test_a_file_with_a_fault_adds_nothing(room, change):
    rooms, who = room
    lines = to_ndjson(*rooms.give_out(who)).encode().splitlines()
    other, _ = rooms.create("two", CLASSES)
    with pytest.raises(FileError):
        rooms.take_in(other, read_ndjson(b"\n".join(change(lines)), CLASSES))
    assert rooms.room(other.code).drawings == 0


def test_a_file_of_other_classes_or_too_many_drawings_adds_nothing(room):
    rooms, who = room
    data = to_ndjson(*rooms.give_out(who)).encode()
    with pytest.raises(FileError, match="line 2"):
        read_ndjson(data, ("a", "b"))
    with pytest.raises(FileError, match="at most 2"):
        read_ndjson(data, CLASSES, Limits(drawings=2))
    small = Rooms(str(rooms.database.engine.url), Limits(drawings=2))
    other, _ = small.create("two", CLASSES)
    with pytest.raises(RoomError, match="full"):
        small.take_in(other, read_ndjson(data, CLASSES))
    assert small.room(other.code).drawings == 0


def test_strokes_are_as_they_were_given(room):
    rooms, who = room
    row = json.loads(to_ndjson(*rooms.give_out(who)).splitlines()[1])
    assert row["strokes"] == THREE and row["class"] == CLASSES[0]
