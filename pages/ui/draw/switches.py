"""The 8×8 grid as 64 switches: click, touch, or arrow keys and space."""

import streamlit as st

from pages.ui import gate
from pages.ui.session import Session
from softmax_core.errors import InputError
from softmax_core.grids import Grid, from_hex, to_hex

HTML = '<div class="grid" role="group" aria-label="The 8 by 8 grid; a switch is a pixel"></div>'

CSS = """
.grid { display: grid; grid-template-columns: repeat(8, 1fr); width: 100%; max-width: 352px;
  border: 1px solid var(--line); box-sizing: border-box; touch-action: manipulation; }
button { all: unset; box-sizing: border-box; aspect-ratio: 1; cursor: pointer; position: relative;
  background: var(--paper); box-shadow: inset 0 0 0 0.5px var(--line); }
button[aria-checked="true"] { background: var(--st-text-color); }
button:hover { box-shadow: inset 0 0 0 2px var(--muted); }
button:focus-visible { outline: 3px solid var(--against); outline-offset: -1px; z-index: 1; }
button.marked::after { content: ""; position: absolute; inset: 32%; border-radius: 50%;
  background: var(--favour); }
"""

# The browser sends the whole grid, so that quick clicks can't overtake each other.
JS = """
const SIDE = 8;
const steps = { ArrowUp: -SIDE, ArrowDown: SIDE, ArrowLeft: -1, ArrowRight: 1 };
const code = cells =>
  BigInt("0b" + cells.map(on => +on).join("")).toString(16).padStart(16, "0");
const bits = hex =>
  [...BigInt("0x" + hex).toString(2).padStart(SIDE * SIDE, "0")].map(bit => bit === "1");

function build(grid) {
  for (let i = 0; i < SIDE * SIDE; i++) {
    const button = document.createElement("button");
    button.setAttribute("role", "switch");
    button.setAttribute("aria-label", `row ${Math.floor(i / SIDE) + 1}, column ${i % SIDE + 1}`);
    button.tabIndex = i ? -1 : 0;
    button.onclick = () => {
      const on = button.getAttribute("aria-checked") !== "true";
      button.setAttribute("aria-checked", on);
      grid.send(code([...grid.children].map(b => b.getAttribute("aria-checked") === "true")));
    };
    button.onkeydown = event => {
      const step = steps[event.key];
      const next = grid.children[i + step];
      const wraps = Math.abs(step) === 1 && Math.floor((i + step) / SIDE) !== Math.floor(i / SIDE);
      if (!next || wraps) return;
      event.preventDefault();
      button.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    };
    grid.append(button);
  }
}

export default ({ data, parentElement, setTriggerValue }) => {
  const grid = parentElement.querySelector(".grid");
  if (!grid.children.length) build(grid);
  grid.send = value => setTriggerValue("grid", value);
  bits(data.grid).forEach((on, i) => {
    grid.children[i].setAttribute("aria-checked", on);
    grid.children[i].classList.toggle("marked", i === data.marked);
  });
}
"""

component = st.components.v2.component("grid_switches", html=HTML, css=CSS, js=JS)


def grid_switches(state: Session, grid: Grid, marked: int | None) -> None:
    """Shows `grid`; a switched cell makes it the session's edited grid. `marked` gets a dot."""
    key = "grid-switches"

    def take() -> None:
        try:
            state.edit(from_hex(gate.text(key, "grid") or ""))
        except InputError as error:
            state.notice = str(error)

    component(key=key, data={"grid": to_hex(grid), "marked": marked}, on_grid_change=take)
