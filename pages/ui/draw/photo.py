"""The picture in the place of the canvas: the ink that was found, and a part to be chosen."""

import io
from base64 import b64encode
from pathlib import Path

import numpy as np
import streamlit as st

from pages.ui import gate
from pages.ui.session import Session
from softmax_core.pictures import traced

KEY = "photo"

component = st.components.v2.component(
    KEY,
    html="""
<div class="photo" tabindex="0" role="application" aria-describedby="photo-keys"
  aria-label="The picture">
  <svg aria-hidden="true"></svg>
  <p class="hint" id="photo-keys">Drag over one digit to read it alone.<span class="keys">
    With keys: arrows move a frame, with Shift they size it, Enter reads what is in it.</span></p>
  <p class="hidden" role="status"></p>
</div>
""",
    js=(Path(__file__).parent / "photo.js").read_text("utf-8"),
    isolate_styles=False,
)


def photo(state: Session) -> None:
    """Shows the session's picture; what is dragged over, or framed by keys, is all that is read."""

    def take() -> None:
        sides = (gate.text(KEY, "part") or "").split()
        if len(sides) == 4 and all(side.isdecimal() for side in sides):
            state.crop(tuple(map(int, sides)))

    picture, (line, left_out) = state.picture, traced(state.picture, state.input.everything)
    file = io.BytesIO()
    picture.convert("RGB").save(file, "JPEG", quality=85)
    component(
        key=KEY,
        data={
            "size": list(picture.size),
            "picture": f"data:image/jpeg;base64,{b64encode(file.getvalue()).decode()}",
            "ink": "".join(
                f"M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}" for (x, y), (to_x, to_y) in line.tolist()
            ),
            "out": np.round(left_out.reshape(-1, 4), 1).tolist(),
        },
        on_part_change=take,
    )
