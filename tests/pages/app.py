"""What tests of pages share: the app without a browser, and what it shows as text."""

import json
import re
from pathlib import Path

from streamlit.testing.v1 import AppTest

APP = Path(__file__).parents[2] / "app.py"


def open_page(name: str) -> AppTest:
    """A page of the app as a visitor comes to it; it has no exception."""
    at = AppTest.from_file(APP, default_timeout=60).run()
    return run(at.switch_page(f"pages/{name}.py"))


def run(at: AppTest) -> AppTest:
    at.run()
    assert [e.value for e in at.exception] == []
    return at


def held(at: AppTest, name: str):
    """What that page holds in the session."""
    return at.session_state["session"].pages[name]


def shown(at: AppTest) -> str:
    """All text of the page: HTML, Markdown, formulas, notices."""
    parts = [element.proto.body for element in at.get("html")]
    for kind in ("markdown", "caption", "latex", "info", "error", "warning"):
        parts += [element.value for element in getattr(at, kind)]
    return "\n".join(parts)


def sent(at: AppTest, key: str) -> dict:
    """What the component of that key has been given to show."""
    (found,) = [e.proto for e in at.get("bidi_component") if e.proto.id.endswith(f"-{key}")]
    return json.loads(found.json)


def control(at: AppTest, kind: str, name: str):
    """The control of that name, under whichever key it is shown now."""
    (found,) = [c for c in getattr(at, kind) if re.fullmatch(rf"{name}(-\d+)?", c.key or "")]
    return found
