"""What stands below the row: what was done to the drawing, what it looks like, and why."""

from collections.abc import Callable
from html import escape
from pathlib import Path

import numpy as np
import streamlit as st

from pages.ui import gate
from pages.ui.draw.reading import NEAREST, Near, Reading
from pages.ui.pictures import bitmap_html, counts_html, evidence_html, grid_text, step_html
from pages.ui.session import Session
from pages.ui.strokes import CANVAS, PEN
from softmax_core.drawing import preparation_of
from softmax_core.explain import scale_of

KEY = "more"

component = st.components.v2.component(
    KEY,
    html='<div class="more"></div>',
    js=(Path(__file__).parent / "more.js").read_text("utf-8"),
    isolate_styles=False,
)


def sections(state: Session, reading: Reading) -> None:
    """Shows the sections; one that is shut is not made and not sent."""

    def take() -> None:
        act, _, name = (gate.text(KEY, "act") or "").partition(" ")
        if act in ("everything", "digit"):
            state.read(act == "everything")
        elif name in SECTIONS and act == "open":
            state.shut = state.shut - {name}
        elif name in SECTIONS and act == "shut":
            state.shut = state.shut | {name}

    shown = tuple(
        {
            "name": name,
            "title": title(reading),
            "open": name not in state.shut,
            "html": "" if name in state.shut else content(reading),
        }
        for name, (title, content) in SECTIONS.items()
    )
    component(key=KEY, data={"sections": shown}, on_act_change=take)


def done(reading: Reading) -> str:
    """The drawing before and after, and one sentence about what happened in between."""
    if not reading.grid.any() and not reading.state.strokes:
        return "<p>Here you will see your drawing before and after.</p>"
    if not reading.state.strokes and reading.state.picture is None:
        return "<p>Nothing: there is no drawing, the grid came as it is.</p>"
    prepared = reading.prepared
    before = _drawing(reading) if reading.state.strokes else ""
    after = bitmap_html(prepared.bitmap, "After: 32×32")
    counted = counts_html(prepared.counts, 16, "Inked of 16")
    edited = reading.state.edited is not None
    more = " The grid above was then changed by hand." if edited else ""
    return (
        f"<p>{escape(what_was_done(reading) + more)}</p>"
        f'<div class="stations">{before}{after}{counted}</div>'
        f'<p class="choice">{_left_out(reading)}</p>'
    )


def _left_out(reading: Reading) -> str:
    """What was taken for other ink, and the way to have it read."""
    if reading.state.input.everything:
        return _choice(
            "All ink is read, whether it belongs to the digit or not.", "digit", "Tidy up"
        )
    number = len(reading.prepared.left_out)
    if not number:
        return ""
    said = "One piece of ink is" if number == 1 else f"{number} pieces of ink are"
    return _choice(f"{said} left out, as not the digit’s (dashed).", "everything", "Read all of it")


def _choice(said: str, act: str, label: str) -> str:
    return f'{said} <button data-act="{act}">{label}</button>'


def what_was_done(reading: Reading) -> str:
    """One sentence, as the model's preparation has it."""
    how = preparation_of(reading.state.model.preparation)
    steps = ["moved to the middle", "stretched to fill the frame" if how.stretch else "enlarged"]
    if how.deskew:
        steps.insert(0, "slant evened out where there is one")
    steps += ["redrawn with one pen for all"]
    return (
        f"{', '.join(steps).capitalize()}: as in training. A cell of the grid is on if at least "
        f"{how.threshold} of its 16 pixels are."
    )


def _drawing(reading: Reading) -> str:
    """The strokes as they are on the canvas; what was left out is framed."""
    state = reading.state
    frames = "".join(
        f'<rect x="{x - PEN:g}" y="{y - PEN:g}" width="{right - x + 2 * PEN:g}" '
        f'height="{bottom - y + 2 * PEN:g}"/>'
        for (x, y), (right, bottom) in reading.prepared.left_out.tolist()
    )
    lines = "".join(
        f'<polyline points="{" ".join(f"{x:g},{y:g}" for x, y in (*stroke, stroke[-1]))}"/>'
        for stroke in state.strokes
    )
    pen = f'stroke="currentColor" stroke-width="{PEN}" stroke-linecap="round"'
    return (
        f'<figure class="picture">{step_html("Before")}<div class="frame" role="img" '
        f'aria-label="your drawing, {len(state.strokes)} strokes">'
        f'<svg viewBox="0 0 {CANVAS} {CANVAS}"><g fill="none" {pen} stroke-linejoin="round">'
        f'{lines}</g><g class="out" stroke-width="5">{frames}</g></svg></div></figure>'
    )


def nearest(reading: Reading) -> str:
    """The training digits that differ least."""
    if not reading.grid.any() or reading.refused:
        return "<p>The training digits that come closest, once there is a drawing.</p>"
    if not reading.near:
        return "<p>The digits that this model has learned from are not at hand.</p>"
    pictures = "".join(_near(reading.grid, near) for near in reading.near[:NEAREST])
    return (
        "<p>The training digits that differ in the fewest of the 64 pixels: only the digit has "
        "the orange ones, only your grid the blue ones.</p>"
        f'<div class="near">{pictures}</div>'
    )


def _near(grid: np.ndarray, near: Near) -> str:
    kinds = np.where(near.grid, np.where(grid, "same", "missing"), np.where(grid, "added", ""))
    marks = {"same": 'class="ink" style="--share:100%"', "": ""}
    cells = "".join(f"<i {marks.get(k, f'class={k!r}')}></i>" for k in kinds.ravel().tolist())
    pixels = "pixel differs" if near.distance == 1 else "pixels differ"
    return (
        f'<figure><div class="cells" role="img" aria-label="a {escape(near.label)}. '
        f'{grid_text(near.grid)}">{cells}</div><figcaption><b>{escape(near.label)}</b><br>'
        f"{near.distance} {pixels}</figcaption></figure>"
    )


def why(reading: Reading) -> str:
    """The evidence for the class, and against the one that a person would think of next."""
    if not reading.answer.has_class:
        return "<p>The evidence for each class, once there is an answer.</p>"
    classes, best = reading.answer.classes, reading.answer.best
    rival = reading.rival
    here = reading.evidence[best]
    contrast = here - reading.evidence[rival]
    scale = scale_of(here, contrast)
    pictures = "".join(
        evidence_html(*each, start="average digit")
        for each in (
            (here, scale, f"For {classes[best]}"),
            (contrast, scale, f"{classes[best]} rather than {classes[rival]}"),
        )
    )
    return (
        "<p>What sets your grid apart from the average training digit: orange cells speak for "
        f"the class, blue ones against. The numbers run from the average digit’s score, by rows, "
        f"to your drawing’s: the sum is exact.</p>"
        f'<div class="reasons">{pictures}</div>'
    )


def _why_title(reading: Reading) -> str:
    found = reading.answer
    if not found.has_class or "why" in reading.state.shut:
        return f"Why {found.label}" if found.has_class else "Why"
    return f"Why {found.label}, and not {found.classes[reading.rival]}"


# What can be opened, in the order of the page: its title, and what it holds.
SECTIONS: dict[str, tuple[Callable[[Reading], str], Callable[[Reading], str]]] = {
    "done": (lambda reading: "What was done to the drawing", done),
    "nearest": (lambda reading: "What it looks like to the model", nearest),
    "why": (_why_title, why),
}
