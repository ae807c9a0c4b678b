"""The gate: whatever comes from a browser passes here before anything else sees it.

Links, choices, events, files: Streamlit hands all of them on as they were sent, and anyone can
send anything. What is not of the expected type, size and range does not pass: it is None here, or
an error that says what is accepted. Other modules read no raw value of a widget, held by a test.
"""

import io
import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from pages.ui import budget
from softmax_core.errors import FileError

Option = TypeVar("Option")


class Upload(NamedTuple):
    """A file of accepted size, not yet read; `name` is short and can be shown."""

    name: str
    file: io.BytesIO


def link(*names: str, most: int = budget.TEXT) -> dict[str, str]:
    """Those values of the address that are there, each cut to what can be of use."""
    query = st.query_params
    return {name: query[name][:most] for name in names if name in query}


def texts(key: str, event: str, most: Mapping[str, int]) -> dict[str, str] | None:
    """Those texts named in `most` that a component's state holds and that are no longer than
    that; None where it holds nothing."""
    sent = _event(key, event)
    if not isinstance(sent, Mapping):
        return None
    named = {name: sent.get(name) for name in most}
    return {n: t for n, t in named.items() if isinstance(t, str) and len(t) <= most[n]}


def tidied(query: str) -> str:
    """The query of an address without numbers that no control can hold: a control reads it."""
    pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=budget.WIDGETS)
    kept = [(name, value) for name, value in pairs if _is_finite_or_text(value)]
    return query if kept == pairs else urlencode(kept)


def offered(key: str, options: Collection[Option]) -> Option | None:
    """The option that a widget's choice equals, or None: a selectbox hands on any text."""
    sent = st.session_state.get(key)
    return next((o for o in options if type(o) is type(sent) and o == sent), None)


def held(*keys: str) -> tuple:
    """What widgets hold, only to see whether it has changed."""
    return tuple(str(st.session_state.get(key))[: budget.TEXT] for key in keys)


def number(key: str, low: float, high: float) -> float | None:
    """A widget's number from low to high, both finite."""
    sent = st.session_state.get(key)
    return sent if type(sent) in (int, float) and low <= sent <= high else None


def text(key: str, event: str, most: int = budget.TEXT) -> str | None:
    """The text that a component's event brings."""
    sent = _event(key, event)
    return sent if isinstance(sent, str) and len(sent) <= most else None


def typed(key: str, most: int) -> str:
    """The text in a field, at most so many characters of it."""
    sent = st.session_state.get(key)
    return sent[:most] if isinstance(sent, str) else ""


def serial(key: str, event: str) -> int | None:
    """The whole number ≥ 0 that a component's event brings."""
    sent = _event(key, event)
    return sent if _is_index(sent, 1 << 53) else None


def place(key: str, event: str, sizes: Sequence[int]) -> tuple[int, int] | None:
    """The place (group, cell) that a component's event names; group g has sizes[g] cells."""
    sent = _event(key, event)
    if not isinstance(sent, list) or len(sent) != 2 or not _is_index(sent[0], len(sizes)):
        return None
    return tuple(sent) if _is_index(sent[1], sizes[sent[0]]) else None


def fields(key: str, event: str, names: Collection[str]) -> dict[str, Any] | None:
    """Those fields of a component's event that are known; what they hold is not yet checked."""
    sent = _event(key, event)
    if not isinstance(sent, Mapping):
        return None
    return {name: sent[name] for name in names if name in sent}


def upload(key: str, most: int) -> Upload | None:
    """The file that an uploader holds, or None. Raises `FileError` for one of over `most` bytes."""
    sent = st.session_state.get(key)
    if not hasattr(sent, "getvalue"):  # none, or one that has been dropped
        return None
    name, content = shown_name(sent.name), sent.getvalue()
    if len(content) > most:
        raise FileError(f"{name}: the file has {len(content):,} bytes, accepted are {most:,}")
    return Upload(name, io.BytesIO(content))


def shown_name(name: object) -> str:
    """A name that can be shown: what is not printable left out, and not too long."""
    given = name[: 4 * budget.NAME] if isinstance(name, str) else ""
    printable = "".join(c if c.isprintable() else " " for c in given)
    return " ".join(printable.split())[: budget.NAME].strip() or "a file without a name"


def _event(key: str, event: str) -> Any:
    state = st.session_state.get(key)
    return state.get(event) if isinstance(state, Mapping) else None


def _is_finite_or_text(value: str) -> bool:
    try:
        return abs(float(value)) < math.inf
    except ValueError:
        return True


def _is_index(sent: object, size: int) -> bool:
    return type(sent) is int and 0 <= sent < size
