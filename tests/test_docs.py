"""The pages of `make docs`: all names are there, formulas are laid out, nothing is fetched."""

import re

import pytest

import softmax_core
from tests.docs import Fetched, build, latex, modules_of_the_core, with_formulas

pytestmark = pytest.mark.xdist_group("docs")  # made once


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    return {page.stem: page.read_text() for page in build(tmp_path_factory.mktemp("docs"))}


def test_every_module_and_every_public_name_has_its_place(pages):
    assert set(pages) >= {"index", "softmax_core", "model", "rooms", *modules_of_the_core()}
    for name in softmax_core.__all__:
        assert f'id="{name}"' in pages["softmax_core"], name


def test_the_formulas_are_laid_out(pages):
    gradient = re.search(
        r'id="gradient".*?class="docstring">(.*?)</div>', pages["model"], re.DOTALL
    )
    assert "<mfrac>" in gradient[1]
    assert "what was seen minus expected" in gradient[1]
    assert "<mtable" in pages["derivation"]
    for name, page in pages.items():
        body = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
        for text in re.findall(r'class="docstring">(.*?)</div>', body, re.DOTALL):
            assert "$" not in text, (name, text)
        for formula in re.findall(r"<math.*?</math>", page, re.DOTALL):
            assert "\\" not in formula, (name, formula)


def test_types_are_written_as_in_the_sources(pages):
    signatures = re.findall(r'<span class="signature.*?</div>', pages["model"], re.DOTALL)
    words = " ".join(re.sub("<[^>]+>", "", signature) for signature in signatures)
    assert "labels: ArrayLike" in words
    assert "-> NDArray[floating]" in words.replace("-&gt;", "->")
    assert "_NestedSequence" not in words


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("w_ki φ_i", "w_{ki} φ_{i}"),
        ("∂²L/∂w_ki ∂w_lj", r"\frac{\partial ^2L}{\partial w_{ki} \partial w_{lj}}"),
        ("√(a (b) c) + √V̂", r"\sqrt{a (b) c} + \sqrt{\hat{V}}"),
        ("ln P = Σ_k' exp a_k'", r"\operatorname{ln} P = \sum _{k'} \operatorname{exp} a_{k'}"),
        ("a = b   why\n= c", r"\begin{align*}a &= b & \text{why} \\ &= c\end{align*}"),
    ],
)
def test_a_formula_becomes_latex(formula, expected):
    assert re.sub(" +", " ", latex(formula)) == expected


def test_prose_stays_as_it_is():
    assert with_formulas("(N, K): no formula") == "(N, K): no formula"


@pytest.mark.parametrize(
    "page",
    [
        '<script src="https://cdn.example/a.js"></script>',
        '<link rel="stylesheet" href="//fonts.example/a.css">',
        "<style>@import url('https://fonts.example/a.css')</style>",
        '<script type="module">import x from "https://cdn.example/a.mjs"</script>',
    ],
)
def test_a_page_that_fetches_from_elsewhere_is_noticed(page):
    reader = Fetched()
    reader.feed(page)
    assert reader.found


def test_a_link_is_not_fetched():
    reader = Fetched()
    reader.feed('<a href="https://doi.org/10.1000/1"><math xmlns="http://www.w3.org/1998/x"/></a>')
    assert not reader.found
