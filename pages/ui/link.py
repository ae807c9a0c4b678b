"""What the address of a page says: whoever opens it sees what its sender saw."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import streamlit as st

from pages.ui import gate
from pages.ui.session import Session
from softmax_core import FeatureMap
from softmax_core.errors import InputError, ParameterError

VIEW, PROJECTOR = "view", "projector"


class Linked(Protocol):
    """What a page holds, and which link it has followed or written last."""

    session: Session
    link: dict[str, str]


def follow(page: Linked, names: Sequence[str], take: Callable[[dict[str, str]], None]) -> None:
    """Lets `take` have what the address says by these names, unless the page wrote it there.

    An `InputError` of `take` is said on the page, which goes on as it was.
    """
    link = gate.link(*names)
    if link == page.link:
        return
    page.link = link
    try:
        take(link)
        page.session.notice = ""
    except InputError as error:
        page.session.notice = f"The link could not be followed to its end: {error}."


def write(page: Linked, link: dict[str, str]) -> None:
    """Makes the address one that leads here; the view stays."""
    if link == page.link:
        return
    st.query_params.from_dict({**link, **gate.link(VIEW)})
    page.link = link


def one_of(link: dict[str, str], name: str, allowed: Sequence[str], otherwise: int) -> int:
    """The place of the link's value among those that are allowed; raises `ParameterError`."""
    if name not in link:
        return otherwise
    if link[name] not in allowed:
        among = ", ".join(allowed[:12]) + (", …" if len(allowed) > 12 else "")
        raise ParameterError(f"its {name} has to be one of {among}")
    return allowed.index(link[name])


def feature_at(link: dict[str, str], features: FeatureMap, otherwise: int) -> int:
    """The feature that is the pixel at the link's row and column, which count from 1."""
    pixels = features.weight_images(np.arange(features.dimension))
    sides = [[str(n + 1) for n in range(side)] for side in pixels.shape]
    if not {"row", "column"} <= set(link):
        return otherwise
    return int(pixels[one_of(link, "row", sides[0], 0), one_of(link, "column", sides[1], 0)])


def place_of(i: int, features: FeatureMap) -> dict[str, str]:
    """The row and the column of feature i for a link; nothing where it is no pixel."""
    places = np.argwhere(features.weight_images(np.arange(features.dimension)) == i).tolist()
    return {"row": str(places[0][0] + 1), "column": str(places[0][1] + 1)} if places else {}
