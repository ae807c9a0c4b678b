"""What the Gradient page asks of the training digits; kept, since all visitors ask the same."""

from numpy.typing import NDArray

from pages.ui.cached import digits, keep, objectives, samples
from pages.ui.gradient.wrong import PROGRAMS, RIGHT, Course, Program
from softmax_core import check_gradient, feature_map, one_hot_check
from softmax_core.derivation import (
    Contributions,
    DifferenceErrors,
    StepTaken,
    contributions,
    difference_errors,
    take_step,
)
from softmax_core.gradient_check import GradientReport, OneHotReport
from softmax_core.training import start, step

DATA = "pen"
FEATURES = "pixels"


@keep
def half_trained(steps: int = 10) -> NDArray:
    """Weights on their way from zero to the optimum: some digits are clear, others are not."""
    objective, _ = objectives(DATA, FEATURES)
    state = start(objective, "bound")
    for _ in range(steps):
        state = step(state, objective)
    return state.weights


@keep
def gradient_at(weights: NDArray) -> tuple[float, NDArray]:
    """L(W) and ∂L/∂W over all training digits."""
    objective, _ = objectives(DATA, FEATURES)
    return objective.value_and_gradient(weights)


@keep
def sum_over_samples(weights: NDArray, entry: tuple[int, int]) -> Contributions:
    """∂L/∂w_ki as a sum over the training digits."""
    (features, labels), _ = samples(DATA, FEATURES)
    return contributions(weights, features, labels, entry)


@keep
def differences(weights: NDArray, entry: tuple[int, int]) -> DifferenceErrors:
    """The error of finite differences of L for every step h."""
    objective, _ = objectives(DATA, FEATURES)
    _, slope = objective.value_and_gradient(weights)
    return difference_errors(objective.value, float(slope[entry]), weights, entry)


@keep
def safe_rate() -> float:
    """The learning rate with which gradient ascent on the training digits never lowers L."""
    return objectives(DATA, FEATURES)[0].safe_rate


@keep
def step_from(weights: NDArray, rate: float) -> StepTaken:
    """One step of gradient ascent with all training digits."""
    objective, _ = objectives(DATA, FEATURES)
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
