"""The Workshop page without a browser: every state of both roles, and what a forged event does."""

import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import budget
from pages.ui.workshop import api, files, service
from pages.ui.workshop.files import strokes_ndjson
from pages.ui.workshop.findings import Findings, Learned, why
from pages.ui.workshop.learning import classroom
from softmax_core import SoftmaxModel, feature_map
from softmax_core.errors import UnavailableError
from softmax_core.metrics import Accuracy
from softmax_core.rooms import Rooms
from tests import asynchronous
from tests.pages.app import APP, held, open_page, run, shown
from tests.rooms.conftest import ONE, OTHER, SECRET, THREE, Clock

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


def ask(lesson, **question):
    """What the board of a phone is answered."""
    return answered(api.routes[1], lesson[0].code, json.dumps({"me": SECRET, **question}).encode())


def answered(route, code, body=b""):
    """(status, JSON) of one of the routes."""
    sent, parts = [], [{"type": "http.request", "body": body, "more_body": False}]

    async def receive():
        return parts.pop(0)

    async def send(message):
        sent.append(message)

    (method, *_) = route.methods - {"HEAD"}
    scope = {
        "type": "http",
        "method": method,
        "headers": [],
        "query_string": b"",
        "path_params": {"code": code},
    }
    asynchronous.run(route.app(scope, receive, send))
    return sent[0]["status"], json.loads(sent[1]["body"])


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
    question = {"kind": "contribute", "label": 1, "strokes": THREE, "purpose": "training"}
    for _ in range(3):
        status, said = ask(lesson, **question)
        assert status == 200 and said["ok"] and said["counts"] == [1, 1]
        assert [d["class"] for d in said["own"]] == ["△"]
    assert rooms.counts(lesson[0].code) == {0: 0, 1: 1}
    status, said = ask(lesson, kind="take_back", token=said["own"][0]["token"])
    assert status == 200 and said["own"] == []
    assert rooms.counts(lesson[0].code) == {0: 0, 1: 0}
    assert ask(lesson, kind="hello") == (200, {**said, "text": ""})


@pytest.mark.parametrize(
    "question",
    [
        {"kind": "contribute"},
        {"kind": "contribute", "label": 7, "strokes": THREE, "purpose": "training"},
        {"kind": "contribute", "label": 0, "strokes": "x", "purpose": "training"},
        {"kind": "contribute", "label": 0, "strokes": THREE, "purpose": "admin"},
        {"kind": "contribute", "label": 0, "strokes": THREE, "purpose": "training", "me": "x"},
        {"kind": "contribute", "label": 0, "strokes": THREE, "purpose": [], "nickname": {}},
        {"kind": "take_back", "token": "0" * 64},
        {"kind": "take_back", "token": {"a": []}},
        {"kind": "take_back", "token": "\ud800"},
        {"kind": "take_back", "token": "\0" * 64},
        {"kind": "take_back", "token": 5},
        {"kind": "delete"},
        {"kind": ["hello"]},
        {},
        {"kind": "contribute", "label": True, "strokes": THREE, "purpose": "training"},
        {"kind": "contribute", "label": 10**4000, "strokes": THREE, "purpose": "training"},
        {"kind": "contribute", "label": 0, "strokes": [[[1e999, 1]]], "purpose": "training"},
        {"kind": "hello", "me": None},
    ],
)
def test_a_forged_question_is_answered_in_words(rooms, lesson, question):
    status, said = ask(lesson, **question)
    assert status == 409 and not said["ok"] and said["text"] and "again" not in said
    assert rooms.room(lesson[0].code).drawings == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[" * 50_000, 400),
        (b"\xff", 400),
        (b"5", 409),
        (b"[]", 409),
        (b"null", 409),
        (b'{"me": NaN}', 409),
        (b"x" * (budget.QUESTION + 1), 413),
    ],
)
def test_what_is_no_question_is_refused(lesson, body, status):
    found, said = answered(api.routes[1], lesson[0].code, body)
    assert found == status and said["text"]


@pytest.mark.parametrize("code", ["222222", "x", "' OR 1=1", "%00", "9" * 5000])
def test_an_unknown_room_is_said_to_a_phone(rooms, code):
    for route in api.routes:
        status, said = answered(route, code, b"{}")
        assert status == 409 and said["text"]


@pytest.mark.parametrize("event", [None, 5, [], "x", {"kind": "hide"}, {"kind": [], "id": 1}])
def test_events_of_another_shape_do_nothing(rooms, lesson, event):
    fill(rooms, lesson[0].code, people=1, each=1)
    leading = lead(*reversed_key(lesson))
    leading.session_state["workshop-wall"] = {"act": event}
    held(run(leading), "workshop").act(event if isinstance(event, dict) else None)
    assert len(rooms.newest(lesson[0].code)) == 2


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
    assert "no drawings yet" in run(at).error[0].value


