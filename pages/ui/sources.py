"""Where a drawing can come from besides the canvas: a picture, or a digit of the test set."""

from threading import Lock

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui import budget
from pages.ui.session import Session
from pages.ui.strokes import CANVAS, Strokes, rounded
from softmax_core import load_dataset, prepare, read_picture, trajectory_strokes
from softmax_core.errors import DrawingError
from softmax_core.picture_files import AS_JPEG, HEIC

BEGINNING = 12  # bytes of a file that a browser can't show, in tools.js
decoding = Lock()  # one picture at a time: memory does not grow with the visitors


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


def take_picture(state: Session, content: bytes) -> None:
    """A picture in place of a drawing: the JPEG that the browser has made of it, or, where it
    can't show the file, the beginning of that. Raises `InputError` where nothing is found in it.
    """
    if len(content) <= BEGINNING:
        heic = f"can't show a HEIC picture: {AS_JPEG}"
        why = heic if content[8:12] in HEIC else "can't show it; PNG, JPEG and WebP it can"
        raise DrawingError(f"this browser {why}")
    with decoding:
        picture = read_picture(content, budget.PICTURE_PIXELS, ("JPEG",))
    if not prepare(picture, state.model.preparation).grid.any():
        raise DrawingError("nothing is drawn in it: light, shadow and lines of the paper aside")
    state.take_picture(picture)
