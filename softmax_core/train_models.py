"""`python -m softmax_core.train_models` makes the shipped models from the shipped digits.

What they learn from is described in `training_digits`; how it was chosen, in the README. A set
whose file was left out is left out here too, and the command says which ones it used.
"""

from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray

from softmax_core.datasets import ASSETS, DIGITS, PREPARATION, available, load_dataset
from softmax_core.features import feature_map
from softmax_core.grids import Codes, unpack
from softmax_core.model import Array, SoftmaxModel, scores, softmax
from softmax_core.neighbours import Known
from softmax_core.objective import Objective
from softmax_core.storage import save_model
from softmax_core.training import maximize
from softmax_core.training_digits import Changes, drawn

SCANNED = (("optdigits", Changes(copies=10, turn=0.10, warp=8)),)
PEN = ("pen", Changes(copies=5, shake=4, warp=5))
SCANS = ("optdigits", Changes(copies=1, turn=0.08, warp=8))
INKED = tuple((source, Changes(copies=0, inked=True)) for source in ("pen", "unipen"))
HANDS = (PEN, ("unipen", Changes(copies=3, warp=5)), *INKED, SCANS)
FEWER = (PEN, ("unipen", Changes(copies=1, warp=5)), *INKED, SCANS)  # few weights: more of pens

DOUBTFUL = 0.05  # a digit whose label a model gives less than this is likely to be mislabelled


@dataclass(frozen=True)
class Recipe:
    """How a shipped model is made: the optimum of L − (λ/2)‖w‖² on these digits.

    `trimmed` times the digits whose label the model doubts are left out, and it learns again.
    """

    digits: tuple[tuple[str, Changes], ...]
    features: str
    l2: float
    trimmed: int = 0


RECIPES = {
    "pixels": Recipe(FEWER, "pixels", 20.0, trimmed=3),
    "pairs": Recipe(HANDS, "pairs", 2.0),
    "shapes": Recipe(HANDS, "shapes", 6.0),
    "classic": Recipe(SCANNED, "pixels", 20.0, trimmed=3),
}


Digits = tuple[Codes, NDArray[np.intp]]  # (n,) each, with their labels

_drawn: dict[tuple[str, Changes], Digits] = {}  # once for all models


def digits_of(sources: tuple[tuple[str, Changes], ...]) -> list[Digits]:
    """The training part of each source with its copies, drawn by as many processes as cores."""
    new = [source for source in sources if source not in _drawn]
    if new:
        with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
            _drawn.update(zip(new, pool.map(_draw, *zip(*new, strict=True)), strict=True))
    return [_drawn[source] for source in sources]


def _draw(source: str, how: Changes) -> Digits:
    return drawn(source, load_dataset(source).train, how)


def training_digits(sources: tuple[tuple[str, Changes], ...]) -> Digits:
    """The codes and labels of the training parts of the sources that are here."""
    parts = digits_of(tuple((name, how) for name, how in sources if name in available()))
    codes, labels = zip(*parts, strict=True)
    return np.concatenate(codes), np.concatenate(labels)


def fitted(codes: Codes, labels: NDArray[np.intp], recipe: Recipe) -> Array:
    """The weights (K, D) that a recipe finds for these digits.

    Adding the same vector to every w_k changes no probability; the one chosen here makes the
    weights of all classes add up to zero.
    """
    features = feature_map(recipe.features)(unpack(codes))
    sure = np.ones(len(labels), bool)
    for left in range(recipe.trimmed, -1, -1):
        objective = Objective(features[sure], labels[sure], classes=len(DIGITS), l2=recipe.l2)
        weights = maximize(objective, optimizer="lbfgs", tolerance=1e-6).weights
        if left:
            p = softmax(scores(weights, features))
            sure = p[np.arange(len(labels)), labels] >= DOUBTFUL
    return weights - weights.mean(axis=0)


def known_digits() -> Known:
    """All training digits that are here, without their changed copies."""
    parts = [load_dataset(name).train for name in available()]
    labels = np.concatenate([part.labels for part in parts]).astype(np.uint8)
    return Known(np.concatenate([part.codes for part in parts]), labels)


def train_model(name: str) -> SoftmaxModel:
    """The shipped model of that name, made anew."""
    recipe = RECIPES[name]
    weights, phi = fitted(*training_digits(recipe.digits), recipe), feature_map(recipe.features)
    return SoftmaxModel(DIGITS, weights, phi, PREPARATION, known_digits())


def main() -> None:
    print(f"made from {', '.join(load_dataset(name).title.lower() for name in available())}")
    for name in RECIPES:
        model = train_model(name)
        save_model(model, ASSETS / f"{name}.npz")
        print(f"assets/{name}.npz: {', '.join(_accuracies(model))}")


def _accuracies(model: SoftmaxModel) -> Iterable[str]:
    for name in available():
        test = load_dataset(name).test
        yield f"{(model.predict(test.codes) == test.labels).mean():.4f} on {name}"


if __name__ == "__main__":
    main()
