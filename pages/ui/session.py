"""What one visitor has: the drawing, the models, and the set-up that every page calls first."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st
from PIL.Image import Image
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import Page
from threadpoolctl import threadpool_limits

from pages.ui.strokes import Stroke
from softmax_core import MODELS, SoftmaxModel, load_model, prepare
from softmax_core.drawing import Prepared
from softmax_core.errors import InputError
from softmax_core.explain import extent_of
from softmax_core.grids import Grid, from_hex, to_hex

PAGES = ("draw", "train", "weights", "gradient", "evaluate")  # in the order of the navigation

DEFAULT_MODEL = "pairs"

CANVAS = 320  # pixels a side: a phone of 390 px shows it whole

ASSETS = Path(__file__).parents[2] / "assets"

shipped_model = st.cache_resource(show_spinner=False)(load_model)


@dataclass
class Session:
    """Everything that outlives a page: exactly one of these is in `st.session_state`.

    The input is a drawing (`strokes`) or a `picture`; `edited` is a grid that a visitor made
    by switching cells, or that came with a link, and it goes before both.
    """

    strokes: list[Stroke] = field(default_factory=list)
    picture: Image | None = None
    edited: Grid | None = None
    model_name: str = DEFAULT_MODEL
    trained: dict[str, SoftmaxModel] = field(default_factory=dict)
    sample: int = 0  # which sample comes next
    canvas_version: int = 0
    canvas_start: list[Stroke] = field(default_factory=list)  # what the canvas started with
    link: dict[str, str] = field(default_factory=dict)  # what the address bar says
    notice: str = ""  # what went wrong, to be shown once
    has_navigation: bool = False
    pages: dict[str, Any] = field(default_factory=dict)  # what single pages keep, by page name

    @property
    def model_names(self) -> tuple[str, ...]:
        """The shipped models, then those that were trained in this session."""
        return (*MODELS, *self.trained)

    @property
    def model(self) -> SoftmaxModel:
        """The model of the Draw page's choice."""
        return self.model_of(self.model_name)

    def model_of(self, name: str) -> SoftmaxModel:
        return self.trained[name] if name in self.trained else shipped_model(name)

    def prepared(self) -> Prepared:
        """The drawing or picture through the model's own preparation, every station of it."""
        source = self.strokes if self.picture is None else self.picture
        return prepare(source, self.model.preparation)

    @property
    def grid(self) -> Grid:
        """The grid that the model reads: all false while there is nothing to classify."""
        return self.prepared().grid if self.edited is None else self.edited

    @property
    def extent(self) -> float:
        """The size of the drawing as a share of the canvas; 1 where something else is read."""
        if self.strokes and self.edited is None:
            return extent_of(self.strokes, CANVAS)
        return 1.0

    def draw(self, strokes: list[Stroke]) -> None:
        """Takes a drawing that the canvas shows already."""
        self.strokes, self.picture, self.edited, self.notice = strokes, None, None, ""

    def show(self, strokes: list[Stroke]) -> None:
        """Takes a drawing and puts it on a fresh canvas; no strokes clear it."""
        self.draw(strokes)
        self.canvas_version += 1

    def take_picture(self, picture: Image) -> None:
        """Takes a picture in place of a drawing."""
        self.show([])
        self.picture = picture

    def edit(self, grid: Grid | None) -> None:
        """Takes a grid in place of the drawing's; None goes back to the drawing."""
        self.edited, self.notice = grid, ""


def session() -> Session:
    """The visitor's session, made at first use."""
    if "session" not in st.session_state:
        st.session_state["session"] = Session()
    return st.session_state["session"]


def dark() -> bool:
    """Whether the browser shows the dark theme."""
    return st.context.theme.type == "dark"


def navigation() -> Page:
    """Page config and navigation; the returned page is the one that the address names."""
    icon = str(ASSETS / "icon.png")
    st.set_page_config(page_title="Softmax regression", page_icon=icon, layout="wide")
    folder = Path(__file__).parents[1]
    pages = [
        st.Page(folder / f"{name}.py", title=name.capitalize(), url_path=name, default=not order)
        for order, name in enumerate(PAGES)
        if (folder / f"{name}.py").exists()
    ]
    session().has_navigation = True
    return st.navigation(pages, position="top")


@st.cache_resource(show_spinner=False)
def one_blas_thread() -> None:
    """Small matrices are slower with two BLAS threads, which also fight with other visitors'."""
    threadpool_limits(1, user_api="blas")


def set_up(title: str) -> Session:
    """What each page calls first; it may be called again. Returns the visitor's session.

    On a fresh server a link to a page runs the page's file without `app.py`: the navigation is
    then made here, and every later run goes through `app.py`.
    """
    state = session()
    if not state.has_navigation:
        navigation()
    one_blas_thread()
    st.html(ASSETS / "style.css")
    st.title(title)
    return state


def below(name: str, **options) -> DeltaGenerator:
    """A container that the browser need not lay out until it is scrolled to."""
    return st.container(key=f"below-{name}", **options)


def follow_link(state: Session) -> None:
    """Takes grid and model from the address, unless the page itself wrote them there."""
    link = {key: st.query_params[key] for key in ("grid", "model") if key in st.query_params}
    if link == state.link:
        return
    state.link = link
    wrong = []
    try:
        if "grid" in link:
            state.show([])
            state.edit(from_hex(link["grid"]))
    except InputError as error:
        wrong.append(f"The link has no grid that can be restored: {error}.")
    name = link.get("model", state.model_name)
    if name in state.model_names:
        state.model_name = name
    else:
        there = ", ".join(state.model_names)
        wrong.append(f"The link asks for a model {name[:40]!r}; there are {there}.")
    state.notice = " ".join(wrong)


def write_link(state: Session, grid: Grid) -> None:
    """Makes the address in the browser one that restores this grid and the chosen model."""
    link = {"grid": to_hex(grid), "model": state.model_name}
    if not grid.any():
        del link["grid"]
    if link != state.link:
        st.query_params.from_dict(link)
        state.link = link
