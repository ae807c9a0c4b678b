"""The sections of the Workshop page: layout only."""

from collections.abc import Callable, Sequence
from html import escape
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import segno
import streamlit as st
from markupsafe import Markup

from pages.ui import budget, gate
from pages.ui.model_choice import choose
from pages.ui.pictures import mark_html
from pages.ui.session import Session
from pages.ui.tables import facts_html, table_html
from pages.ui.text import plain
from pages.ui.workshop import elements, files, findings, learning, service
from pages.ui.workshop.findings import share
from pages.ui.workshop.state import WorkshopState
from softmax_core import FEATURE_MAPS, from_hex
from softmax_core.errors import InputError, UnavailableError
from softmax_core.metrics import Accuracy
from softmax_core.rooms import PRESETS, STAGES, Room
from softmax_core.rooms.keys import spaced

STORED = (
    "Stored are the drawings with their class and time, a random number of the browser, and a "
    "nickname where one is given; who leads the room can delete all of it."
)
STAGE_NAMES = {"collect": "1 Collect", "train": "2 Train", "try": "3 Try"}
STAGE_WORDS = {
    "collect": "Everybody draws. What is pressed on the wall can be hidden.",
    "train": "Let it learn, then give the model to everybody.",
    "try": "Everybody draws for the model. What fooled it is framed.",
}
OWN = "own classes"
RIGHT = ("right", "95 % interval")
AGAIN = 3.0  # seconds
IN_CELL = 6  # drawings of a cell of the confusion that are shown
STYLES = Path(__file__).parent / "page.css"


def tried(act: Callable, *given: Any) -> None:
    """Does something, and keeps in words why it could not be done."""
    state, *rest = given
    state.notice = ""
    try:
        act(*rest)
    except InputError as error:
        state.notice = str(error)
    service.now().forget(state.code)


def notice(page: WorkshopState) -> None:
    """What went wrong, once."""
    with st.container():
        if page.notice:
            st.error(plain(page.notice))
            page.notice = ""


def follow_link(page: WorkshopState) -> None:
    """Joins the room that the address names, and keeps the address right."""
    code = gate.link("room").get("room", "")
    if code and code != page.code and not page.notice:
        tried(page.join, page, code)
    if page.code:
        if code != page.code:
            st.query_params["room"] = page.code
    elif code:
        del st.query_params["room"]


def welcome(page: WorkshopState) -> None:
    """Join a room, or open one."""
    if page.left:
        elements.keeper("", "", page.left)
    join, open_ = st.columns(2, gap="large")
    with join, st.form("join", border=True):
        st.subheader("Join a room")
        st.text_input("The room's code", key="workshop-code", max_chars=12, autocomplete="off")
        st.form_submit_button("Join", on_click=_join, args=(page,), type="primary")
    with open_, st.container(border=True):
        st.subheader("Open a room")
        st.text_input("Its title", "Our symbols", key="workshop-title", max_chars=80)
        st.pills(
            "Its classes", [*PRESETS, OWN], default="digits", key="workshop-preset", required=True
        )
        if gate.offered("workshop-preset", [*PRESETS, OWN]) == OWN:
            st.text_input(
                "Names, with commas between them", "cat, dog", key="workshop-classes", max_chars=600
            )
        st.button("Open the room", key="workshop-open", on_click=_open, args=(page,))
        st.caption(
            "People join by a link or its QR code, draw these classes, and the model learns from "
            f"them before their eyes. {STORED}"
        )


def _join(page: WorkshopState) -> None:
    tried(page.join, page, gate.typed("workshop-code", budget.TEXT))


def _open(page: WorkshopState) -> None:
    preset = gate.offered("workshop-preset", [*PRESETS, OWN])
    names = (
        gate.typed("workshop-classes", 10 * budget.TEXT).split(",")
        if preset == OWN
        else PRESETS[preset]
    )
    tried(
        page.open,
        page,
        gate.typed("workshop-title", 2 * budget.TEXT),
        [name.strip() for name in names],
    )


def ask_again() -> None:
    """Runs the page anew every few seconds, until it can be shown."""
    runs = count()

    @st.fragment(run_every=AGAIN)
    def again() -> None:
        if next(runs):  # the first is the page's own
            st.rerun()

    again()


def participate(page: WorkshopState) -> None:
    """The board of a participant, and the way to lead."""
    room = page.room
    elements.board(room)
    st.caption(STORED)
    kept = elements.keeper(room.code, "")
    if kept:
        tried(page.unlock, page, kept)
        st.rerun()
    left, right = st.columns(2)
    left.button("Leave the room", key="workshop-leave", on_click=leave, args=(page,))
    with right.popover("I lead this room"), st.form("unlock", border=False):
        st.text_input("The room's key", key="workshop-key", type="password", max_chars=40)
        st.form_submit_button("Lead", on_click=_unlock, args=(page,))


