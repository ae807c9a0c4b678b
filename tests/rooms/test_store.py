"""What rooms promise, on both databases."""

import re

import pytest

from softmax_core import grid_from_strokes
from softmax_core.errors import DrawingError, InputError, ParameterError, RoomError
from softmax_core.grids import to_hex
from softmax_core.rooms import LIMITS, PRESETS, Facilitator, Limits, Rooms
from softmax_core.rooms.limits import limits_of
from tests.rooms.conftest import ONE, OTHER, SECRET, THREE

HOSTILE = "<b>'; DROP TABLE drawing;--$x^2$"


@pytest.fixture
def room(rooms):
    who, key = rooms.create("Class 5b", PRESETS["shapes"])
    return rooms, who, key


def give(rooms, code, **more):
    given = {"label": 0, "strokes": THREE, "secret": SECRET} | more
    return rooms.contribute(code, **given)


def test_a_new_room_is_open_and_collects(room):
    rooms, who, _ = room
    found = rooms.room(who.code)
    assert (found.title, found.classes) == ("Class 5b", ("☐", "△", "○"))
    assert (found.stage, found.open, found.drawings) == ("collect", True, 0)
    assert re.fullmatch("[2-9A-HJKMNP-Z]{6}", who.code)


def test_a_code_can_be_typed_in_any_way(room):
    rooms, who, _ = room
    typed = f" {who.code[:3].lower()}-{who.code[3:]} "
    assert rooms.join(typed) == rooms.room(who.code)


def test_the_key_is_not_in_the_database(room, url):
    rooms, who, key = room
    with rooms.database.reading() as c:
        rows = c.exec_driver_sql("SELECT * FROM room").fetchall()
    assert key not in str(rows) and rooms.unlock(who.code, key) == who


def test_a_drawing_is_stored_with_its_grid_and_its_strokes(room):
    rooms, who, _ = room
    receipt = give(rooms, who.code, label=2, nickname="Ada")
    assert receipt.grid == to_hex(grid_from_strokes(THREE))
    (stored,) = rooms.give_out(who)[1]
    assert (stored.label, stored.nickname, stored.hidden) == (2, "Ada", None)
    assert stored.strokes == str([[[float(x), float(y)] for x, y in THREE[0]]]).replace(" ", "")
    assert SECRET not in str(stored)


def test_the_same_drawing_sent_again_is_stored_once(room):
    rooms, who, _ = room
    first, second = give(rooms, who.code), give(rooms, who.code)
    assert (first.id, first.total, first.again) == (second.id, 1, False)
    assert second.again and second.total == 1
    assert give(rooms, who.code, secret=OTHER).total == 2
    assert give(rooms, who.code, label=1).own == 2


def test_a_drawing_that_is_stored_is_confirmed_though_the_room_has_closed(room):
    rooms, who, _ = room
    first = give(rooms, who.code)
    rooms.set_open(who, False)
    assert give(rooms, who.code).id == first.id
    with pytest.raises(RoomError, match="closed"):
        give(rooms, who.code, strokes=ONE)
    rooms.set_open(who, True)
    assert give(rooms, who.code, strokes=ONE).total == 2


def test_one_takes_back_ones_own_and_gives_it_again(room):
    rooms, who, _ = room
    receipt = give(rooms, who.code)
    with pytest.raises(RoomError, match="not one of yours"):
        rooms.take_back(who.code, receipt.token, OTHER)
    rooms.take_back(who.code, receipt.token, SECRET)
    assert rooms.newest(who.code) == [] == rooms.own(who.code, SECRET)
    assert rooms.counts(who.code) == {0: 0, 1: 0, 2: 0}
    assert give(rooms, who.code).id == receipt.id
    assert len(rooms.newest(who.code)) == 1


def test_what_the_facilitator_hid_stays_hidden(room):
    rooms, who, _ = room
    receipt = give(rooms, who.code)
    assert rooms.hide(who, [receipt.id]) == 1
    give(rooms, who.code)
    rooms.take_back(who.code, receipt.token, SECRET)
    assert rooms.own(who.code, SECRET) == [] == rooms.hidden(who)
    give(rooms, who.code)
    assert rooms.newest(who.code) == [] and len(rooms.own(who.code, SECRET)) == 1
    assert rooms.hide(who, [receipt.id], hidden=False) == 1
    assert len(rooms.newest(who.code)) == 1


