"""Tables of numbers as HTML: data -> HTML text. Wide tables scroll.

Every text is escaped, unless it is `Markup`: HTML that the app itself has written.
"""

from collections.abc import Mapping, Sequence

from markupsafe import escape


def table_html(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    caption: str,
    strong: int | None = None,
    foot: Sequence[str] = (),
    kind: str = "",
    first: Sequence[int] = (),
) -> str:
    """The first cell of each row heads it; `strong` is the row that stands out.

    With `first`, these rows are shown, and the others on demand.
    """
    lines = [_row(row, "strong" if r == strong else "") for r, row in enumerate(rows)]
    shown = first or range(len(lines))
    body = "".join(lines[r] for r in shown)
    others = "".join(line for r, line in enumerate(lines) if r not in shown)
    last = f"<tfoot>{_row(foot)}</tfoot>" if foot else ""
    titles = "".join(f'<th scope="col">{escape(title)}</th>' for title in head)
    return (
        f'<div class="numbers {kind}" tabindex="0"><table><caption>{escape(caption)}</caption>'
        f"<thead><tr>{titles}</tr></thead>"
        f"<tbody>{body}</tbody>{last}</table>"
        + (
            f"<details><summary>The other {len(lines) - len(shown)} rows</summary>"
            f"<table><thead><tr>{titles}</tr></thead><tbody>{others}</tbody></table></details>"
            if others
            else ""
        )
        + "</div>"
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
    values = "".join(f"<td>{escape(cell)}</td>" for cell in others)
    return f'<tr class="{kind}"><th scope="row">{escape(first)}</th>{values}</tr>'
