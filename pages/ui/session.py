"""What one visitor has: the drawing, the models, and what single pages keep."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from secrets import token_hex
from typing import Any

import streamlit as st
from PIL.Image import Image

from pages.ui import budget
from pages.ui.history import History
from pages.ui.purse import Purse
from pages.ui.strokes import CANVAS, Strokes
from softmax_core import MODELS, SoftmaxModel, from_hex, load_model, prepare, to_hex
from softmax_core.drawing import Prepared
from softmax_core.errors import FileError
from softmax_core.explain import Answer, answer, extent_of
from softmax_core.grids import Grid
from softmax_core.neighbours import Known

DEFAULT_MODEL = "shapes"  # the best on hands and sites that no training saw

AT_ONCE = 20  # strokes that may come together, as steps of their own: the server was slow


@cache  # asked for several times a stroke: Streamlit's own takes 0.1 ms each time
def shipped_model(name: str) -> SoftmaxModel:
    """One of `MODELS`: a page reads no other path. Raises `FileError` for others."""
    if name not in MODELS:
        raise FileError(f"there is no such model; the shipped ones are {', '.join(MODELS)}")
    return load_model(name)


def known_of(model: SoftmaxModel) -> Known | None:
    """The training digits that drawings are compared with: those that the model carries, else
    those of the shipped ones, if they tell the same classes apart."""
    shipped = shipped_model(MODELS[0])
    same = (model.classes, model.preparation) == (shipped.classes, shipped.preparation)
    return shipped.known if model.known is None and same else model.known


@dataclass(frozen=True)
class Input:
    """What there is to classify: `strokes`, or a `picture` in their place.

    `edited` is the code of a grid that a visitor made by switching cells, or that came with a
    link; it goes before both. With `everything`, ink that is not the digit's is read too.
    """

    strokes: Strokes = ()
    picture: Image | None = None
    edited: str | None = None
    everything: bool = False


NOTHING = Input()


@dataclass
class Session:
    """Everything that outlives a page: exactly one of these is in `st.session_state`."""

    history: History[Input] = field(default_factory=lambda: History(NOTHING))
    model_name: str = DEFAULT_MODEL
    trained: dict[str, SoftmaxModel] = field(default_factory=dict)
    last: tuple[Any, Any] = (None, None)  # what was prepared last, and of what
    titles: dict[str, tuple[SoftmaxModel, str]] = field(default_factory=dict)  # by name
    sample: int = 0  # which sample comes next
    canvas_version: int = 0
    canvas_start: Strokes = ()  # what the canvas started with
    canvas_stays: bool = False  # the browser shows it already, from a session before this one
    link: str = ""  # marks the link that was followed last
    notice: str = ""  # what went wrong, shown until the next step or the next page
    title: str = ""  # of the page that is shown
    presses: int = 0  # of Draw's own buttons, so that each has an answer
    switched: int = 0  # which press of a cell, as the browser counts them, came last
    shares: int = 0  # links that were asked for
    sharing: bool = False  # whether one is asked for now
    shut: frozenset[str] = frozenset({"why"})  # sections of the Draw page that are not shown
    controls: dict[str, tuple[int, Any]] = field(default_factory=dict)  # see model_choice.py
    has_navigation: bool = False
    projector: bool = False  # the view for a projector: large type, no chrome
    pages: dict[str, Any] = field(default_factory=dict)  # what single pages keep, by page name
    token: str = field(default_factory=token_hex)  # tells the browser one session from another
    runs: int = 0  # of whole pages
    cpu: Purse = field(default_factory=lambda: Purse(budget.CPU_BURST, budget.CPU))  # seconds
    heard: bool = False  # whether the browser has said what it kept of an earlier session
    leaves: dict[str, Callable[[], str]] = field(default_factory=dict)  # what pages leave, by name
    left: dict[str, str] = field(default_factory=dict)  # what pages of that session left, by name

    @property
    def input(self) -> Input:
        return self.history.present

    @property
    def strokes(self) -> Strokes:
        return self.input.strokes

    @property
    def picture(self) -> Image | None:
        return self.input.picture

    @property
    def shows_picture(self) -> bool:
        """Whether the answer is that to a picture, not to a grid made of it by hand."""
        return self.picture is not None and self.edited is None

    @property
    def edited(self) -> Grid | None:
        """The grid that goes before the drawing's own."""
        return None if self.input.edited is None else from_hex(self.input.edited)

    @property
    def model_names(self) -> tuple[str, ...]:
        """The shipped models, then those that were trained in this session."""
        return (*MODELS, *self.trained)

    @property
    def model(self) -> SoftmaxModel:
        """The model of the Draw page's choice."""
        return self.model_of(self.model_name)

    @property
    def blank(self) -> bool:
        """Whether nothing was made in it: no drawing, no model, no page with a state of its own."""
        own = (self.strokes, self.picture is not None, self.edited is not None, self.trained)
        return not any((*own, self.pages))

    def model_of(self, name: str) -> SoftmaxModel:
        return self.trained[name] if name in self.trained else shipped_model(name)

    def keep(self, name: str, model: SoftmaxModel) -> str:
        """Makes a model one of the session's, and says under which name.

        One of the same name is replaced, but never a shipped one. Where there are too many, the
        one that was kept longest goes, unless the Draw page reads drawings with it.
        """
        name = f"{name} (own)" if name in MODELS else name[: budget.NAME]
        self.trained.pop(name, None)
        self.trained[name] = model
        spare = [old for old in self.trained if old not in (self.model_name, name)]
        for old in spare[: max(0, len(self.trained) - budget.MODELS)]:
            del self.trained[old]
        return name

    def prepared(self, preparation: str | None = None) -> Prepared:
        """The drawing or picture through a preparation, the model's own, every station of it."""
        source = self.strokes if self.picture is None else self.picture
        made_of = source, preparation or self.model.preparation, self.input.everything
        if self.last[0] is None or self.last[0][0] is not source or self.last[0] != made_of:
            self.last = made_of, prepare(source, made_of[1], everything=made_of[2])
        return self.last[1]

    @property
    def grid(self) -> Grid:
        """The grid that the model reads: all false while there is nothing to classify."""
        return self.prepared().grid if self.edited is None else self.edited

    def answer_of(self, model: SoftmaxModel, prepared: Prepared | None = None) -> Answer:
        """What a model says to what is drawn, which may have been prepared for it already."""
        if model.known is None:
            model = replace(model, known=known_of(model))
        if self.edited is not None:
            return answer(model, self.edited, self.extent)
        return answer(model, prepared or self.prepared(model.preparation), self.extent)

    @property
    def extent(self) -> float:
        """The size of the drawing as a share of the canvas; 1 where something else is read."""
        if self.strokes and self.edited is None:
            return extent_of(self.strokes, CANVAS)
        return 1.0

    def take(self, what: Input) -> None:
        """Takes a new input, and puts its strokes on the canvas."""
        self._go(self.history.then(what))

    def draw(self, *steps: Strokes) -> None:
        """Takes a drawing that the canvas shows already, as it came about: what follows the one
        that there is are steps of their own."""
        here = self.strokes
        same = (n for n, step in enumerate(steps) if len(step) == len(here) and step == here)
        more = steps[next(same, len(steps) - 2) + 1 :]
        for strokes in more if len(more) <= AT_ONCE else more[-1:]:
            now = Input(strokes, everything=self.input.everything)
            self.history = self.history.then(now)
        self.notice = ""

    def show(self, strokes: Strokes) -> None:
        """Takes a drawing and puts it on the canvas; no strokes clear it."""
        self.take(Input(strokes))

    def take_picture(self, picture: Image) -> None:
        """Takes a picture in place of a drawing."""
        self.take(Input(picture=picture))

    def crop(self, box: tuple[int, int, int, int]) -> None:
        """Takes a part of the picture in place of the whole, if it is one."""
        left, top, right, bottom = box
        width, height = self.picture.size if self.picture else (0, 0)
        if left < right <= width and top < bottom <= height:
            self.take_picture(self.picture.crop(box))

    def edit(self, grid: Grid | None) -> None:
        """Takes a grid in place of the drawing's; None goes back to the drawing."""
        edited = None if grid is None else to_hex(grid)
        self.take(replace(self.input, edited=edited))

    def recall(self, earlier: Input) -> None:
        """Takes what an earlier session had, beneath what has been done in this one: what was
        said of that is still true."""
        self._go(self.history.begun_with(earlier), self.notice)

    def read(self, everything: bool) -> None:
        """Whether ink that is not the digit's is read too."""
        self.take(replace(self.input, everything=everything))

    def undo(self) -> None:
        """One step back of anything: a stroke, a cell, a sample, a picture, a clear, a link."""
        self._go(self.history.undo())

    def redo(self) -> None:
        self._go(self.history.redo())

    def _go(self, history: History[Input], notice: str = "") -> None:
        """Where other strokes are to be seen, a fresh canvas starts with them."""
        if history.present.strokes != self.strokes:
            self.canvas_version += 1
        self.history, self.notice = history, notice


def session() -> Session:
    """The visitor's session, made at first use."""
    if "session" not in st.session_state:
        st.session_state["session"] = Session()
    return st.session_state["session"]
