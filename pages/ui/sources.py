"""Where a drawing can come from besides the canvas: a picture, or a digit of the test set."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui import budget, gate
from pages.ui.session import CANVAS, Session
from pages.ui.strokes import Strokes, rounded
from softmax_core import load_dataset, read_picture, trajectory_strokes
from softmax_core.errors import InputError

PICTURES = ("png", "jpg", "jpeg", "webp")


@st.cache_resource(show_spinner=False)
def samples() -> list[Strokes]:
    """One digit of each class, by a writer that no model has seen, as strokes on the canvas."""
    test = load_dataset("pen").test
    tenth = [np.flatnonzero(test.labels == label)[9] for label in np.unique(test.labels)]
    paths = test.trajectories[tenth]
    return [rounded(map(_on_canvas, trajectory_strokes(path))) for path in paths]


def _on_canvas(stroke: NDArray) -> list[list[float]]:
    """Recorded points, x 0..100 and y −100..0, on the middle three fifths of the canvas."""
    return (CANVAS * (0.2 + 0.6 * (stroke / 100 + (0, 1)))).tolist()


def next_sample(state: Session) -> None:
    """Puts the next sample on the canvas."""
    state.show(samples()[state.sample % len(samples())])
    state.sample += 1


def picture_upload(state: Session) -> None:
    """A picture in place of a drawing; what can't be read is explained on the page."""
    key = f"upload-{state.canvas_version}"

    def take() -> None:
        try:
            sent = gate.upload(key, budget.PICTURE_FILE)
            if sent:
                state.take_picture(read_picture(sent.file))
        except InputError as error:
            state.notice = f"The picture can't be used: {error}"

    st.file_uploader(
        "A picture of one digit, dark on light or light on dark",
        type=PICTURES,
        key=key,
        on_change=take,
    )
