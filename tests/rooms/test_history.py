"""A room's history, driven at random against a plain model of it."""

import tempfile

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from softmax_core.errors import RoomError
from softmax_core.rooms import Limits, Rooms
from softmax_core.rooms.keys import contributor_of

SECRETS = ["0" * 32, "1" * 32, "2" * 32]
TAKEN_BACK = ("contributor", "both")
DRAWINGS = [[[[0, 0], [x, 100]]] for x in (0, 40, 90)]


class RoomHistory(RuleBasedStateMachine):
    """The model: rows by (who, label, drawing) with who hid them, in the order of their coming."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        limits = Limits(drawings_a_minute=1000)
        self.rooms = Rooms(f"sqlite:///{self.folder.name}/rooms.db", limits)
        self.who, _ = self.rooms.create("room", ["a", "b"])
        self.rows, self.receipts, self.open = {}, {}, True
        self.wall, self.seen = {}, 0

    def teardown(self):
        self.rooms.close()
        self.folder.cleanup()

    @rule(who=st.integers(0, 2), label=st.integers(0, 1), drawing=st.integers(0, 2))
    def contribute(self, who, label, drawing):
        key = (who, label, drawing)
        given = {"label": label, "strokes": DRAWINGS[drawing], "secret": SECRETS[who]}
        stands = key in self.rows and self.rows[key] not in TAKEN_BACK
        try:
            self.receipts[key] = self.rooms.contribute(self.who.code, **given)
        except RoomError:
            assert not self.open and not stands
            return
        assert self.open or stands
        if not stands:
            self.rows[key] = "facilitator" if self.rows.get(key) == "both" else None

    @precondition(lambda self: self.rows)
    @rule(data=st.data(), thief=st.integers(0, 2))
    def take_back(self, data, thief):
        key = data.draw(st.sampled_from(sorted(self.rows)))
        token = self.receipts[key].token
        try:
            self.rooms.take_back(self.who.code, token, SECRETS[thief])
        except RoomError:
            assert thief != key[0]
            return
        assert thief == key[0]
        hidden = {None: "contributor", "facilitator": "both"}
        self.rows[key] = hidden.get(self.rows[key], self.rows[key])

    @precondition(lambda self: self.rows)
    @rule(data=st.data(), hidden=st.booleans())
    def hide(self, data, hidden):
        key = data.draw(st.sampled_from(sorted(self.rows)))
        self.rooms.hide(self.who, [self.receipts[key].id], hidden)
        if hidden:
            self._hidden(key)
        elif not hidden and self.rows[key] == "facilitator":
            self.rows[key] = None

    @precondition(lambda self: self.rows)
    @rule(data=st.data())
    def hide_person(self, data):
        person = data.draw(st.sampled_from(sorted(self.rows)))[0]
        self.rooms.hide_contributor(self.who, contributor_of(SECRETS[person]))
        for key in [key for key in self.rows if key[0] == person]:
            self._hidden(key)

    def _hidden(self, key):
        hidden = {None: "facilitator", "contributor": "both"}
        self.rows[key] = hidden.get(self.rows[key], self.rows[key])

    @precondition(lambda self: self.rows)
    @rule(data=st.data())
    def delete(self, data):
        key = data.draw(st.sampled_from(sorted(self.rows)))
        self.rooms.delete_drawing(self.who, self.receipts[key].id)
        self.wall.pop(self.receipts[key].id, None)
        del self.rows[key]

    @rule(is_open=st.booleans())
    def open_or_close(self, is_open):
        self.rooms.set_open(self.who, is_open)
        self.open = is_open

    @rule()
    def look(self):
        """A wall that asks only for what is new shows what is there."""
        for d in self.rooms.since(self.who.code, self.seen):
            self.wall[d.id] = d.hidden
        self.seen = self.rooms.version(self.who.code)
        expected = {self.receipts[key].id: hidden for key, hidden in self.rows.items()}
        assert self.wall == expected

    @invariant()
    def counts_are_those_of_the_model(self):
        room = self.rooms.room(self.who.code)
        assert (room.drawings, room.open) == (len(self.rows), self.open)
        shown = [key for key, hidden in self.rows.items() if hidden is None]
        counts = self.rooms.counts(self.who.code)
        assert counts == {k: sum(key[1] == k for key in shown) for k in (0, 1)}
        for who, secret in enumerate(SECRETS):
            own = [k for k, h in self.rows.items() if k[0] == who and h not in TAKEN_BACK]
            assert len(self.rooms.own(self.who.code, secret)) == len(own)


RoomHistory.TestCase.settings = settings(
    max_examples=12, stateful_step_count=25, deadline=None, print_blob=True
)
TestRoomHistory = pytest.mark.slow(RoomHistory.TestCase)
