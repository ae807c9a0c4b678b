"""A figure at rest: drawn by Plotly as soon as it is on the screen, and told in words."""

from pathlib import Path

import streamlit as st

from pages.ui.figures import describe
from pages.ui.plotly_library import LOADER, URL

view = st.components.v2.component(
    "chart",
    html='<div class="chart" role="img"></div>',
    js=LOADER + (Path(__file__).parent / "chart.js").read_text("utf-8"),
    isolate_styles=False,
)


def chart(figure: dict, key: str) -> None:
    """Shows a figure, a plain dictionary of data and layout."""
    view(key=key, data={"figure": figure, "plotly": URL, "text": describe(figure)})
