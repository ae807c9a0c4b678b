"""What the About page says of the project that is written elsewhere: version and data."""

import tomllib
from pathlib import Path

import streamlit as st

from softmax_core import DATASETS

ROOT = Path(__file__).parents[3]


@st.cache_resource(show_spinner=False)
def version() -> str:
    """As pyproject.toml says."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]


@st.cache_resource(show_spinner=False)
def licence() -> str:
    """The licence of the code, in full."""
    return (ROOT / "LICENSE").read_text("utf-8")


def sources() -> str:
    """Each set of digits: by whom, from where, under which licence."""
    return "\n".join(f"- **{source.title}.** {source.provenance}" for source in DATASETS.values())
