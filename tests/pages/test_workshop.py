"""The Workshop page without a browser: every state of both roles, and what a forged event does."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.workshop import service
from pages.ui.workshop.learning import classroom
from softmax_core.rooms import Rooms
from tests.pages.app import APP, held, open_page, run, shown
from tests.rooms.conftest import ONE, OTHER, SECRET, THREE

HOSTILE = "<b>'; DROP $x^2$ ![](//h/x)"


@pytest.fixture(autouse=True)
def rooms(tmp_path, monkeypatch):
    """Rooms in a database of this test's own, asked anew each time."""
    address = f"sqlite:///{tmp_path}/rooms.db"
    monkeypatch.setenv("DATABASE_URL", address)
    monkeypatch.setattr("softmax_core.rooms.database.PAUSE", 0.001)
    monkeypatch.setattr(service, "FRESH", 0)
    for cached in (service.rooms, service.now):
        cached.clear()
    rooms = Rooms(address)
    yield rooms
    rooms.close()


@pytest.fixture
def lesson(rooms):
    return rooms.create("Class 5b", ["☐", "△"])


def visit(code) -> AppTest:
    at = AppTest.from_file(APP, default_timeout=60).run()
    at.query_params["room"] = code
    return run(at.switch_page("pages/workshop.py"))


def lead(code, key) -> AppTest:
    at = visit(code)
    at.text_input(key="workshop-key").set_value(key)
    next(b for b in at.button if b.label == "Lead").click()
    return run(at)


def told(at, name):
    """What an element of the page was given."""
    (found,) = [e.proto for e in at.get("bidi_component") if e.proto.id.endswith(f"-{name}")]
    return json.loads(found.bytes)


def ask(at, **question):
    at.session_state["workshop-board"] = {"ask": {"asked": "q", "me": SECRET, **question}}
    return told(run(at), "workshop-board")


def fill(rooms, code, people=3, each=4):
    for person in range(people):
        for label, strokes in ((0, THREE), (1, ONE)):
            for n in range(each):
                moved = [[[x + 7 * n, y + n * x / 50 + person] for x, y in s] for s in strokes]
                secret = f"{person:032x}"
                rooms.contribute(code, label=label, strokes=moved, secret=secret)


def test_a_room_is_opened_with_chosen_classes_and_its_key_is_kept_out_of_the_page():
    at = open_page("workshop")
    at.button_group(key="workshop-preset").set_value("own classes")
    run(at)
    at.text_input(key="workshop-title").set_value(HOSTILE)
    at.text_input(key="workshop-classes").set_value("cat,  dog ,<i>")
    at.button(key="workshop-open").click()
    page = held(run(at), "workshop")
    assert page.room.classes == ("cat", "dog", "<i>") and page.room.title == HOSTILE
    assert page.leads is not None and page.key not in str(at.query_params)
    assert at.query_params["room"] == page.code
    assert "<b>" not in shown(at).replace("&lt;b&gt;", "")


@pytest.mark.parametrize("typed", ["", "222222", "<script>", "x" * 12])
def test_a_code_of_no_room_is_said(typed):
    at = open_page("workshop")
    at.text_input(key="workshop-code").set_value(typed)
    next(b for b in at.button if b.label == "Join").click()
    assert len(run(at).error) == 1 and held(at, "workshop").code == ""


@pytest.mark.parametrize("code", ["222222", "![](//h/x)", "' OR 1=1"])
def test_a_link_to_no_room_is_said_and_the_page_goes_on(code):
    at = visit(code)
    assert len(at.error) == 1
    assert at.button(key="workshop-open") is not None


def test_a_drawing_is_contributed_once_seen_and_taken_back(rooms, lesson):
    at = visit(lesson[0].code)
    question = {"kind": "contribute", "label": 1, "strokes": THREE, "purpose": "training"}
    for _ in range(3):
        board = ask(at, **question)
        assert board["said"]["ok"] and board["said"]["asked"] == "q"
        assert [d["class"] for d in board["own"]] == ["△"]
    assert rooms.counts(lesson[0].code) == {0: 0, 1: 1}
    board = ask(at, kind="take_back", token=board["own"][0]["token"])
    assert board["said"]["ok"] and board["own"] == []
    assert rooms.counts(lesson[0].code) == {0: 0, 1: 0}


@pytest.mark.parametrize(
    "question",
    [
        {"kind": "contribute"},
        {"kind": "contribute", "label": 7, "strokes": THREE, "purpose": "training"},
        {"kind": "contribute", "label": 0, "strokes": "x", "purpose": "training"},
        {"kind": "contribute", "label": 0, "strokes": THREE, "purpose": "admin"},
        {"kind": "contribute", "label": 0, "strokes": THREE, "purpose": "training", "me": "x"},
        {"kind": "take_back", "token": "0" * 64},
        {"kind": "take_back", "token": {"a": []}},
        {"kind": "hello", "me": None},
    ],
)
def test_a_forged_question_is_answered_in_words(rooms, lesson, question):
    said = ask(visit(lesson[0].code), **question)["said"]
    assert not said["ok"] and said["text"] and not said["again"]
    assert rooms.room(lesson[0].code).drawings == 0