def _unlock(page: WorkshopState) -> None:
    tried(page.unlock, page, gate.typed("workshop-key", budget.TEXT))


def lead(page: WorkshopState) -> None:
    """The facilitator's page: the stage, how to join, the wall, and what the stage needs."""
    room = page.room
    st.html(STYLES)
    elements.keeper(room.code, page.key)
    main, side = st.columns([4, 1], gap="medium")
    with side:
        join(room)
        if page.key:
            with st.popover("Show the key", width="stretch"):
                st.code(spaced(page.key), language=None)
                st.caption("It leads this room on any device. It is not kept anywhere: note it.")
    with main:
        st.html(f'<p class="room-title">{escape(room.title)}</p>')
        with st.container(horizontal=True, vertical_alignment="center"):
            choose(
                "Stage",
                STAGES,
                room.stage,
                lambda stage: tried(service.rooms().set_stage, page, page.leads, stage),
                "workshop-stage",
                st.segmented_control,
                required=True,
                format_func=STAGE_NAMES.get,
                label_visibility="collapsed",
            )
            st.html(f'<p class="room-stage">{STAGE_WORDS[room.stage]}</p>', width="content")
        if room.stage == "train":
            train(page, room)
        wall(page)
    with st.expander("The room: close, export, import, take home, delete"):
        manage(page, room)
    st.caption(STORED)


def join(room: Room) -> None:
    """The code, and the QR code of the link; both as large as the screen where that is asked."""
    page = (st.context.url or "").split("?")[0]
    link = f"{page}?{urlencode({'room': room.code})}"
    picture = segno.make(link, error="m", micro=False).svg_data_uri(
        scale=4, border=2, dark="#000", light="#fff"
    )
    figure = (
        f'<figure class="join"><img src="{picture}" alt="The QR code of the link to join">'
        f"<figcaption>{spaced(room.code)}</figcaption><p>{escape(page.split('//')[-1])}</p></figure>"
    )
    st.html(figure)
    if st.button("Show it large", key="workshop-large", width="stretch"):
        st.dialog("Join the room", width="large")(lambda: st.html(figure))()
    with st.popover("The link", width="stretch"):
        st.code(link, language=None, wrap_lines=True)


def wall(page: WorkshopState) -> None:
    """The wall, which follows the room by itself."""

    @st.fragment
    def follow() -> None:
        page.beat += 1
        try:
            room = page.room
            page.seen = room, service.wall(room.code, room.version, page.leads)
        except InputError as error:
            st.error(plain(str(error)))
        if page.seen is None:
            return
        room, about = page.seen
        if room.stage == "try":
            tried_by_all(room)
        elements.wall(
            about,
            beat=page.beat,
            version=(room.code, room.version),
            leads=True,
            on_beat=lambda: None,
            on_act=page.act,
        )
        if (room.stage, room.open) != laid_out:
            st.rerun()

    room = page.room
    laid_out = room.stage, room.open
    follow()


def train(page: WorkshopState, room: Room) -> None:
    """Learn from what the room has drawn, step by step, and give the model to everybody."""
    run = learning.classroom().of(room.code)
    done = run is not None and run.done
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Features φ", FEATURE_MAPS, key="workshop-features", width=200)
        if learning.can_have_digits_beside(room.classes):
            st.toggle("with the shipped digits beside them", key="workshop-beside")
        st.button("Learn", key="workshop-learn", type="primary", on_click=_learn, args=(page,))
        if done:
            st.button(
                "Give this model to everybody, and try it",
                key="workshop-give",
                type="primary",
                on_click=_give,
                args=(page, run),
            )

    @st.fragment
    def follow() -> None:
        now = learning.classroom().of(room.code)
        elements.learning(
            learning.frame(now),
            lambda epoch: learning.classroom().advance(room.code, epoch),
        )
        if now is not None and now.done and not done:
            st.rerun()

    follow()


def _learn(page: WorkshopState) -> None:
    features = gate.offered("workshop-features", tuple(FEATURE_MAPS)) or "pixels"
    beside = gate.offered("workshop-beside", (True, False)) or False
    tried(learning.classroom().begin, page, page.code, features, beside)


def _give(page: WorkshopState, run: learning.Learning) -> None:
    def give() -> None:
        service.rooms().store_model(page.leads, files.npz(run.model), run.about)
        service.rooms().set_stage(page.leads, "try")

    tried(give, page)