def test_a_room_learns_gives_its_model_and_is_tried(rooms, lesson):
    who, key = lesson
    fill(rooms, who.code)
    at = lead(who.code, key)
    at.button_group(key="workshop-stage").set_value("train")
    run(at)
    assert answered(api.routes[0], who.code)[1]["stage"] == "train"
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
    now = answered(api.routes[0], who.code)[1]
    model = answered(api.routes[2], who.code)[1]
    assert now["stage"] == "try" and model["version"] == now["model"]
    assert len(model["weights"]) == 2 and model["classes"] == ["☐", "△"]
    ask(lesson, kind="contribute", label=1, strokes=THREE, purpose="test", predicted=0)
    assert rooms.counts(who.code) == {0: 12, 1: 12}
    assert "0 of 1, 0 %" in shown(run(at))


def test_a_closed_and_a_deleted_room_are_said(rooms, lesson):
    who, _ = lesson
    at = visit(who.code)
    rooms.set_open(who, False)
    status, said = ask(lesson, kind="contribute", label=0, strokes=ONE, purpose="training")
    assert status == 409 and "closed" in said["text"]
    rooms.delete_room(who)
    assert "no room" in run(at).error[0].value
    assert "no room" in ask(lesson, kind="hello")[1]["text"]


def test_a_database_that_is_away_is_said_and_the_drawing_is_asked_for_again(rooms, lesson):
    question = {"kind": "contribute", "label": 0, "strokes": ONE, "purpose": "training"}
    with service.rooms().database.reading() as c:
        c.exec_driver_sql("PRAGMA query_only=ON")
    status, said = ask(lesson, **question)
    assert status == 503 and said["again"] and "read-only" in said["text"]
    with service.rooms().database.reading() as c:
        c.exec_driver_sql("PRAGMA query_only=OFF")
    assert ask(lesson, **question)[0] == 200
    assert rooms.room(lesson[0].code).drawings == 1


def away(*_):
    raise UnavailableError("the rooms can't be reached just now")


@pytest.mark.parametrize("leads", [False, True])
def test_the_page_of_a_database_that_is_away_comes_back(lesson, monkeypatch, leads):
    at = lead(*reversed_key(lesson)) if leads else visit(lesson[0].code)
    with monkeypatch.context() as patch:
        patch.setattr(Rooms, "room", away)
        assert "reached" in run(at).error[0].value
        assert held(at, "workshop").code == lesson[0].code
    assert len(run(at).error) == 0
    assert at.button(key="workshop-leave") is not None


def test_a_wall_whose_database_is_away_goes_on_asking(lesson, monkeypatch):
    at = lead(*reversed_key(lesson))
    beat = told(at, "workshop-wall")["beat"]
    with monkeypatch.context() as patch:
        patch.setattr(service, "wall", away)
        assert "reached" in run(at).error[0].value
        assert told(at, "workshop-wall")["beat"] > beat
    assert len(run(at).error) == 0


def test_a_room_without_a_model_says_so_where_it_would_be_tried(lesson):
    at = lead(*reversed_key(lesson))
    at.button_group(key="workshop-stage").set_value("try")
    assert "no model" in run(at).info[0].value


def test_what_was_hidden_is_shown_again_but_not_what_was_taken_back(rooms, lesson):
    who, _ = lesson
    mine = rooms.contribute(who.code, label=0, strokes=ONE, secret=SECRET)
    theirs = rooms.contribute(who.code, label=1, strokes=THREE, secret=OTHER)
    at = lead(*reversed_key(lesson))
    page = held(at, "workshop")
    page.act({"kind": "hide", "id": theirs.id})
    rooms.take_back(who.code, mine.token, SECRET)
    seen = told(run(at), "workshop-wall")["room"]
    assert [d["id"] for d in seen["hidden"]] == [theirs.id] and seen["drawings"] == []
    for number in (mine.id, theirs.id):
        page.act({"kind": "show", "id": number})
    seen = told(run(at), "workshop-wall")["room"]
    assert [d["id"] for d in seen["drawings"]] == [theirs.id] and seen["hidden"] == []


def test_all_of_a_person_are_hidden_and_shown_again(rooms, lesson):
    who, key = lesson
    fill(rooms, who.code, people=3, each=2)
    page = held(lead(who.code, key), "workshop")
    one, *_, other = rooms.newest(who.code)
    for drawing in (one, other):
        page.act({"kind": "person", "id": drawing.id})
    assert len(rooms.newest(who.code)) == 4
    page.act({"kind": "return", "id": one.id})
    assert len(rooms.newest(who.code)) == 8 and len(rooms.hidden(page.leads)) == 4
    page.act({"kind": "return", "id": 10**9})
    assert len(rooms.newest(who.code)) == 8


