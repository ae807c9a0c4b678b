"""The row that everything is about: the 8×8 grid, the class, and the bars of all classes."""

from html import escape
from pathlib import Path

import streamlit as st

from pages.ui import gate
from pages.ui.draw.reading import Reading
from pages.ui.model_names import title_of
from pages.ui.pictures import answer_html, bars_html
from pages.ui.session import Session
from pages.ui.text import flip_sentence
from softmax_core.errors import InputError
from softmax_core.grids import from_hex, to_hex

HERE = Path(__file__).parent
KEY = "chain"

component = st.components.v2.component(
    KEY,
    html="""
<div class="chain">
  <section class="seen">
    <p class="step"><b>The grid</b><span>: press a cell</span></p>
    <div class="grid" role="group" aria-label="The 8 by 8 grid; a switch is a pixel. Arrow keys and
      space: a digit can be drawn without a mouse"></div>
  </section>
  <p class="note"></p>
  <section class="says"></section>
  <section class="odds"></section>
  <label class="model">Model <select></select></label>
</div>
""",
    css=(HERE / "parts.css").read_text("utf-8"),
    js=(HERE / "chain.js").read_text("utf-8"),
    isolate_styles=False,
)


def chain(state: Session, reading: Reading) -> None:
    """Shows the grid and the answer; a switched cell makes it the session's edited grid."""

    def take() -> None:
        code, _, serial = (gate.text(KEY, "grid") or "").partition(" ")
        state.switched = int(serial) if serial.isdecimal() else 0
        try:
            state.edit(from_hex(code))
        except InputError as error:
            state.notice = str(error)

    def choose() -> None:
        name = gate.text(KEY, "model")
        if name in state.model_names:
            state.model_name = name

    found, flips = reading.answer, reading.flips
    says, note = answer_html(found, len(state.strokes), state.shows_picture), ""
    if reading.refused:
        says = _refused(reading.refused, len(state.strokes))
    elif found.has_class:
        question = "Which single pixel changes the answer?"
        note = f"<b>{question}</b> {escape(flip_sentence(flips, found.classes, found.label))}"
    component(
        key=KEY,
        data={
            "serial": state.switched,
            "grid": to_hex(reading.grid),
            "marked": flips[0].index if flips else None,
            "says": says,
            "odds": bars_html(found),
            "note": note,
            "models": _titles(state),
            "model": state.model_name,
        },
        on_grid_change=take,
        on_model_change=choose,
    )


def _titles(state: Session) -> tuple[tuple[str, str], ...]:
    """The name and the title of every model; measured once, since a stroke is to be quick."""
    known = state.titles
    for name in state.model_names:
        model = state.model_of(name)
        if name not in known or known[name][0] is not model:
            known[name] = model, title_of(state, name)
    return tuple((name, known[name][1]) for name in state.model_names)


def _refused(why: str, strokes: int) -> str:
    return (
        f'<div id="answer" class="answer" role="alert" data-class="" data-strokes="{strokes}" '
        f'data-verdict="refused"><div class="class">?</div>'
        f'<p class="remark">{escape(why)}</p></div>'
    )
