"""Small pictures as HTML: bitmaps, 8×8 grids, evidence, bars, the answer. Data -> HTML text.

Cheaper than a chart by an order of magnitude, so that they keep up with the pen. Every picture
says in words what it shows; names of classes are escaped, everything else is numbers.
Colours come from `assets/style.css` and follow the theme.
"""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape
from io import BytesIO

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

from pages.ui.text import amount, percent, place, remark
from softmax_core.explain import Answer, Evidence, Verdict


def answer_html(answer: Answer, strokes: int, of_picture: bool = False) -> str:
    """The class, large, with its probability, or what is the matter with the input."""
    names = [escape(answer.classes[k]) for k in answer.order[:2]]
    if answer.verdict is Verdict.AMBIGUOUS:
        asked = " or ".join(names) if answer.has_rival else names[0]
        shown = f'<div class="class pair">{asked}?</div>'
    else:
        shown = f'<div class="class">{escape(answer.label) or "?"}</div>'
    probability = percent(answer.probabilities[answer.best]) if answer.has_class else ""
    return (
        f'<div id="answer" class="answer" role="status" data-class="{escape(answer.label)}" '
        f'data-strokes="{strokes}" data-verdict="{answer.verdict}">{shown}'
        f'<div><div class="probability">{probability}</div>'
        f'<p class="remark">{escape(remark(answer, of_picture))}</p></div></div>'
    )


def bars_html(answer: Answer) -> str:
    """One bar a class; all empty where the input is not worth a class."""
    rows = []
    for k, (name, p) in enumerate(zip(answer.classes, answer.probabilities, strict=True)):
        best = ' class="best"' if answer.has_class and k == answer.best else ""
        width, value = (f"{100 * p:.2f}%", percent(p)) if answer.has_class else ("0", "")
        rows.append(
            f'<tr{best}><th scope="row">{escape(name)}</th><td><div class="track">'
            f'<div class="bar" style="width:{width}"></div></div></td>'
            f'<td class="value">{value}</td></tr>'
        )
    return f'<table class="bars" aria-label="Probability of every class">{"".join(rows)}</table>'


def bitmap_html(bitmap: ArrayLike, caption: str) -> str:
    """Black and white pixels of any size; True is ink."""
    bitmap = np.asarray(bitmap, dtype=bool)
    rows, columns = bitmap.shape
    return _figure(
        f'<div class="bitmap" style="{_mask(bitmap)}"></div>',
        f"{rows} by {columns} pixels, {bitmap.sum()} of them inked",
        caption,
    )


def counts_html(counts: ArrayLike, most: int, caption: str) -> str:
    """Whole numbers 0..most in 8×8 cells, the darker the more."""
    cells = (
        f'<i class="ink" style="--share:{45 * n / most:.0f}%">{n or ""}</i>'
        for n in np.ravel(counts).tolist()
    )
    return _figure(_cells(cells), "Inked pixels by row: " + _rows(counts, "{}"), caption)


def grid_html(grid: ArrayLike, caption: str, marked: int | None = None) -> str:
    """A binary grid; `marked` is the pixel, in reading order, that is framed."""
    cells = (
        f'<i class="ink{" marked" if n == marked else ""}" style="--share:{100 * int(on)}%"></i>'
        for n, on in enumerate(np.ravel(grid).tolist())
    )
    return _figure(_cells(cells), grid_text(grid), caption)


def mark_html(grid: ArrayLike) -> str:
    """A grid as small as a letter, for a line of text that says what it is."""
    return f'<i class="mark"><i class="bitmap" style="{_mask(grid)}"></i></i>'


def digits_html(
    grids: ArrayLike,
    captions: Sequence[str],
    title: str,
    wrong: Sequence[bool] = (),
    across: int = 8,
) -> str:
    """Small grids (n, 8, 8), each above its caption, `across` in a row; `wrong` ones are marked."""
    marks = wrong or [False] * len(captions)
    digits = "".join(
        f'<figure class="{"wrong" if mark else ""}"><div class="bitmap" role="img" '
        f'aria-label="{grid_text(grid)}" style="{_mask(grid)}"></div>'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
        for grid, caption, mark in zip(np.asarray(grids), captions, marks, strict=True)
    )
    row = f'<div class="row" style="--across:{across}">{digits or "none"}</div>'
    return f'<div class="digits"><p>{escape(title)}</p>{row}</div>'


def signed_html(image: ArrayLike, scale: float, caption: str, name: str = "value") -> str:
    """Numbers of both signs in 8×8 cells: orange for, blue against; `scale` is full colour."""
    return _figure(_signed_cells(image, scale), _signed_text(image, name), caption)


def evidence_html(evidence: Evidence, scale: float, caption: str, start: str = "bias") -> str:
    """Evidence in 8×8 cells, and beside each row the running sum, from the bias, or what `start`
    says, to the score."""
    bias, *running = evidence.running.tolist()
    sums = "".join(f"<span>{amount(value)}</span>" for value in running)
    text = _signed_text(evidence.image, "evidence")
    return (
        f'<div class="sum">{step_html(caption)}'
        f'<div class="bias">{escape(start)} {amount(bias)}</div>'
        f'<div class="frame" role="img" aria-label="{escape(text)}">'
        f"{_signed_cells(evidence.image, scale)}</div>"
        f'<div class="running" aria-label="running sum by row">{sums}</div>'
        f'<div class="score">score {amount(evidence.score)}</div></div>'
    )


def step_html(caption: str) -> str:
    """The line above a picture; what follows a colon is said more quietly."""
    name, colon, more = escape(caption).partition(":")
    return f'<p class="step"><b>{name}</b><span>{colon}{more}</span></p>'


def grid_text(grid: ArrayLike) -> str:
    """A binary grid in words, row by row, the top row first."""
    return "Rows from the top, 1 is ink: " + _rows(np.asarray(grid, dtype=int), "{}", "")


def _mask(bitmap: ArrayLike) -> str:
    alpha = Image.fromarray(np.where(bitmap, 255, 0).astype(np.uint8))
    ink = Image.merge("LA", (Image.new("L", alpha.size), alpha))
    file = BytesIO()
    ink.save(file, "PNG")
    return f"mask-image:url(data:image/png;base64,{b64encode(file.getvalue()).decode()})"


def _figure(content: str, text: str, caption: str) -> str:
    return (
        f'<figure class="picture">{step_html(caption)}<div class="frame" role="img" '
        f'aria-label="{escape(text)}">{content}</div></figure>'
    )


def _cells(cells: Iterable[str]) -> str:
    return f'<div class="cells" style="height:100%">{"".join(cells)}</div>'


def _signed_cells(image: ArrayLike, scale: float) -> str:
    values = np.ravel(image).tolist()
    return _cells(
        f'<i class="{"favour" if v >= 0 else "against"}" title="{amount(v)}" '
        f'style="--share:{min(100 * abs(v) / scale, 100):.0f}%"></i>'
        for v in values
    )


def _signed_text(image: ArrayLike, name: str) -> str:
    image = np.asarray(image)
    places = [np.unravel_index(i, image.shape) for i in (image.argmax(), image.argmin())]
    (top, right), (low, left) = ((int(r), int(c)) for r, c in places)
    return (
        f"Strongest {name} for: {amount(image[top, right])} at {place(top, right)}; "
        f"against: {amount(image[low, left])} at {place(low, left)}"
    )


def _rows(values: ArrayLike, form: str, gap: str = " ") -> str:
    rows: Sequence[Sequence] = np.asarray(values).tolist()
    return ", ".join(gap.join(form.format(value) for value in row) for row in rows)
