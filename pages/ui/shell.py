"""The document that a browser gets: Streamlit's own, the app's style sheet, and a guard.

A style sheet that came with a page's elements would move those that are there before it. It stands
in the body, since what Streamlit adds to the head would go before it there. The guard stands before
Streamlit's own scripts: what it takes away, they do not stumble on.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import streamlit
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from pages.ui.link import PROJECTOR, VIEW

ASSETS = Path(__file__).parents[2] / "assets"
DOCUMENT = Path(streamlit.__file__).parent / "static" / "index.html"
SHEETS = ("style.css", "projector.css")
GUARD = (Path(__file__).parent / "guard.js").read_text("utf-8")


@cache
def document(projector: bool) -> str:
    """The document; `projector` is the view in which it begins, later ones are up to head.js."""
    sheets = "".join((ASSETS / sheet).read_text("utf-8") for sheet in SHEETS)
    text = DOCUMENT.read_text("utf-8").replace("<head>", f"<head><script>{GUARD}</script>", 1)
    text = text.replace("</body>", f"<style>{sheets}</style></body>")
    return text.replace("<html", f'<html data-view="{PROJECTOR}"', 1) if projector else text


def documents(paths: Sequence[str]) -> list[Route]:
    """The routes of the pages, below the server's base path."""
    base = "/".join(("", *filter(None, [streamlit.get_option("server.baseUrlPath").strip("/")])))

    def get(request: Request) -> HTMLResponse:
        text = document(request.query_params.get(VIEW) == PROJECTOR)
        return HTMLResponse(text, headers={"cache-control": "no-cache"})

    return [Route(f"{base}/{path}", get, methods=["GET"]) for path in paths]
