"""Results that visitors share: kept by what they depend on, not by who asked for them."""

import hashlib

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui.run_settings import Settings, digits, samples
from pages.ui.wrong import PROGRAMS, RIGHT, Course, Program
from softmax_core import SoftmaxModel, check_gradient, feature_map, one_hot_check
from softmax_core.derivation import (
    Contributions,
    DifferenceErrors,
    StepTaken,
    contributions,
    difference_errors,
    take_step,
)
from softmax_core.evaluation import (
    Evaluation,
    evaluate,
    flip_worth,
    load_variants,
    preparation_worth,
    shift_worth,
)
from softmax_core.gradient_check import GradientReport, OneHotReport
from softmax_core.inspection import Ink, ink
from softmax_core.metrics import Accuracy
from softmax_core.training import start, step

KEPT = 200  # results of one kind

DATA = "pen"
FEATURES = "pixels"

keep = st.cache_data(show_spinner=False, max_entries=KEPT)


@keep
def half_trained(steps: int = 10) -> NDArray:
    """Weights on their way from zero to the optimum: some digits are clear, others are not."""
    objective, _ = Settings(DATA, FEATURES).objectives()
    state = start(objective, "bound")
    for _ in range(steps):
        state = step(state, objective)
    return state.weights


@keep
def gradient_at(weights: NDArray) -> tuple[float, NDArray]:
    """L(W) and ∂L/∂W over all training digits."""
    objective, _ = Settings(DATA, FEATURES).objectives()
    return objective.value_and_gradient(weights)


@keep
def sum_over_samples(weights: NDArray, entry: tuple[int, int]) -> Contributions:
    """∂L/∂w_ij as a sum over the training digits."""
    (features, labels), _ = samples(DATA, FEATURES)
    return contributions(weights, features, labels, entry)


@keep
def differences(weights: NDArray, entry: tuple[int, int]) -> DifferenceErrors:
    """The error of finite differences of L for every step h."""
    objective, _ = Settings(DATA, FEATURES).objectives()
    _, slope = objective.value_and_gradient(weights)
    return difference_errors(objective.value, float(slope[entry]), weights, entry)


@keep
def safe_rate() -> float:
    """The learning rate with which gradient ascent on the training digits never lowers L."""
    return Settings(DATA, FEATURES).objectives()[0].safe_rate


@keep
def step_from(weights: NDArray, rate: float) -> StepTaken:
    """One step of gradient ascent with all training digits."""
    objective, _ = Settings(DATA, FEATURES).objectives()
    return take_step(objective, weights, rate)


COURSE_STEPS = 200
COURSE_DIGITS = 500
CHECKED_DIGITS = 100


@keep
def course(name: str) -> Course:
    """A run of the right program, or of a wrong one, on scanned digits."""
    split = digits("optdigits").train
    task = _program(name).on(split.counts[:COURSE_DIGITS], split.labels[:COURSE_DIGITS])
    return task.ascend(COURSE_STEPS)


@keep
def checks(name: str) -> tuple[GradientReport, OneHotReport]:
    """Both tests of a program, at the weights that the right one has reached."""
    split, program = digits("optdigits").train, _program(name)
    weights = course("right").weights
    task = program.on(split.counts[:CHECKED_DIGITS], split.labels[:CHECKED_DIGITS])
    return (
        check_gradient(task.log_likelihood, task.gradient, weights),
        one_hot_check(lambda grids: program.scores(weights, grids), weights, feature_map(FEATURES)),
    )


def _program(name: str) -> Program:
    return {"right": RIGHT, **PROGRAMS}[name]


def fingerprint(model: SoftmaxModel) -> str:
    """The content of a model as a short text: equal for equal models, whoever made them."""
    content = hashlib.sha256(np.ascontiguousarray(model.weights).tobytes())
    about = (model.classes, model.features.name, model.preparation, str(model.weights.dtype))
    content.update(repr(about).encode())
    return content.hexdigest()


keep_by_model = st.cache_data(
    show_spinner=False, max_entries=KEPT, hash_funcs={SoftmaxModel: fingerprint}
)


@keep
def seen_ink(data: str) -> Ink:
    """The ink of the training digits by class."""
    dataset = digits(data)
    return ink(dataset.train.grids, dataset.train.labels, len(dataset.classes))


@keep_by_model
def held_out(model: SoftmaxModel, data: str) -> Evaluation:
    """A model on the digits of writers that training has not seen."""
    return evaluate(model, digits(data).test.grids, digits(data).test.labels)


@keep_by_model
def known_writers(model: SoftmaxModel, data: str) -> Evaluation:
    """A model on the digits of the writers of the training part."""
    return evaluate(model, digits(data).train.grids, digits(data).train.labels)


@keep
def some_of_each(data: str, each: int) -> list[int]:
    """The first held-out digits of every class."""
    labels = digits(data).test.labels
    return [int(n) for k in np.unique(labels) for n in np.flatnonzero(labels == k)[:each]]


variants = st.cache_resource(show_spinner=False)(load_variants)


@keep_by_model
def preparations(model: SoftmaxModel) -> dict[str, Accuracy]:
    """A model on the held-out pen digits, prepared in every way."""
    return preparation_worth(model, variants(), digits(DATA).test.labels)


@keep_by_model
def shifts(model: SoftmaxModel, data: str) -> NDArray:
    """A model on held-out digits moved by up to two cells each way."""
    split = digits(data).test
    return shift_worth(model, split.grids, split.labels)


@keep_by_model
def flips(model: SoftmaxModel, data: str) -> list[Accuracy]:
    """A model on held-out digits with some pixels flipped."""
    split = digits(data).test
    return flip_worth(model, split.grids, split.labels)
