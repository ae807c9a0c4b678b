"""What the README shows is what the code does."""

import doctest
import re
from pathlib import Path

from softmax_core.optimizers import OPTIMIZERS

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
    modules = {path.stem for path in (ROOT / "softmax_core").glob("[!_]*.py")}
    section = README.split("## Where everything lives")[1]
    assert modules - {"errors"} <= set(re.findall(r"\w+", section))
