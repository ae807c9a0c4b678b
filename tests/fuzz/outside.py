"""Hostile messages, links, events and keepsakes, through the app's own functions for them."""

import json
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from streamlit.proto.BackMsg_pb2 import BackMsg

from pages.ui import budget, gate
from pages.ui.door import Visit, accepted
from pages.ui.kept import take_back
from pages.ui.session import Session
from pages.ui.strokes import drawing_of, from_code, rounded, strokes_of, to_code
from pages.ui.text import plain
from softmax_core.errors import FileError, InputError
from tests.fuzz.harness import Case
from tests.fuzz.library import a_stroke, spoil_json
from tests.fuzz.values import anything_json, flipped

STROKES = (((10.0, 20.0), (30.5, 40.0)), ((100.0, 100.0),))
QUERIES = ("epochs=inf", "a=%00", "grid=ffff", "&" * 3_000, "l2=1e999&seed=1", "=", "class=٣")


def let_in(value: Any) -> Any:
    """What has passed; what has not is refused, as the library would."""
    if value is None:
        raise FileError("refused")
    return value


def messages(random: Random) -> Case:
    message = BackMsg()
    request = message.rerun_script
    request.query_string = random.choice(QUERIES)
    for n in range(random.choice([0, 1, 3, 300])):
        widget = request.widget_states.widgets.add(id=random.choice(["$$ID-a-b", "session", ""]))
        sent = drawing_of(STROKES)
        spoil_json(random, sent)
        content = random.choice([json.dumps(sent), "[" * n * 99, "1" + "0" * 5_000, "NaN"])
        kind = random.choice(["json_value", "json_trigger_value", "string_value", "double_value"])
        setattr(widget, kind, random.choice([1.0, 1e308 * 10]) if "double" in kind else content)
    data = message.SerializeToString()
    data = flipped(random, data) if data and random.random() < 0.3 else data
    return Case(
        lambda: let_in(accepted(data, Visit())),
        lambda passed: len(passed) <= budget.MESSAGE and accepted(passed, Visit()) == passed,
    )


def links(random: Random) -> Case:
    code = to_code(STROKES)
    place = random.randrange(len(code))
    text = code[:place] + random.choice("Aa_-=٣ \0\ud800") + code[place + random.randint(0, 1) :]
    text = random.choice([code, text, text * random.choice([1, 50]), plain(text)])
    return Case(
        lambda: from_code(text, budget.LINK_DRAWING),
        lambda made: to_code(made) == to_code(from_code(to_code(made))),
    )


def events(random: Random) -> Case:
    sent = anything_json(random)
    value = random.choice([sent, [sent, sent], [random.randint(-2, 3), random.randint(-2, 3)], "a"])
    read = random.choice(
        [
            lambda: gate.place("w", "e", (2, 3)),
            lambda: gate.text("w", "e"),
            lambda: gate.serial("w", "e"),
            lambda: gate.number("v", -1, 1),
            lambda: gate.offered("v", ("a", 1, True)),
        ]
    )

    def call() -> Any:
        state = {"w": random.choice([{"e": value}, value]), "v": value}
        with patch.object(gate, "st", SimpleNamespace(session_state=state)):
            return let_in(read())

    return Case(call, lambda found: isinstance(found, str | int | float | tuple))


def canvases(random: Random) -> Case:
    try:
        sent: Any = drawing_of(rounded([a_stroke(random)]))
    except (InputError, IndexError, TypeError, ValueError):
        sent = drawing_of(STROKES)
    for _ in range(random.choice([0, 1, 2])):
        spoil_json(random, sent)
    sent = sent if random.random() < 0.8 else anything_json(random)
    return Case(lambda: strokes_of(sent), lambda made: strokes_of(drawing_of(made)) == made)


def keepsakes(random: Random) -> Case:
    """What a browser has kept never breaks the session that takes it."""
    about: dict[str, Any] = {
        "version": 1,
        "strokes": to_code(STROKES),
        "start": "",
        "picture": None,
        "edited": random.choice([None, "f" * 16, "g" * 16]),
        "model": random.choice(["pairs", "../pairs", 5]),
        "sample": 3,
        "everything": random.choice([True, False]),
        "link": "a",
    }
    if random.random() < 0.7:
        spoil_json(random, about)
    text = json.dumps(about)
    text = text[: random.randrange(len(text))] if random.random() < 0.2 else text

    def call() -> Session:
        session = Session()
        take_back(session, {"drawing": text, "models": random.choice(["", "{}", text])})
        if session.notice and not session.strokes:
            raise FileError(session.notice)
        return session

    return Case(call, lambda session: session.model.classes and session.grid.shape == (8, 8))


GENERATORS = {
    generator.__name__: generator for generator in (messages, links, events, canvases, keepsakes)
}
