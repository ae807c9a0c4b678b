"""A link to the Draw page: what it restores, and how it is made.

It holds the strokes, a grid where cells were switched, and the model: by its name, or, where it
was trained in a session, by its weights, each in one byte.
"""

import hashlib
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from urllib.parse import urlencode

import numpy as np

from pages.ui import budget, gate
from pages.ui.link import named, not_there
from pages.ui.model_names import name_of
from pages.ui.session import DEFAULT_MODEL, Input, Session
from pages.ui.strokes import from_code, to_code
from softmax_core import MODELS, SoftmaxModel, feature_map, from_hex, to_hex
from softmax_core.datasets import DIGITS
from softmax_core.drawing import preparation_of
from softmax_core.errors import InputError, WeightError

NAMES = ("strokes", "grid", "model", "weights")
LINKED = "from a link"
STEPS = 127  # of a weight, on each side of zero


def follow_link(state: Session) -> None:
    """Takes what the address says, once; what can't be restored is said."""
    link = (
        gate.link("grid", "model")
        | gate.link("strokes", most=budget.LINK_DRAWING + 1)
        | gate.link("weights", most=budget.LINK_WEIGHTS + 1)
    )
    mark = hashlib.sha256(repr(link).encode()).hexdigest() if link else ""
    if mark in ("", state.link):
        return
    state.link = mark
    wrong, strokes, edited = [], (), None
    try:
        strokes = from_code(link.get("strokes", ""), budget.LINK_DRAWING)
    except InputError as error:
        wrong.append(f"The link’s drawing can’t be shown: {error}.")
    try:
        edited = to_hex(from_hex(link["grid"])) if "grid" in link else None
    except InputError as error:
        wrong.append(f"The link’s grid can’t be shown: {error}.")
    try:
        if "weights" in link:
            state.model_name = state.keep(LINKED, from_bytes(link["weights"]))
    except InputError as error:
        wrong.append(f"The link’s model can’t be used: {error}.")
    name = link.get("model", state.model_name)
    if name in state.model_names:
        state.model_name = name
    else:
        wrong.append(not_there([named("model", name)]))
    if strokes or edited:
        state.take(Input(strokes, edited=edited))
    state.notice = " ".join(wrong)


def link_of(state: Session) -> tuple[str, list[str]]:
    """The query of a link that restores the drawing and the model, and what it can't restore."""
    code, edited, cant = to_code(state.strokes), state.input.edited, []
    if len(code) > budget.LINK_DRAWING or state.picture is not None:
        code, edited = "", to_hex(state.grid)
        what = "A picture" if state.picture is not None else "So long a drawing"
        cant.append(f"{what} does not fit into a link: whoever opens it sees its grid.")
    if state.input.everything:
        edited = to_hex(state.grid)
    query = {"strokes": code, "grid": edited}
    if state.model_name in MODELS:
        query["model"] = state.model_name
    else:
        weights = to_bytes(state.model)
        if weights is None:
            query["model"] = DEFAULT_MODEL
            cant.append(
                f"The model {state.model_name!r} does not fit into a link: whoever opens it sees "
                f"what {name_of(DEFAULT_MODEL)!r} says."
            )
        query["weights"] = weights
    return urlencode({name: value for name, value in query.items() if value}), cant


def to_bytes(model: SoftmaxModel) -> str | None:
    """A model's weights as text: names of features and preparation, then the step in four bytes
    and each weight as a whole number of steps in one; None for other classes than the digits, and
    where it gets too long."""
    if model.classes != DIGITS:
        return None
    step = float(np.abs(model.weights).max()) / STEPS or 1.0
    data = struct.pack("<f", step) + np.round(model.weights / step).astype(np.int8).tobytes()
    text = urlsafe_b64encode(data).decode().rstrip("=")
    text = f"{model.features.name}.{model.preparation}.{text}"
    return text if len(text) <= budget.LINK_WEIGHTS else None


def from_bytes(text: str) -> SoftmaxModel:
    """The inverse of `to_bytes`. Raises an `InputError` for any other text."""
    features, preparation, code = (*text.split("."), "", "")[:3]
    phi = feature_map(features)
    preparation = preparation_of(preparation).name
    try:
        data = urlsafe_b64decode(code + "=" * (-len(code) % 4))
        step = struct.unpack_from("<f", data)[0]
        steps = np.frombuffer(data, np.int8, offset=4)
        weights = step * steps.reshape(len(DIGITS), phi.dimension).astype(float)
    except (ValueError, struct.error):
        raise WeightError("its weights are damaged") from None
    return SoftmaxModel(DIGITS, weights, phi, preparation)
