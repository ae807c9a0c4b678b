"""Settings: what the controls offer, and how runs are named."""

from dataclasses import replace

import pytest

from pages.ui.train.settings import Settings, Told, checked, choices, run_names
from softmax_core import OPTIMIZERS
from softmax_core.errors import ParameterError
from softmax_core.runs import Span
from tests.pages.ui.train.labs import rate

ABOUT = {**vars(rate(1e-5)), "parameters": [["learning_rate", 1e-5]]}


def names(*settings):
    return run_names([Told(each) for each in settings])


def test_runs_are_named_by_what_differs():
    a = Settings(optimizer="adam", parameters=(("learning_rate", 0.01),))
    b = replace(a, parameters=(("learning_rate", 0.1),), batch=64)
    assert names(a, b) == ["η 0.01, batch all", "η 0.1, batch 64"]
    assert names(a, Settings(optimizer="newton")) == ["Adam, η 0.01", "Newton"]
    assert names(a, a) == ["the same settings"] * 2


def test_a_run_is_named_by_what_it_was_trained_with_and_not_by_what_the_controls_say_now():
    slow, fast = {"learning_rate": 1e-5}, {"learning_rate": 5e-5}
    changed = Told(rate(5e-5), (Span(1, 200, slow), Span(201, 300, fast)))
    constant = Told(rate(5e-5), (Span(1, 200, slow),))
    assert run_names([changed, constant]) == ["η 10⁻⁵, from epoch 201 on 5·10⁻⁵", "η 10⁻⁵"]
    often = [Span(e, e, slow if e % 2 else fast) for e in range(1, 9)]
    assert run_names([Told(rate(1e-5), tuple(often)), constant])[0] == "η 10⁻⁵ … 5·10⁻⁵, 7 changes"


def test_settings_from_outside_are_those_that_the_controls_offer():
    assert checked(ABOUT) == rate(1e-5)
    newton = {**ABOUT, "optimizer": "newton", "parameters": []}
    assert checked(newton) == Settings(optimizer="newton")


@pytest.mark.parametrize(
    "wrong",
    [
        {"data": "faces"},
        {"data": ["pen"]},
        {"features": None},
        {"optimizer": "sgd"},
        {"optimizer": "newton"},
        {"optimizer": "newton", "parameters": [], "batch": 64},
        {"batch": 7},
        {"batch": 64.0},
        {"l2": -1.0},
        {"l2": True},
        {"seed": -1},
        {"seed": "0"},
        {"seed": True},
        {"epochs": 10**12},
        {"epochs": float("inf")},
        {"epochs": 0},
        {"size": 1},
        {"parameters": []},
        {"parameters": [["session", 1e-5]]},
        {"parameters": [["learning_rate", 1e-5], ["session", 1.0]]},
        {"parameters": [["learning_rate", 1e9]]},
        {"parameters": [["learning_rate", float("nan")]]},
        {"parameters": [["learning_rate", "1e-5"]]},
        {"parameters": [["learning_rate", [1e-5]]]},
        {"parameters": {"learning_rate": 1e-5}},
        {"parameters": "ab"},
        {"optimizer": "momentum", "parameters": [["learning_rate", 1e-5], ["momentum", 5.0]]},
    ],
    ids=str,
)
def test_other_settings_are_refused_in_few_words(wrong):
    with pytest.raises(ParameterError) as error:
        checked({**ABOUT, **wrong})
    assert len(str(error.value)) < 200


@pytest.mark.parametrize("nothing", [None, [], "text", {}, 7], ids=str)
def test_what_is_no_table_of_settings_is_refused(nothing):
    with pytest.raises(ParameterError):
        checked(nothing)


def test_rates_to_choose_from():
    rate = OPTIMIZERS["adam"].parameters[0]
    assert choices(rate)[:4] == [1e-9, 2e-9, 5e-9, 1e-8]
    assert choices(rate)[-1] == rate.high
