"""What the address of a page says: whoever opens it sees what its sender saw."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np
import streamlit as st

from pages.ui import gate
from pages.ui.session import Session
from softmax_core import FeatureMap
from softmax_core.errors import InputError

VIEW, PROJECTOR = "view", "projector"


class Link(dict[str, str]):
    """What an address says; `missing` are the names whose values are not there."""

    def __init__(self, values: Mapping[str, str]):
        super().__init__(values)
        self.missing: list[str] = []


class Linked(Protocol):
    """What a page holds, and which link it has followed or written last."""

    session: Session
    link: dict[str, str]


def follow(page: Linked, names: Sequence[str], take: Callable[[Link], None]) -> None:
    """Lets `take` have what the address says by these names, unless the page wrote it there.

    What it names that is not there is said on the page, and the rest is followed.
    """
    link = Link(gate.link(*names))
    if link == page.link:
        return
    page.link = link
    page.session.notice = ""
    try:
        take(link)
    except InputError as error:
        page.session.notice = f"The link can’t be followed to its end: {error}."
    if link.missing:
        page.session.notice = not_there(link.missing)


def not_there(names: Sequence[str]) -> str:
    """What is said of a link whose names, as `named` has them, are not there."""
    missing = ", ".join(dict.fromkeys(names))
    return f"The link names what is not here: {missing}. All else is as it says."


def named(name: str, value: str) -> str:
    """What a link names, as a sentence has it."""
    return f"the {name} “{value[:40]}”"


def write(page: Linked, link: dict[str, str]) -> None:
    """Makes the address one that leads here; the view stays."""
    if link == page.link:
        return
    st.query_params.from_dict({**link, **gate.link(VIEW)})
    page.link = link


def one_of(link: Link, name: str, allowed: Sequence[str], otherwise: int) -> int:
    """The place of the link's value among those that are allowed; one that is not, is missing."""
    if name not in link:
        return otherwise
    if link[name] not in allowed:
        link.missing.append(named(name, link[name]))
        return otherwise
    return allowed.index(link[name])


def feature_at(link: Link, features: FeatureMap, otherwise: int) -> int:
    """The feature that is the pixel at the link's row and column, which count from 1."""
    pixels = features.weight_images(np.arange(features.dimension))
    names = ("row", "column")
    sides = [[str(n + 1) for n in range(side)] for side in pixels.shape]
    place = [one_of(link, name, side, -1) for name, side in zip(names, sides, strict=True)]
    return int(pixels[*place]) if min(place) >= 0 else otherwise


def place_of(i: int, features: FeatureMap) -> dict[str, str]:
    """The row and the column of feature i for a link; nothing where it is no pixel."""
    places = np.argwhere(features.weight_images(np.arange(features.dimension)) == i).tolist()
    return {"row": str(places[0][0] + 1), "column": str(places[0][1] + 1)} if places else {}
