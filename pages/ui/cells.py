"""Pictures made of cells that can be picked: weights, gradients, a confusion matrix.

Click, touch, or arrow keys and Enter. Orange is positive, blue negative, the strength of the
colour is the value's share of `scale`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike

from pages.ui import gate

HERE = Path(__file__).parent

component = st.components.v2.component(
    "cells",
    html='<div class="groups"></div>',
    css=(HERE / "cells.css").read_text(),
    js=(HERE / "cells.js").read_text(),
)


@dataclass(frozen=True)
class Group:
    """One picture: a value, a label and perhaps a text for each cell, in reading order.

    With `wide`, the first cell is a row of its own (the bias above the pixels). Cells in
    `hatched` are hatched, cells in `framed` are framed. `heads` name the columns, `rows` the rows.
    """

    name: str
    values: Sequence[float]
    labels: Sequence[str]
    texts: Sequence[str] = ()
    columns: int = 8
    wide: bool = False
    hatched: Sequence[int] = ()
    framed: Sequence[int] = ()
    heads: Sequence[str] = ()
    rows: Sequence[str] = ()

    def data(self, scale: float) -> dict:
        shares = np.round(100 * np.asarray(self.values, dtype=float) / (scale or 1)).tolist()
        return {
            "name": self.name,
            "shares": shares,
            "labels": list(self.labels),
            "texts": list(self.texts) or [""] * len(shares),
            "columns": self.columns,
            "wide": self.wide,
            "hatched": list(map(int, self.hatched)),
            "framed": list(map(int, self.framed)),
            "heads": list(self.heads),
            "rows": list(self.rows),
        }


def cells(
    key: str,
    groups: Sequence[Group],
    scale: float,
    on_pick: Callable[[int, int], None],
    *,
    selected: tuple[int, int] | None = None,
    across: int = 5,
    size: int = 112,
    largest: int = 220,
    lead: int = 14,
    whole: bool = False,
) -> None:
    """Shows the groups; `on_pick(group, cell)` is called for the cell that is picked.

    At most `across` groups stand side by side, each `size` to `largest` CSS pixels wide; a wide
    cell is `lead` pixels high. With `whole`, a picture is picked, not a cell: then cell is 0.
    """

    def take() -> None:
        picked = gate.place(key, "place", [len(group.values) for group in groups])
        if picked:
            on_pick(*picked)

    component(
        key=key,
        data={
            "groups": [group.data(scale) for group in groups],
            "selected": list(selected) if selected else None,
            "across": across,
            "size": size,
            "largest": largest,
            "lead": lead,
            "whole": whole,
        },
        on_place_change=take,
    )


def largest(*arrays: ArrayLike) -> float:
    """The largest |value|: full colour on a shared scale."""
    return float(max(np.abs(array).max(initial=0) for array in map(np.asarray, arrays))) or 1.0
