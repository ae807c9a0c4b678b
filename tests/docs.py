"""`make docs`: the public API as HTML in build/docs, from the docstrings.

Formulas stand in docstrings as they are read, between dollar signs: $∂L/∂w_ki = Σ_n …$. They become
MathML, which browsers lay out by themselves: the pages fetch nothing, and the command ends with an
error where one refers to another host.
"""

import inspect
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from unittest.mock import patch

import pdoc
from jinja2 import ChoiceLoader, DictLoader
from latex2mathml.converter import convert
from numpy.typing import ArrayLike, DTypeLike

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "docs"

# How the signs of the docstrings are written in LaTeX.
SIGNS = {
    "Σ": r"\sum ",
    "∂": r"\partial ",
    "∇": r"\nabla ",
    "−": "-",
    "±": r"\pm ",
    "·": r"\cdot ",
    "×": r"\times ",
    "⊙": r"\odot ",
    "⊗": r"\otimes ",
    "≤": r"\leq ",
    "≥": r"\geq ",
    "←": r"\leftarrow ",
    "→": r"\to ",
    "⟨": r"\langle ",
    "⟩": r"\rangle ",
    "‖": r"\Vert ",
    "½": r"\frac{1}{2}",
    "¼": r"\frac{1}{4}",
    "²": "^2",
    "ᵀ": "^T",
    "ᵗ": "^t",
    "⁻¹": "^{-1}",
    "…": r"\ldots ",
}
NESTED = r"(?:[^()]|\([^()]*\))*"  # anything with parentheses in it, one level deep
RULES = (
    (r"(\w)\u0302", r"\\hat{\1}"),  # M̂
    (r"√(\\hat{\w}|\w)", r"\\sqrt{\1}"),
    (rf"√\(({NESTED})\)", r"\\sqrt{\1}"),
    (r"(∂²?\w*)/(∂[\w']+(?: ∂[\w']+)*)", r"\\frac{\1}{\2}"),  # ∂²L/∂w_ki ∂w_lj
    (r"(?<![\\a-z_{])([a-z]{2,})", r"\\operatorname{\1}"),  # ln, exp, softmax
    (r"_([A-Za-z]{4,})", r"_{\\text{\1}}"),
    (r"_([A-Za-z0-9]+'?)", r"_{\1}"),  # w_ki
)

CSS = """
main { line-height: 1.5 }
math { font-size: 1.1em; math-style: normal }
math[display="block"] { margin: .6em 0; overflow-x: auto; overflow-y: hidden }
mtd[columnalign="left"] { text-align: left }
mtd[columnalign="right"] { text-align: right }
"""

SPELLED = inspect.formatannotation


def latex(formula: str) -> str:
    """A formula of a docstring in LaTeX; lines are aligned at their first " = ".

    What follows three spaces in a line is a remark.
    """
    lines = [_latex_line(line) for line in formula.strip().splitlines()]
    if len(lines) == 1:
        return lines[0].replace("&", "")
    return r"\begin{align*}" + r" \\ ".join(lines) + r"\end{align*}"


def _latex_line(line: str) -> str:
    line, *remarks = re.split(r"\s{3,}(?=\S)", line.strip())
    for pattern, replacement in RULES:
        line = re.sub(pattern, replacement, line)
    for sign, command in SIGNS.items():
        line = line.replace(sign, command)
    aligned = re.sub(r"^= | = ", " &= ", line, count=1)
    return aligned + "".join(rf" & \text{{{remark}}}" for remark in remarks)


def with_formulas(docstring: str) -> str:
    """A docstring with MathML for $formulas$ in a line, and $$formulas$$ on lines of their own."""
    for pattern, display in ((r"\$\$(.+?)\$\$", "block"), (r"\$([^$\n]+)\$", "inline")):
        docstring = re.sub(
            pattern,
            lambda found, display=display: convert(latex(found[1]), display=display),
            docstring,
            flags=re.DOTALL,
        )
    return docstring


def written(annotation: object, *_: object) -> str:
    """A type as the sources write it: `ArrayLike`, not the nine types that it stands for."""
    text = _spelled(annotation)
    for name, alias in (("ArrayLike", ArrayLike), ("DTypeLike", DTypeLike)):
        types = _spelled(alias).removeprefix("Union[").removesuffix("]")
        text = text.replace(types, name).replace(f"Union[{name}]", name)
    text = re.sub(r"Union\[(\w+), NoneType\]", r"\1 | None", text)
    array = r"numpy\.ndarray\[tuple\[Any, \.\.\.\], numpy\.dtype\[(?:numpy\.)?(\w+|~\w+)\]\]"
    return re.sub(array, r"NDArray[\1]", text).replace("NDArray[~_ScalarT]", "NDArray")


def _spelled(annotation: object) -> str:
    return re.sub(r"\btyping\.", "", SPELLED(annotation))


class Fetched(HTMLParser):
    """The addresses on other hosts that a browser would fetch with a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if tag != "a" and name != "xmlns" and re.match(r"(https?:)?//", value or ""):
                self.found.append(value)

    def handle_data(self, data):
        if self.lasttag in ("style", "script"):
            self.found += re.findall(r"(?:url\(|import |from )['\"]?(?:https?:)?//[^'\")]*", data)


def modules_of_the_core() -> list[str]:
    """Its modules and packages, by name."""
    core = ROOT / "softmax_core"
    packages = [path.parent for path in core.glob("*/__init__.py")]
    return [path.stem for path in [*core.glob("[!_]*.py"), *packages]]


def build(folder: Path = FOLDER) -> list[Path]:
    """Writes the pages into a folder. Exits with an error where one fetches from elsewhere."""
    pdoc.render.configure(docformat="markdown")
    env = pdoc.render.env
    loader = ChoiceLoader([DictLoader({"custom.css": CSS}), env.loader])
    to_html = env.filters["to_html"]
    filters = {"to_html": lambda docstring: to_html(with_formulas(docstring))}
    modules = [f"softmax_core.{name}" for name in modules_of_the_core()]
    with (
        patch.object(env, "loader", loader),
        patch.dict(env.filters, filters),
        patch("inspect.formatannotation", written),
        patch("pdoc.doc.formatannotation", written),
    ):
        pdoc.pdoc("softmax_core", *modules, output_directory=folder)
    pages = sorted(folder.rglob("*.html"))
    for page in pages:
        reader = Fetched()
        reader.feed(page.read_text())
        if reader.found:
            sys.exit(f"{page} fetches {', '.join(reader.found)}")
    return pages


if __name__ == "__main__":
    print(f"{len(build())} pages in {FOLDER.relative_to(ROOT)}, from index.html on")