def test_a_wall_shows_the_newest_of_each_class(room):
    rooms, who, _ = room
    ids = [give(rooms, who.code, label=k, secret=f"{n:032x}").id for n in range(4) for k in (0, 1)]
    last = give(rooms, who.code, label=2).id
    rooms.hide(who, [ids[-1]])
    assert [d.id for d in rooms.newest(who.code, 1)] == [last, ids[-2], ids[-3]]
    assert len(rooms.newest(who.code)) == 8
    assert rooms.drawing(who.code, ids[0]).label == 0
    with pytest.raises(RoomError, match="not in the room"):
        rooms.drawing(who.code, 10**9)


def test_what_its_contributor_took_back_nobody_shows_again(room):
    rooms, who, _ = room
    receipt = give(rooms, who.code)
    rooms.hide(who, [receipt.id])
    rooms.take_back(who.code, receipt.token, SECRET)
    assert rooms.hide(who, [receipt.id], hidden=False) == 0
    assert rooms.newest(who.code) == []


def test_all_of_a_person_is_hidden_with_what_was_taken_back_for_now(room):
    rooms, who, _ = room
    receipt = give(rooms, who.code)
    (drawing,) = rooms.newest(who.code)
    rooms.take_back(who.code, receipt.token, SECRET)
    assert rooms.hide_contributor(who, drawing.contributor) == 1
    give(rooms, who.code)
    assert rooms.newest(who.code) == []
    assert [d.id for d in rooms.hidden(who)] == [receipt.id]


def test_every_change_raises_the_version_and_is_seen_by_it(room):
    rooms, who, _ = room
    seen = rooms.version(who.code)
    ids = [give(rooms, who.code, label=k).id for k in range(3)]
    assert [d.id for d in rooms.since(who.code, seen)] == ids
    seen = rooms.version(who.code)
    rooms.hide(who, ids[:1])
    (changed,) = rooms.since(who.code, seen)
    assert (changed.id, changed.hidden) == (ids[0], "facilitator")
    for change in (
        lambda: rooms.set_stage(who, "train"),
        lambda: rooms.set_open(who, False),
        lambda: rooms.store_model(who, b"npz", {"drawings": 3}),
        lambda: rooms.delete_drawing(who, ids[1]),
    ):
        seen = rooms.version(who.code)
        change()
        assert rooms.version(who.code) == seen + 1


def test_deleted_is_gone(room):
    rooms, who, _ = room
    ids = [give(rooms, who.code, label=k).id for k in range(2)]
    rooms.delete_drawing(who, ids[0])
    assert [d.id for d in rooms.all_drawings(who.code)] == ids[1:]
    assert rooms.room(who.code).drawings == 1
    rooms.store_model(who, b"npz", {})
    rooms.delete_room(who)
    for ask in (rooms.room, rooms.version, rooms.newest, rooms.newest_model, rooms.counts):
        with pytest.raises(RoomError, match="no room"):
            ask(who.code)
    with pytest.raises(RoomError, match="no room"):
        give(rooms, who.code)
    with rooms.database.reading() as c:
        for table in ("drawing", "model", "room"):
            assert c.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0


def test_only_who_has_the_key_leads(room):
    rooms, who, _ = room
    receipt = give(rooms, who.code)
    forged = Facilitator(who.room_id, who.code, bytes(32))
    other, _ = rooms.create("another", ["a", "b"])
    stolen = Facilitator(who.room_id, who.code, other.proof)
    for someone in (forged, stolen):
        for act in (
            lambda w: rooms.set_stage(w, "train"),
            lambda w: rooms.set_open(w, False),
            lambda w: rooms.hide(w, [receipt.id]),
            lambda w: rooms.hide_contributor(w, "0" * 64),
            lambda w: rooms.hide_nickname(w, "0" * 64),
            lambda w: rooms.delete_drawing(w, receipt.id),
            lambda w: rooms.delete_room(w),
            lambda w: rooms.store_model(w, b"", {}),
            lambda w: rooms.take_in(w, []),
            lambda w: rooms.give_out(w),
        ):
            with pytest.raises(RoomError, match="key"):
                act(someone)
    assert rooms.hide(other, [receipt.id]) == 0
    rooms.delete_drawing(other, receipt.id)
    assert len(rooms.newest(who.code)) == 1
    with pytest.raises(ParameterError):
        rooms.set_stage(who.room_id, "train")


