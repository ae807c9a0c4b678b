"""The bar that stays in sight: the followed weight, its sample and derivative, and the steps."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from markupsafe import Markup

from pages.ui.gradient.terms import term
from pages.ui.pictures import mark_html
from pages.ui.text import number
from softmax_core import feature_map
from softmax_core.derivation import Derivation
from softmax_core.grids import Grid

HTML = """
<div class="followed">
  <div class="what"></div>
  <nav aria-label="Steps">
    <button class="previous" aria-label="Previous step">‹</button>
    <span class="index"></span>
    <button class="next" aria-label="Next step">›</button>
  </nav>
</div>
"""

view = st.components.v2.component(
    "followed",
    html=HTML,
    js=(Path(__file__).parent / "followed.js").read_text("utf-8"),
    isolate_styles=False,
)


def followed(
    d: Derivation,
    classes: Sequence[str],
    entry: tuple[int, int],
    grid: Grid,
    steps: Sequence[str],
) -> None:
    """What is followed, with its numbers, and a link to each step."""
    k, i = entry
    where = feature_map("pixels").title(i)
    y, p, phi = f"{d.seen[k]:g}", number(d.probabilities[k]), f"{d.features[i]:g}"
    what = Markup(
        "{} <span><b>w<sub>ki</sub></b>, class k = {}, {}; label {}</span> "
        "<span>∂ ln P/∂w<sub>ki</sub> = ({} − {}) · {} = <b>{}</b></span>"
    ).format(
        Markup(mark_html(grid)),
        classes[k],
        where,
        classes[d.label],
        term("y", y),
        term("P", p),
        term("f", phi),
        number(d.gradient[k, i], 4),
    )
    names = [[f"step-{n}", str(n), title] for n, title in enumerate(steps)]
    view(key="steps", data={"what": what, "steps": [*names, ["total", "Σ", "All samples"]]})