@pytest.mark.parametrize("event", [None, 5, [], "x", {"kind": "hide"}, {"kind": []}])
def test_events_of_another_shape_do_nothing(lesson, event):
    at = visit(lesson[0].code)
    at.session_state["workshop-board"] = {"ask": event}
    assert told(run(at), "workshop-board")["said"] == {}
    leading = lead(*reversed_key(lesson))
    leading.session_state["workshop-wall"] = {"act": event}
    run(leading)


def reversed_key(lesson):
    who, key = lesson
    return who.code, key


def test_a_participant_leads_nothing(rooms, lesson):
    at = visit(lesson[0].code)
    number = rooms.contribute(lesson[0].code, label=0, strokes=ONE, secret=OTHER).id
    held(at, "workshop").act({"kind": "hide", "id": number})
    at.session_state["workshop-stage"] = "try"
    run(at)
    assert rooms.room(lesson[0].code).stage == "collect" and len(rooms.newest(lesson[0].code)) == 1


def test_a_wrong_key_is_said(lesson):
    who, key = lesson
    at = lead(who.code, "2" * len(key))
    assert len(at.error) == 1 and held(at, "workshop").leads is None


def test_a_second_device_leads_with_the_key_and_hides_what_it_picks(rooms, lesson):
    who, key = lesson
    numbers = [
        rooms.contribute(who.code, label=0, strokes=s, secret=SECRET, nickname="rude").id
        for s in (ONE, THREE)
    ]
    page = held(lead(who.code, key.lower()), "workshop")
    page.act({"kind": "name", "id": numbers[0]})
    assert {d.nickname for d in rooms.newest(who.code)} == {None}
    page.act({"kind": "hide", "id": numbers[0]})
    assert [d.id for d in rooms.newest(who.code)] == [numbers[1]]
    page.act({"kind": "person", "id": numbers[1]})
    assert rooms.newest(who.code) == []
    page.act({"kind": "delete", "id": numbers[1]})
    assert rooms.room(who.code).drawings == 1


def test_what_is_missing_is_said_before_training(rooms, lesson):
    at = lead(*reversed_key(lesson))
    at.button_group(key="workshop-stage").set_value("train")
    run(at)
    at.button(key="workshop-learn").click()
    assert "no ☐ yet" in run(at).error[0].value


def test_a_room_learns_gives_its_model_and_is_tried(rooms, lesson):
    who, key = lesson
    fill(rooms, who.code)
    at, phone = lead(who.code, key), visit(who.code)
    at.button_group(key="workshop-stage").set_value("train")
    run(at)
    assert told(run(phone), "workshop-board")["room"]["stage"] == "train"
    at.button(key="workshop-learn").click()
    run(at)
    for _ in range(70):
        picture = told(at, "workshop-learning")
        if picture["done"]:
            break
        at.session_state["workshop-learning"] = {"epoch": picture["epoch"]}

        classroom().advance(who.code, picture["epoch"])
        run(at)
    assert picture["done"] and picture["about"]["people_held_out"] == 1
    assert picture["about"]["learned_from"] + picture["about"]["held_out"] == 24
    at.button(key="workshop-give").click()
    run(at)
    board = told(run(phone), "workshop-board")
    assert board["room"]["stage"] == "try" and len(board["model"]["weights"]) == 2
    ask(phone, kind="contribute", label=1, strokes=THREE, purpose="test", predicted=0)
    assert rooms.counts(who.code) == {0: 12, 1: 12}
    assert "0 of 1, 0%" in shown(run(at))


def test_a_closed_and_a_deleted_room_are_said(rooms, lesson):
    who, _ = lesson
    at = visit(who.code)
    rooms.set_open(who, False)
    said = ask(at, kind="contribute", label=0, strokes=ONE, purpose="training")["said"]
    assert not said["ok"] and "closed" in said["text"]
    rooms.delete_room(who)
    at.session_state["workshop-board"] = {}
    assert "no room" in run(at).error[0].value


def test_a_database_that_is_away_is_said_and_the_drawing_is_asked_for_again(
    rooms, lesson, tmp_path
):
    who, _ = lesson
    at = visit(who.code)
    with service.rooms().database.reading() as c:
        c.exec_driver_sql("PRAGMA query_only=ON")
    said = ask(at, kind="contribute", label=0, strokes=ONE, purpose="training")["said"]
    assert not said["ok"] and said["again"] and "read-only" in said["text"]
    with service.rooms().database.reading() as c:
        c.exec_driver_sql("PRAGMA query_only=OFF")
    assert ask(at, kind="contribute", label=0, strokes=ONE, purpose="training")["said"]["ok"]
    assert rooms.room(who.code).drawings == 1
