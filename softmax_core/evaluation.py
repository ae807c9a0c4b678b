"""When a model is wrong: on held-out digits, prepared in other ways, shifted, and spoiled.

`python -m softmax_core.evaluation build` draws the held-out pen digits through every variant of
their preparation and writes the grids to assets/variants.npz: that takes a minute, for which
nobody who asks how much a step is worth should have to wait.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softmax_core.arrays import read_arrays, write_arrays
from softmax_core.datasets import (
    ASSETS,
    DIGITS,
    PREPARATION,
    available,
    load_dataset,
    trajectory_strokes,
)
from softmax_core.drawing import PREPARATIONS, Preparation, prepare
from softmax_core.errors import LabelError, ParameterError
from softmax_core.grids import PIXELS, SIDE, Codes, Grids, as_grids, pack, pictures, shifted
from softmax_core.inputs import (
    LARGEST_SEED,
    as_array,
    as_count,
    as_labels,
    as_list,
    as_own,
    shortened,
)
from softmax_core.metrics import Accuracy, Calibration, accuracy, calibration, confusion
from softmax_core.model import SoftmaxModel

FURTHEST = 2  # cells, the largest shift
FLIPS = (0, 1, 2, 3, 4, 6, 8, 12, 16)  # pixels of 64


def dataset_for(model: SoftmaxModel) -> str:
    """The name of the shipped set that a model is judged by: digits that went its way.

    Raises `LabelError` where there is none.
    """
    model = as_own(model, SoftmaxModel, "a SoftmaxModel")
    if (model.preparation, model.classes) == (PREPARATION, DIGITS):
        return "pen"
    raise LabelError(
        f"no held-out digits fit this model: it has the classes {', '.join(model.classes)} and "
        f"the preparation {model.preparation!r}; the shipped sets have the classes 0 to 9, "
        f"prepared as {PREPARATION}"
    )


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A model on labelled digits: what it says, how often it is right, and how sure it is."""

    labels: NDArray[np.intp]  # (N,)
    predicted: NDArray[np.intp]  # (N,)
    confidence: NDArray[np.floating]  # (N,), the probability of the predicted class
    accuracy: Accuracy
    confusion: NDArray[np.intp]  # (K, K), row: label, column: prediction
    calibration: Calibration

    @property
    def confused(self) -> NDArray[np.intp]:
        """The confusion matrix without its diagonal: the mistakes alone."""
        return self.confusion - np.diag(self.confusion.diagonal())

    @property
    def mistakes(self) -> NDArray[np.intp]:
        """The digits that are taken for another class, the most confident mistake first."""
        wrong = np.flatnonzero(self.predicted != self.labels)
        return wrong[np.argsort(-self.confidence[wrong], kind="stable")]

    def cell(self, label: int, predicted: int) -> NDArray[np.intp]:
        """The digits in one cell of the confusion matrix, the most confident first.

        Raises `LabelError` where there is no such cell.
        """
        last = len(self.confusion) - 1
        label = as_count(label, "the label of a cell", 0, last, LabelError)
        predicted = as_count(predicted, "the prediction of a cell", 0, last, LabelError)
        rows = np.flatnonzero((self.labels == label) & (self.predicted == predicted))
        return rows[np.argsort(-self.confidence[rows], kind="stable")]

    def by_class(self) -> dict[int, Accuracy]:
        """The accuracy on the digits of each class that has any."""
        return {
            int(k): accuracy(self.predicted[self.labels == k], self.labels[self.labels == k])
            for k in np.unique(self.labels)
        }


def evaluate(model: SoftmaxModel, grids: ArrayLike, labels: ArrayLike) -> Evaluation:
    """The model on grids (N, 8, 8) with labels (N,). Raises `LabelError`, `GridError`."""
    probabilities = as_own(model, SoftmaxModel, "a SoftmaxModel").probabilities(grids)
    predicted = probabilities.argmax(axis=1)
    labels = as_labels(labels, classes=len(model.classes), samples=len(predicted))
    return Evaluation(
        labels,
        predicted,
        probabilities.max(axis=1),
        accuracy(predicted, labels),
        confusion(predicted, labels, len(model.classes)),
        calibration(probabilities, labels),
    )


@dataclass(frozen=True, eq=False)
class ByWriter:
    """How differently a model does for different people: one accuracy for each of them."""

    writers: NDArray[np.integer]  # (W,), their numbers, the one whom it reads worst first
    counts: NDArray[np.intp]  # (W,), of their digits
    shares: NDArray[np.floating]  # (W,), of their digits that are right

    def quantile(self, share: float) -> float:
        """The accuracy that this share of the writers stays below: 0.5 for half of them."""
        return float(np.quantile(self.shares, share))


def by_writer(found: Evaluation, writers: ArrayLike) -> ByWriter:
    """The accuracy for each writer; `writers` (N,) says who wrote which digit.

    Raises `LabelError` for another number of writers than of digits.
    """
    writers = as_array(writers, "writers (N,)", LabelError)
    if writers.shape != found.labels.shape:
        raise LabelError(f"{len(found.labels)} digits have a writer each, got {shortened(writers)}")
    numbers, index, counts = np.unique(writers, return_inverse=True, return_counts=True)
    shares = np.bincount(index, found.predicted == found.labels) / counts
    order = np.argsort(shares, kind="stable")
    return ByWriter(numbers[order], counts[order], shares[order])