def tried_by_all(room: Room) -> None:
    """How the model does on new drawings, whom it fails, and why that differs."""
    try:
        found = findings.findings(room.code, room.version)
    except UnavailableError:  # the wall says so
        return
    if service.model(room.code, room.version) is None:
        st.info("There is no model to try yet: let it learn in stage 2, and give it to everybody.")
        return
    st.html(
        facts_html(
            {
                "right on people it has not seen": _share(found.learned.held_out),
                "right on new drawings, in this stage": _share(found.tried),
            }
        )
    )
    with st.expander("Why these differ: by number of drawings, by person, by class"):
        words = "".join(f"<li>{escape(each)}</li>" for each in findings.why(found, room.classes))
        st.html(f'<ul class="why">{words}</ul>')
        left, right = st.columns(2, gap="large")
        if found.learned.curve:
            rows = [[f"{n:,}", *_cells(value)] for n, value in found.learned.curve]
            caption = "On people held out, by the number of drawings that it learned from"
            left.html(table_html(["drawings", *RIGHT], rows, caption=caption))
        if found.by_person:
            rows = [[name, *_cells(value)] for name, value in found.by_person]
            caption = "On new drawings, by who drew them"
            right.html(table_html(["who", *RIGHT], rows, caption=caption))
        if found.cells:
            st.html(_confusion(found, room.classes))


def _confusion(found: findings.Findings, classes: Sequence[str]) -> str:
    """A row for each class, a column for each answer; in the cells what was drawn."""

    def cell(label: int, said: int) -> str:
        grids = found.cells.get((label, said), [])
        marks = "".join(mark_html(from_hex(grid)) for grid in grids[-IN_CELL:])
        return Markup(f"{len(grids)}<br>{marks}") if grids else ""

    every = range(len(classes))
    rows = [[classes[k], *(cell(k, said) for said in every)] for k in every]
    caption = f"New drawings: what was meant, by what it said; the {IN_CELL} newest of each"
    return table_html(["", *classes], rows, caption=caption, kind="confusion")


def _cells(found: Accuracy) -> tuple[str, str]:
    return f"{found.correct} of {found.total}", f"{share(found.low)} to {share(found.high)}"


def _share(found: Accuracy | None) -> str:
    if found is None:
        return "not known yet"
    right = f"{found.correct} of {found.total}, {share(found.value)}"
    return f"{right} (95 % interval {share(found.low)} to {share(found.high)})"


def manage(page: WorkshopState, room: Room) -> None:
    """Key, closing, files, the model to take home, the end of the room."""
    rooms = service.rooms()
    with st.container(horizontal=True):
        st.button(
            "Close the room" if room.open else "Open it again",
            key="workshop-close",
            on_click=tried,
            args=(rooms.set_open, page, page.leads, not room.open),
        )
        st.download_button(
            "Grids (CSV)",
            lambda: files.grids_csv(page.leads),
            f"room-{room.code}.csv",
            on_click="ignore",
        )
        st.download_button(
            "Strokes (NDJSON)",
            lambda: files.strokes_ndjson(page.leads),
            f"room-{room.code}.ndjson",
            on_click="ignore",
        )
        st.button("Leave the room", key="workshop-leave", on_click=leave, args=(page,))
    stored = service.model(room.code, room.version)
    if stored is not None:
        model = files.model_of(stored)
        with st.container(horizontal=True):
            st.download_button("The model (NPZ)", stored.weights, f"room-{room.code}.npz")
            st.download_button(
                "The model as a page (HTML)",
                lambda: files.html(model, room.title),
                f"room-{room.code}.html",
                on_click="ignore",
            )
    st.file_uploader(
        "Import drawings (NDJSON)", "ndjson", key="workshop-file", on_change=_import, args=(page,)
    )
    with st.popover("Delete the room"):
        st.write("All its drawings and models are removed for good.")
        st.button("Delete everything", key="workshop-delete", on_click=_delete, args=(page,))


def _import(page: WorkshopState) -> None:
    def take_in() -> None:
        sent = gate.upload("workshop-file", budget.ROOM_FILE)
        if sent is not None:
            new, old = files.take_in(page.leads, page.room, sent.file.read())
            st.toast(f"{new:,} new drawings, {old:,} were there already")

    tried(take_in, page)


def _delete(page: WorkshopState) -> None:
    tried(service.rooms().delete_room, page, page.leads)
    if not page.notice:
        leave(page)


def leave(page: WorkshopState) -> None:
    """Out of the room, and its code out of the address."""
    page.leave()
    if "room" in st.query_params:
        del st.query_params["room"]


def take_home(page: WorkshopState, session: Session) -> None:
    """The room's model for whoever takes part: on the other pages, and as a file."""
    room = page.room
    stored = service.model(room.code, room.version)
    if stored is None:
        return
    model = files.model_of(stored)
    with st.expander("Take the model home"), st.container(horizontal=True):
        st.download_button(
            "As a page that needs no network (HTML)",
            lambda: files.html(model, room.title),
            f"{room.code}.html",
            on_click="ignore",
        )
        st.download_button("The weights (NPZ)", stored.weights, f"{room.code}.npz")
        st.button(
            "Use it on the other pages",
            key="workshop-use",
            on_click=lambda: session.keep(f"room {room.code}", model),
        )