@pytest.mark.parametrize("leads", [False, True])
def test_who_leaves_is_out_and_stays_out(lesson, leads):
    at = lead(*reversed_key(lesson)) if leads else visit(lesson[0].code)
    at.button(key="workshop-leave").click()
    page = held(run(at), "workshop")
    assert page.code == "" and page.leads is None and "room" not in at.query_params
    assert at.button(key="workshop-open") is not None


def test_a_room_is_closed_opened_and_deleted(rooms, lesson):
    at = lead(*reversed_key(lesson))
    for is_open in (False, True):
        at.button(key="workshop-close").click()
        run(at)
        assert rooms.room(lesson[0].code).open is is_open
    at.button(key="workshop-delete").click()
    assert len(run(at).error) == 0 and rooms.all_rooms() == []
    assert at.button(key="workshop-open") is not None


def test_a_room_is_taken_out_and_in(rooms, lesson):
    who, key = lesson
    fill(rooms, who.code, people=2, each=1)
    page = held(lead(who.code, key), "workshop")
    sent = strokes_ndjson(page.leads)
    rooms.delete_drawing(who, rooms.newest(who.code)[0].id)
    at = lead(who.code, key)
    at.file_uploader(key="workshop-file").upload("room.ndjson", sent.encode(), "text/plain")
    run(at)
    assert len(at.error) == 0 and rooms.room(who.code).drawings == 4
    assert at.toast[0].value == "1 new drawings, 3 were there already"
    at.file_uploader(key="workshop-file").upload("room.ndjson", b"{", "text/plain")
    assert len(run(at).error) == 1 and rooms.room(who.code).drawings == 4


def test_who_asks_too_much_at_once_is_asked_to_wait(lesson, monkeypatch):
    monkeypatch.setattr(budget, "ASK_BURST", 3)
    monkeypatch.setattr(budget, "ASKS", 0.001)
    api.pace.clear()
    found = [answered(api.routes[0], lesson[0].code) for _ in range(5)]
    assert [status for status, _ in found] == [200, 200, 200, 429, 429]
    assert found[-1][1]["again"] and found[-1][1]["text"]
    api.pace.clear()


def test_a_class_behind_one_address_is_never_asked_to_wait():
    """150 phones that come at once, each with a hello, then look every 1.4 s, draw every 5 s, and
    all fetch the model when there is one."""
    clock = Clock()
    pace = api.Pace(clock)
    moments = [0.0] * 300 + [60.0] * 150
    moments += [n / 150 * 1.4 + k * 1.4 for n in range(150) for k in range(90)]
    moments += [n / 150 * 5 + k * 5 for n in range(150) for k in range(25)]
    for clock.time in sorted(moments):
        assert pace.allows("10.0.0.1")


def test_the_pace_of_old_askers_is_forgotten(monkeypatch):
    monkeypatch.setattr(budget, "ASKERS", 2)
    pace = api.Pace()
    assert all(pace.allows(address) for address in "abcab")
    assert list(pace.purses) == ["a", "b"]


def test_what_the_model_said_is_not_taken_from_a_phone(rooms, lesson):
    who, _ = lesson
    question = {"kind": "contribute", "label": 1, "strokes": THREE, "purpose": "test"}
    status, said = ask(lesson, **question, predicted=1)
    assert status == 409 and "no model" in said["text"]
    model = SoftmaxModel(("☐", "△"), np.zeros((2, 65)), feature_map("pixels"), "pen")
    rooms.store_model(who, files.npz(model), {})
    assert ask(lesson, **question, predicted=1)[0] == 200
    (drawing,) = rooms.all_drawings(who.code, "test")
    assert drawing.predicted == 0
    for label, words in ((0, "It was right"), (1, "You fooled it")):
        assert words in ask(lesson, **{**question, "label": label})[1]["text"]
    for strokes in ("x", [], [[]], None):
        assert ask(lesson, **{**question, "strokes": strokes})[0] == 409


def test_the_reasons_are_those_of_the_rooms_own_drawings():
    held_out, tried = Accuracy(9, 10, 0.6, 0.98), Accuracy(2, 10, 0.06, 0.51)
    curve = [(10, Accuracy(5, 10, 0.2, 0.8)), (20, held_out)]
    by = [("<b>", Accuracy(0, 6, 0.0, 0.39)), ("Ada", Accuracy(6, 6, 0.61, 1.0))]
    cells = {(0, 1): ["0" * 16] * 3, (1, 1): ["0" * 16]}
    words = " ".join(why(Findings(Learned(held_out, curve, 0.5), tried, by, cells), "☐△"))
    for part in (
        "worse than",
        "50 % to 90 %",
        "drew 50 %",
        "0 of 6 by <b>",
        "says △ where ☐",
        "few",
    ):
        assert part in words
    nothing = Findings(Learned(None, [], 0.0), None, [], {})
    assert why(nothing, "☐△") == []