def by_source(model: SoftmaxModel) -> dict[str, Evaluation]:
    """A model on the held-out digits of every source that is here, by the source's title.

    A site of which training has seen nobody stands by itself. Raises `LabelError` for a model that
    the shipped digits do not fit.
    """
    dataset_for(model)
    parts = {}
    for dataset in map(load_dataset, available()):
        if dataset.test.sites is None or dataset.train.sites is None:
            parts[dataset.title] = dataset.test
            continue
        new = ~np.isin(dataset.test.sites, dataset.train.sites)
        parts[f"{dataset.title}, sites in training"] = dataset.test[~new]
        parts[f"{dataset.title}, another site"] = dataset.test[new]
    return {title: evaluate(model, part.grids, part.labels) for title, part in parts.items()}


@dataclass(frozen=True)
class Variant:
    """The preparation of the pen digits with something changed."""

    name: str
    title: str
    preparation: Preparation


_PEN = PREPARATIONS["pen"]

VARIANTS = {
    name: Variant(name, title, preparation)
    for name, title, preparation in (
        ("as-trained", "deskewed, framed, stretched", _PEN),
        ("stems", "deskewed by all of the ink, stems or not", replace(_PEN, stems=False)),
        ("deskew", "not deskewed", replace(_PEN, deskew=False)),
        ("stretch", "not stretched: aspect kept", replace(_PEN, stretch=False)),
        ("frame", "not framed: the canvas as it is", replace(_PEN, canvas=1.0)),
        ("thin", "pen half as wide", replace(_PEN, pen=_PEN.pen / 2)),
        ("thick", "pen twice as wide", replace(_PEN, pen=2 * _PEN.pen)),
        ("any-ink", "a cell is on if it has any ink", replace(_PEN, threshold=1)),
        ("half-ink", "a cell is on if it is half full", replace(_PEN, threshold=8)),
        ("plain", "cropped and centred only", replace(_PEN, deskew=False, stretch=False)),
        ("nist", "as NIST framed its scans", replace(_PEN, frame=(23.0, 32.0), pen=4.75)),
    )
}


def variant_of(model: SoftmaxModel) -> Variant:
    """The variant in which the pen digits are prepared as a model has learned."""
    return next(v for v in VARIANTS.values() if v.preparation.name == model.preparation)


def variant_strokes(trajectory: NDArray) -> list[NDArray[np.floating]]:
    """A recorded path, y up, on the middle three fifths of a canvas of side 1, y down."""
    return [0.2 + 0.6 * (stroke / 100 + (0, 1)) for stroke in trajectory_strokes(trajectory)]


def draw_variant(name: str, trajectories: NDArray) -> Grids:
    """Recorded paths (n, m, 2) through a variant of the preparation: (n, 8, 8)."""
    how = VARIANTS[name].preparation
    return np.array([prepare(variant_strokes(t), how).grid for t in trajectories])


def load_variants() -> dict[str, Codes]:
    """The codes of the held-out pen digits in each variant of their preparation, (n,) each."""
    return read_arrays(ASSETS / "variants.npz")


def build(file: Path) -> None:
    """Writes the file that `load_variants` reads."""
    trajectories = load_dataset("pen").test.trajectories
    assert trajectories is not None
    write_arrays(file, {name: pack(draw_variant(name, trajectories)) for name in VARIANTS})


def preparation_worth(
    model: SoftmaxModel, variants: dict[str, Codes], labels: ArrayLike
) -> dict[str, Accuracy]:
    """The accuracy of a model on the same digits in each variant of their preparation."""
    return {name: accuracy(model.predict(codes), labels) for name, codes in variants.items()}


def shift_worth(
    model: SoftmaxModel, grids: ArrayLike, labels: ArrayLike, furthest: int = FURTHEST
) -> NDArray[np.floating]:
    """The accuracy on grids moved by −furthest … furthest cells: row down, column right."""
    furthest = as_count(furthest, "the largest shift", 0, SIDE)
    steps = range(-furthest, furthest + 1)
    return np.array(
        [
            [accuracy(model.predict(pack(shifted(grids, r, c))), labels).value for c in steps]
            for r in steps
        ]
    )


def by_distance(shifts: NDArray[np.floating]) -> NDArray[np.floating]:
    """The mean accuracy of all shifts by 0, 1, … cells in any direction, diagonal ones included."""
    furthest = len(shifts) // 2
    rows, columns = np.abs(np.indices(shifts.shape) - furthest)
    distance = np.maximum(rows, columns)
    return np.array([shifts[distance == d].mean() for d in range(furthest + 1)])


def flipped(grids: ArrayLike, count: int, seed: int = 0) -> Grids:
    """Each grid with `count` different pixels switched, chosen at random.

    Raises `ParameterError` for a count outside 0..64.
    """
    count = as_count(count, "the number of pixels that are flipped", 0, PIXELS)
    seed = as_count(seed, "the seed", 0, LARGEST_SEED)
    pixels = as_grids(grids)
    order = np.random.default_rng(seed).random((len(pixels), PIXELS)).argsort(axis=1)
    return pixels ^ pictures(order < count)


def flip_worth(
    model: SoftmaxModel, grids: ArrayLike, labels: ArrayLike, counts: Iterable[int] = FLIPS
) -> list[Accuracy]:
    """The accuracy with that many pixels of every grid flipped. Raises `ParameterError`."""
    model = as_own(model, SoftmaxModel, "a SoftmaxModel")
    several = as_list(counts, "counts are a list of numbers", PIXELS + 1, ParameterError)
    return [accuracy(model.predict(pack(flipped(grids, n))), labels) for n in several]


def main(arguments: list[str]) -> None:
    if arguments != ["build"]:
        sys.exit("usage: python -m softmax_core.evaluation build")
    build(ASSETS / "variants.npz")


if __name__ == "__main__":
    main(sys.argv[1:])