def test_keys_are_tried_a_few_times_a_minute(room, clock):
    rooms, who, key = room
    wrong = ("A" if key[0] != "A" else "B") + key[1:]
    for _ in range(LIMITS.keys_a_minute):
        with pytest.raises(RoomError, match="not the key"):
            rooms.unlock(who.code, wrong)
    with pytest.raises(RoomError, match="too many"):
        rooms.unlock(who.code, key)
    clock.time += 60
    assert rooms.unlock(who.code, key) == who


def test_codes_are_tried_a_few_times_a_minute(room, clock):
    rooms, who, _ = room
    for _ in range(LIMITS.attempts_a_minute):
        with pytest.raises(RoomError, match="no room"):
            rooms.join("222222")
    with pytest.raises(RoomError, match="too many"):
        rooms.join("222222")
    assert rooms.join(who.code).code == who.code


@pytest.mark.parametrize("code", ["", "1", "O0O0O0", "<script>", "2" * 500, None, 7])
def test_what_can_t_be_a_code_is_said(rooms, code):
    with pytest.raises(RoomError, match="letters and digits"):
        rooms.join(code)


@pytest.mark.parametrize(
    "strokes",
    [
        None,
        "",
        [[]],
        [[1, 2]],
        [[[1]]],
        [[[1, "2"]]],
        [[[1, float("nan")]]],
        [[[1, 1e300]]],
        [[[True, False]]],
        {"a": 1},
        [[[1, 10**400]]],
        [[[0, 0]] * 6000],
        [[]] * 100_000,
    ],
)
def test_strokes_that_are_none_are_refused(room, strokes):
    rooms, who, _ = room
    with pytest.raises((RoomError, DrawingError)):
        give(rooms, who.code, strokes=strokes)
    assert rooms.newest(who.code) == []


@pytest.mark.parametrize("label", [-1, 3, 10**30, 1.0, "0", None, True])
def test_a_class_that_the_room_has_not_is_refused(room, label):
    rooms, who, _ = room
    with pytest.raises(RoomError, match="no such class"):
        give(rooms, who.code, label=label)


@pytest.mark.parametrize("secret", ["", "x" * 32, None, 5, "0" * 33, "ABCDEF" * 6])
def test_a_forged_contributor_is_refused(room, secret):
    rooms, who, _ = room
    with pytest.raises(RoomError):
        give(rooms, who.code, secret=secret)


def test_names_are_kept_as_text_of_one_line(rooms):
    who, _ = rooms.create(f"  {HOSTILE}\n\x00x  ", [HOSTILE[:20], "b\u202e"])
    found = rooms.room(who.code)
    assert found.title == f"{HOSTILE} x" and found.classes == (HOSTILE[:20].strip(), "b")
    give(rooms, who.code, nickname="\x00\n ")
    assert rooms.newest(who.code)[0].nickname is None


@pytest.mark.parametrize(
    "classes", [[], ["a"], ["a", "a"], ["a", " a "], ["a", ""], ["a", "x" * 25], "ab", None]
)
def test_classes_are_two_to_twenty_names(rooms, classes):
    with pytest.raises(RoomError):
        rooms.create("room", classes)
    with pytest.raises(RoomError):
        rooms.create("room", [str(k) for k in range(21)])


def test_limits_are_said_and_kept(url, clock):
    rooms = Rooms(
        url, Limits(drawings_a_minute=2, drawings=3, participants=2, rooms_a_day=1), clock
    )
    who, _ = rooms.create("small", ["a", "b"])
    with pytest.raises(RoomError, match="in a day"):
        rooms.create("another", ["a", "b"])
    give(rooms, who.code), give(rooms, who.code, strokes=ONE)
    with pytest.raises(RoomError, match="in a minute"):
        give(rooms, who.code, label=1)
    give(rooms, who.code, secret=OTHER)
    clock.time += 61
    with pytest.raises(RoomError, match="full"):
        give(rooms, who.code, label=1)
    assert give(rooms, who.code).again
    rooms.close()


