"""The three terms that the derivation is about, each in one colour wherever it is written.

What was seen, y; what was expected, P; the ink, φ: in a formula `@y{…}`, `@P{…}`, `@f{…}`, in a
table `term("y", …)`, in a picture by the classes of `assets/style.css`. Who points at one of them
sees all of its places marked, also those in the other formulas, tables and pictures.
"""

import re
from pathlib import Path

import streamlit as st
from markupsafe import Markup, escape

COLOURS = {"y": "#0a7046", "P": "#8a3ea8", "f": "#7a5600"}  # style.css has those of the dark theme

TOKEN = re.compile(r"@([yPf])\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}")

pointer = st.components.v2.component(
    "terms", html="", js=(Path(__file__).parent / "terms.js").read_text("utf-8")
)


def coloured(text: str) -> str:
    """Markdown or LaTeX with its terms in their colours."""
    return TOKEN.sub(lambda m: rf"\textcolor{{{COLOURS[m[1]]}}}{{{m[2]}}}", text)


def term(name: str, text: str) -> Markup:
    """A term in a table; `text` is escaped unless it is `Markup`."""
    return Markup(f'<span class="term" data-term="{name}">{escape(text)}</span>')


def point_at_terms() -> None:
    """Marks every place of the term that the pointer is on."""
    pointer(key="terms", data={colour: name for name, colour in COLOURS.items()})
