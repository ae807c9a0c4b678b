"""Tables of numbers as HTML: data -> HTML text. Names are escaped, wide tables scroll."""

from collections.abc import Mapping, Sequence
from html import escape


def table_html(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    caption: str,
    strong: int | None = None,
    foot: Sequence[str] = (),
    kind: str = "",
) -> str:
    """`head` and `foot` are HTML, the cells of `rows` too; the first of each row heads it."""
    body = "".join(_row(row, "strong" if r == strong else "") for r, row in enumerate(rows))
    last = f"<tfoot>{_row(foot)}</tfoot>" if foot else ""
    titles = "".join(f'<th scope="col">{title}</th>' for title in head)
    return (
        f'<div class="numbers {kind}" tabindex="0"><table><caption>{caption}</caption>'
        f"<thead><tr>{titles}</tr></thead>"
        f"<tbody>{body}</tbody>{last}</table></div>"
    )


def facts_html(facts: Mapping[str, str]) -> str:
    """Names and their values, one a line."""
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>'
        for name, value in facts.items()
    )
    return f'<div class="numbers facts" tabindex="0"><table><tbody>{rows}</tbody></table></div>'


def _row(cells: Sequence[str], kind: str = "") -> str:
    first, *others = cells
    values = "".join(f"<td>{cell}</td>" for cell in others)
    return f'<tr class="{kind}"><th scope="row">{first}</th>{values}</tr>'
