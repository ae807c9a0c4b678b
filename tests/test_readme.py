"""What the README shows is what the code does."""

import doctest
import re
from pathlib import Path

from softmax_core import MODELS, load_model
from softmax_core.optimizers import OPTIMIZERS
from tests.benchmarks.bench_drawing import accuracies

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_its_examples_run_as_shown():
    failed, attempted = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert attempted >= 10
    assert failed == 0


def test_what_it_links_to_and_lists_is_there():
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", README):
        assert (ROOT / target).exists(), target
    assert len(OPTIMIZERS) == 7  # "seven optimisers"


def test_its_table_says_of_the_shipped_models_what_they_do():
    rows = re.findall(r"^\| (\w+: [^|]+) \| [^|]+ \| ([^|]+) \|$", README, re.M)
    told = {name: value.replace(" ", "") for name, value in rows}
    measured = list(accuracies({name: load_model(name) for name in MODELS}))
    assert len(measured) >= 7 * len(MODELS)
    assert {name: value for name, _, value in measured} == {
        name: told[name] for name, *_ in measured
    }


def test_its_picture_of_the_house_names_every_part():
    section = README.split("## Where everything lives")[1].split("\n[")[0]
    modules = {path.stem for path in (ROOT / "softmax_core").glob("[!_]*.py")}
    folders = {path.parent for path in (ROOT / "softmax_core").glob("*/__init__.py")}
    folders |= {path.parent for path in (ROOT / "tests").glob("*/__init__.py")}
    folders |= {ROOT / name for name in ("assets", "deploy", "pages", "softmax_core", "tests")}
    assert modules | {path.name for path in folders} <= set(re.findall(r"\w+", section))
    rooms = {path.parent.name for path in (ROOT / "pages" / "ui").glob("*/__init__.py")}
    assert rooms == set(re.findall(r"ui/(\w+)", section))
