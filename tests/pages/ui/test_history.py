"""Undo and redo against the plainest model: two lists."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from pages.ui.history import MOST, History
from pages.ui.session import Session
from pages.ui.strokes import drawing_of, steps_of
from softmax_core import from_hex
from tests.drawings import picture

PICTURE = picture([[(10.0, 10.0), (60.0, 90.0)]])
GRIDS = [from_hex("ff03060c18181818"), from_hex("0018181818181800")]
PLACES = st.integers(-100, 420).map(float)


class UndoOfAnything(RuleBasedStateMachine):
    """What a visitor does on Draw; `shown` and `undone` are what they expect."""

    def __init__(self):
        super().__init__()
        self.state = Session()
        self.shown, self.undone = [self.state.input], []
        self.versions = {}

    def did(self):
        if self.state.input != self.shown[-1]:
            self.shown.append(self.state.input)
            self.undone = []

    @rule(x=st.integers(0, 320), y=st.integers(0, 320))
    def draw_a_stroke(self, x, y):
        self.state.draw((*self.state.strokes, ((float(x), float(y)), (160.0, 160.0))))
        self.did()

    @rule(corners=st.lists(st.tuples(PLACES, PLACES), min_size=2, max_size=6))
    def draw_a_stroke_that_leaves_the_canvas(self, corners):
        stroke = ((160.0, 160.0), *corners)
        self.state.draw(*steps_of(drawing_of((*self.state.strokes, stroke))))
        self.did()

    @rule(which=st.sampled_from(GRIDS))
    def switch_cells(self, which):
        self.state.edit(which)
        self.did()

    @rule()
    def back_to_the_drawing(self):
        self.state.edit(None)
        self.did()

    @rule(length=st.integers(0, 3))
    def sample_or_clear(self, length):
        self.state.show(tuple(((10.0 * n, 0.0), (0.0, 10.0)) for n in range(length)))
        self.did()

    @rule()
    def upload(self):
        self.state.take_picture(PICTURE)
        self.did()

    @rule()
    def undo(self):
        self.state.undo()
        if len(self.shown) > 1:
            self.undone.append(self.shown.pop())

    @rule()
    def redo(self):
        self.state.redo()
        if self.undone:
            self.shown.append(self.undone.pop())

    @invariant()
    def the_page_shows_what_is_expected(self):
        assert self.state.input == self.shown[-1]
        assert bool(self.state.history.future) == bool(self.undone)

    @invariant()
    def a_canvas_only_gains_strokes(self):
        """Where strokes go, a canvas of another version begins."""
        strokes = self.state.strokes
        seen = self.versions.get(self.state.canvas_version, strokes)
        assert strokes[: len(seen)] == seen
        self.versions[self.state.canvas_version] = strokes


TestUndoOfAnything = UndoOfAnything.TestCase


def test_what_is_long_ago_is_forgotten():
    history = History(0)
    for n in range(1, MOST + 50):
        history = history.then(n)
    assert len(history.past) == MOST
    assert history.past[0] == 49
