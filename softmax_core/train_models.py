"""`python -m softmax_core.train_models` makes the three shipped models from the shipped digits.

Each is judged on writers that it has not seen. The digits of 30 hands are few, so each is also
shown changed a little: a pen's path is turned and its points are moved; scanned digits are cut at
other counts, as thinner and thicker pens would have left them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softmax_core.datasets import ASSETS, DIGITS, Split, grids_of_trajectories, load_dataset
from softmax_core.features import feature_map
from softmax_core.grids import Grids
from softmax_core.model import SoftmaxModel
from softmax_core.objective import Objective
from softmax_core.storage import save_model
from softmax_core.training import maximize

SEED = 8
COPIES = 3  # changed copies of every pen digit, beside the digit itself
TURN = 0.12  # standard deviation of their rotation, in radians
SHAKE = 3.0  # standard deviation of their points' displacement, of a box of 100
THRESHOLDS = (4, 5, 6, 7, 8)  # counts from which a cell of a scanned digit is on


def jittered_trajectories(split: Split) -> tuple[Grids, NDArray[np.intp]]:
    """The digits and COPIES of each, turned about the middle of the box and shaken."""
    rng = np.random.default_rng(SEED)
    assert split.trajectories is not None
    grids = [split.grids]
    for _ in range(COPIES):
        angle = rng.normal(0, TURN, len(split))
        cos, sin = np.cos(angle), np.sin(angle)
        turn = np.moveaxis(np.array([[cos, -sin], [sin, cos]]), 2, 0)
        paths = (split.trajectories - 50.0) @ turn + 50
        paths += rng.normal(0, SHAKE, paths.shape)
        grids.append(grids_of_trajectories(paths))
    return np.concatenate(grids), np.tile(split.labels, 1 + COPIES)


def cut_counts(split: Split) -> tuple[Grids, NDArray[np.intp]]:
    """The digits as each of THRESHOLDS cuts their counts."""
    assert split.counts is not None
    grids = np.concatenate([split.counts >= threshold for threshold in THRESHOLDS])
    return grids, np.tile(split.labels, len(THRESHOLDS))


@dataclass(frozen=True)
class Recipe:
    """How a shipped model is made: the optimum of L − (λ/2)‖w‖² on these digits."""

    dataset: str
    digits: Callable[[Split], tuple[Grids, NDArray[np.intp]]]
    features: str
    l2: float
    optimizer: str
    tolerance: float


RECIPES = {
    "pixels": Recipe("pen", jittered_trajectories, "pixels", 1.0, "newton", 1e-12),
    "pairs": Recipe("pen", jittered_trajectories, "pairs", 5.0, "lbfgs", 1e-8),
    "classic": Recipe("optdigits", cut_counts, "pixels", 15.0, "newton", 1e-12),
}


def train_model(name: str) -> SoftmaxModel:
    """The shipped model of that name, made anew.

    Adding the same vector to every w_k changes no probability; the one chosen here makes the
    weights of all classes add up to zero.
    """
    recipe = RECIPES[name]
    dataset = load_dataset(recipe.dataset)
    grids, labels = recipe.digits(dataset.train)
    features = feature_map(recipe.features)
    objective = Objective(features(grids), labels, classes=len(DIGITS), l2=recipe.l2)
    weights = maximize(objective, optimizer=recipe.optimizer, tolerance=recipe.tolerance).weights
    weights = weights - weights.mean(axis=0)
    return SoftmaxModel(dataset.classes, weights, features, dataset.preparation)


def main() -> None:
    for name in RECIPES:
        model = train_model(name)
        save_model(model, ASSETS / f"{name}.npz")
        test = load_dataset(RECIPES[name].dataset).test
        accuracy = (model.predict(test.grids) == test.labels).mean()
        print(f"assets/{name}.npz: {accuracy:.4f} on {len(test):,} digits by other writers")


if __name__ == "__main__":
    main()
