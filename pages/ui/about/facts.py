"""What the About page says of the project that is written elsewhere: version and data."""

import tomllib
from importlib import metadata
from pathlib import Path

import streamlit as st

from softmax_core import DATASETS

PROJECT = Path(__file__).parents[3] / "pyproject.toml"


@st.cache_resource(show_spinner=False)
def version() -> str:
    """As pyproject.toml says, or the installed package where that is not there."""
    if PROJECT.exists():
        return tomllib.loads(PROJECT.read_text("utf-8"))["project"]["version"]
    return metadata.version("softmax-core")


def sources() -> str:
    """Each set of digits: by whom, from where, under which licence."""
    return "\n".join(f"- **{source.title}.** {source.provenance}" for source in DATASETS.values())