def test_participants_are_limited(url, clock):
    rooms = Rooms(url, Limits(participants=1), clock)
    who, _ = rooms.create("small", ["a", "b"])
    give(rooms, who.code)
    with pytest.raises(RoomError, match="contributors"):
        give(rooms, who.code, secret=OTHER)
    assert rooms.participants(who.code) == 1
    rooms.close()


def test_tests_are_kept_apart_from_training(room):
    rooms, who, _ = room
    give(rooms, who.code, label=1, purpose="test", predicted=2)
    give(rooms, who.code)
    (test,) = rooms.all_drawings(who.code, "test")
    assert (test.label, test.predicted) == (1, 2)
    assert [d.label for d in rooms.all_drawings(who.code)] == [0]
    assert rooms.counts(who.code) == {0: 1, 1: 0, 2: 0}
    with pytest.raises(RoomError):
        give(rooms, who.code, purpose="both")


def test_the_newest_model_is_given_and_old_ones_go(url, clock):
    rooms = Rooms(url, Limits(models=2, model_bytes=10), clock)
    who, _ = rooms.create("small", ["a", "b"])
    assert rooms.newest_model(who.code) is None
    for n in range(4):
        rooms.store_model(who, bytes([n]), {"n": n})
    assert (rooms.newest_model(who.code).weights, rooms.newest_model(who.code).about) == (
        b"\x03",
        {"n": 3},
    )
    with rooms.database.reading() as c:
        assert c.exec_driver_sql("SELECT count(*) FROM model").scalar() == 2
    with pytest.raises(RoomError):
        rooms.store_model(who, bytes(11), {})
    rooms.close()


def test_all_of_one_contributor_can_be_hidden_and_the_nickname_taken_off(room):
    rooms, who, _ = room
    give(rooms, who.code, nickname="rude"), give(rooms, who.code, label=1, nickname="rude")
    give(rooms, who.code, secret=OTHER, nickname="kind")
    rude = next(d.contributor for d in rooms.newest(who.code) if d.nickname == "rude")
    rooms.hide_nickname(who, rude)
    assert {d.nickname for d in rooms.newest(who.code)} == {None, "kind"}
    assert rooms.hide_contributor(who, rude) == 2
    assert [d.nickname for d in rooms.newest(who.code)] == ["kind"]


def test_limits_come_from_the_environment():
    assert limits_of({"ROOMS_DRAWINGS": "7"}) == Limits(drawings=7)
    for text in ("-1", "1e3", "", "9" * 40, "²"):
        with pytest.raises(ParameterError):
            limits_of({"ROOMS_DRAWINGS": text})


def test_an_address_that_is_none_is_refused():
    for address in ("", "rooms.db", "mysql://host/x", "oracle://x"):
        with pytest.raises(InputError):
            Rooms(address)


@pytest.mark.parametrize("token", ["\ud800", "\0" * 64, "0" * 63, "G" * 64, None, 5, ["0" * 64]])
def test_what_is_no_name_of_a_drawing_takes_nothing_back(rooms, token):
    who, _ = rooms.create("x", ["a", "b"])
    rooms.contribute(who.code, label=0, strokes=ONE, secret=SECRET)
    with pytest.raises(RoomError, match="not one of yours"):
        rooms.take_back(who.code, token, SECRET)
    assert len(rooms.newest(who.code)) == 1


def test_only_the_key_shows_what_is_hidden_and_puts_it_back(rooms):
    who, _ = rooms.create("x", ["a", "b"])
    other, _ = rooms.create("y", ["a", "b"])
    mine = rooms.contribute(who.code, label=0, strokes=ONE, secret=SECRET)
    theirs = rooms.contribute(who.code, label=0, strokes=THREE, secret=OTHER)
    rooms.take_back(who.code, mine.token, SECRET)
    rooms.hide(who, [mine.id, theirs.id])
    assert [d.id for d in rooms.hidden(who)] == [theirs.id]
    forged = Facilitator(who.room_id, who.code, other.proof)
    for act in (rooms.hidden, lambda who: rooms.hide(who, [theirs.id], hidden=False)):
        with pytest.raises(RoomError, match="key"):
            act(forged)
    assert rooms.hide(who, [mine.id, theirs.id], hidden=False) == 1
    assert [d.id for d in rooms.newest(who.code)] == [theirs.id]
