"""Why this class: where a score comes from, what would change the answer, and when to doubt it.

$$
a_k(x) = b_k + Σ_pixels e_k, e_k = w_k ⊙ φ(x)                the evidence for class k
a_k(x) − a_l(x) = b_k − b_l + Σ_pixels (w_k − w_l) ⊙ φ(x)    the contrast of k and l
$$

A feature that joins two neighbouring pixels gives half of its evidence to each of them, so that
the 8×8 picture and the bias always add up to the score.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softmax_core.drawing import MOST_POINTS, Prepared, as_points
from softmax_core.errors import DrawingError, GridError
from softmax_core.features import BIAS
from softmax_core.grids import SIDE, Grid, as_grid, as_grids, pictures
from softmax_core.inputs import as_list, as_number, as_own
from softmax_core.model import SoftmaxModel, softmax

FEWEST_CELLS, MOST_CELLS = 6, 48  # the digits of the shipped sets have 8 to 46 inked cells
SMALLEST = 1 / 16  # a drawing smaller than this share of the canvas is a dot
# A distance is in pixels that differ from the nearest digit, of all or of a class, per inked cell.
# Chosen on writers and sites held out whole, and on letters; the README shows what it costs.
FURTHEST = 0.5  # distance, beyond which it is no digit
LEAST_MARGIN = (0.2, 2.0)  # best P minus second, at distance 0, and so much more by distance
MARGIN = 0.5  # the least, where no distance is known
FEW_CELLS = 20  # a plain 7 of two thin lines has fewer, and is not far for that
RIVAL = 0.05  # the probability of a second class that is worth naming
TALL = 6  # rows, at least, of each of two digits beside each other


class Verdict(StrEnum):
    """What can be said about an input, the class aside."""

    BLANK = "blank"  # no ink
    FAINT = "faint"  # a dot, or too little ink for a digit
    SCRIBBLE = "scribble"  # too much ink for a digit
    TWO = "two"  # two digits beside each other, where the classes are digits
    NOT_A_DIGIT = "not a digit"  # far from all that the model has learned
    AMBIGUOUS = "ambiguous"  # two classes compete, or it is little like what was learned of one
    CLEAR = "clear"


@dataclass(frozen=True, eq=False)
class Answer:
    """The answer to one grid: scores and probabilities (K,), `order` with the best class first."""

    classes: tuple[str, ...]
    scores: NDArray[np.floating]
    probabilities: NDArray[np.floating]
    order: tuple[int, ...]
    verdict: Verdict

    @property
    def best(self) -> int:
        return self.order[0]

    @property
    def second(self) -> int:
        return self.order[1]

    @property
    def has_rival(self) -> bool:
        """Whether the second class is probable enough to be the reason for a doubt."""
        return bool(self.probabilities[self.second] >= RIVAL)

    @property
    def has_class(self) -> bool:
        """Whether the input is worth a class at all."""
        return self.verdict in (Verdict.CLEAR, Verdict.AMBIGUOUS)

    @property
    def is_of_digits(self) -> bool:
        """Whether every class is a digit, so that two of them are no drawing of one class."""
        return _are_digits(self.classes)

    @property
    def label(self) -> str:
        """The name of the best class; empty where the input is not worth one."""
        return self.classes[self.best] if self.has_class else ""


def answer(model: SoftmaxModel, drawing: Prepared | ArrayLike, extent: float = 1.0) -> Answer:
    """Classifies a drawing that was prepared, or one grid (8, 8), and judges the input.

    Of two digits beside each other a grid alone shows only those that are far apart. Where the
    classes are no digits, one of them may well be of two parts, as "II" is.
    `extent` is the larger side of the drawing as a share of the canvas (see `extent_of`): framing
    enlarges every drawing, so the grid alone can't tell a scratch from a digit, and a dot may
    ink no cell at all.

    Raises `GridError` for anything else, `ParameterError` for an extent that is none.
    """
    model = as_own(model, SoftmaxModel, "a SoftmaxModel")
    extent = as_number(extent, "the extent", 0, 1e15)
    grid = drawing.grid if isinstance(drawing, Prepared) else as_grid(drawing)
    scores = model.scores(grid)[0]
    probabilities = softmax(scores)
    order = tuple(np.argsort(-scores, kind="stable").tolist())
    margin = float(probabilities[order[0]] - probabilities[order[1]])
    verdict = _verdict_on_ink(grid, extent)
    if verdict is None and _are_digits(model.classes):
        two = _is_two(grid) or (isinstance(drawing, Prepared) and drawing.two)
        verdict = Verdict.TWO if two else None
    if verdict is None:
        verdict = _verdict_on_class(_distances(model, grid, order[0]), margin)
    return Answer(model.classes, scores, probabilities, order, verdict)


def _verdict_on_ink(grid: Grid, extent: float) -> Verdict | None:
    """What is wrong with the ink, whatever the model; None where nothing is."""
    cells = int(grid.sum())
    if extent < SMALLEST:
        return Verdict.FAINT
    if cells == 0:
        return Verdict.BLANK
    if cells < FEWEST_CELLS:
        return Verdict.FAINT
    if cells > MOST_CELLS:
        return Verdict.SCRIBBLE
    return None


def _are_digits(classes: tuple[str, ...]) -> bool:
    return all(len(name) == 1 and name in "0123456789" for name in classes)


def _is_two(grid: Grid) -> bool:
    """Whether an empty column parts the ink into two, both of them as tall as a digit."""
    inked = np.flatnonzero(grid.any(axis=0))
    gaps = np.flatnonzero(np.diff(inked) > 1)
    sides = [(grid[:, : inked[g] + 1], grid[:, inked[g] + 1 :]) for g in gaps]
    return any(_height(left) >= TALL and _height(right) >= TALL for left, right in sides)


def _height(pixels: Grid) -> int:
    """The rows from the first inked one to the last."""
    return int(np.ptp(np.flatnonzero(pixels.any(axis=1)))) + 1


def _verdict_on_class(distances: tuple[float, float] | None, margin: float) -> Verdict:
    """The further a drawing is from what was learned of its class, the surer the model has to be.

    Far from one class, but near to another, it is one of the two.
    """
    if distances is None:
        return Verdict.AMBIGUOUS if margin < MARGIN else Verdict.CLEAR
    of_all, of_class = distances
    if of_all > FURTHEST:
        return Verdict.NOT_A_DIGIT
    at_zero, by_distance = LEAST_MARGIN
    doubtful = of_class > FURTHEST or margin < at_zero + by_distance * of_class
    return Verdict.AMBIGUOUS if doubtful else Verdict.CLEAR


def _distances(model: SoftmaxModel, grid: ArrayLike, best: int) -> tuple[float, float] | None:
    """From the nearest digit that the model learned from, of all and of the best class, per
    inked cell."""
    pixels = model.known.distances(grid, best) if model.known is not None else None
    if pixels is None:
        return None
    cells = max(float(as_grid(grid).sum()), FEW_CELLS)
    return pixels[0] / cells, pixels[1] / cells


def extent_of(strokes: list, side: float) -> float:
    """The larger side of the bounding box of one or more strokes, as a share of the canvas's.

    Raises `DrawingError` for strokes without a point, `ParameterError` for a side that is none.
    """
    side = as_number(side, "the side of the canvas", 1e-9, 1e9)
    drawn = as_list(strokes, "a drawing is a list of strokes", MOST_POINTS + 1, DrawingError)
    points = [as_points(stroke, f"stroke {number}") for number, stroke in enumerate(drawn, 1)]
    if not sum(map(len, points)):
        raise DrawingError("a drawing without a point has no extent")
    return float(np.ptp(np.concatenate(points), axis=0).max() / side)


@dataclass(frozen=True, eq=False)
class Evidence:
    """Where a score, or a difference of scores, comes from: `bias` + all cells of `image`."""

    bias: float
    image: NDArray[np.floating]  # (8, 8)

    @property
    def running(self) -> NDArray[np.floating]:
        """(9,): the bias, then the sum up to the end of each row; the last is the score."""
        return np.cumsum([self.bias, *self.image.sum(axis=1)])

    @property
    def score(self) -> float:
        return float(self.running[-1])

    def since(self, other: "Evidence") -> "Evidence":
        """The same score, told as a change: the other's score is the bias, the image what came."""
        return Evidence(other.score, self.image - other.image)

    def __sub__(self, other: "Evidence") -> "Evidence":
        return Evidence(self.bias - other.bias, self.image - other.image)


def evidence_of(model: SoftmaxModel, grid: ArrayLike) -> tuple[Evidence, ...]:
    """The evidence for each class in one grid (8, 8)."""
    model = as_own(model, SoftmaxModel, "a SoftmaxModel")
    return _pictured(model, model.evidence(grid))


def average_evidence(model: SoftmaxModel, grids: ArrayLike) -> tuple[Evidence, ...]:
    """The mean over grids (n, 8, 8) of the evidence for each class: what an average grid has.

    Raises `GridError` where there are none.
    """
    model = as_own(model, SoftmaxModel, "a SoftmaxModel")
    grids = as_grids(grids)
    if not len(grids):
        raise GridError("the mean is of one grid or more, got none")
    parts = np.array_split(grids, len(grids) // 2000 + 1)  # so that φ of all is never held
    total = sum(model.features(part).values.sum(axis=0) for part in parts)
    return _pictured(model, model.weights * (total / len(grids)))


def _pictured(model: SoftmaxModel, terms: NDArray[np.floating]) -> tuple[Evidence, ...]:
    """The terms w_ki φ_i (K, D) of the scores as a bias and a picture for each class."""
    images = model.features.weight_images(terms).copy()
    halves = model.features.pair_weights(terms) / 2
    for end in (0, 1):
        rows, columns = model.features.links[:, end].T
        for image, half in zip(images, halves, strict=True):
            np.add.at(image, (rows, columns), half)
    return tuple(Evidence(float(b), image) for b, image in zip(terms[:, BIAS], images, strict=True))


def scale_of(*evidence: Evidence) -> float:
    """The largest |value| in the pictures of evidence: full colour on their shared scale."""
    return float(max(np.abs(e.image).max() for e in evidence)) or 1.0


@dataclass(frozen=True)
class Flip:
    """One pixel switched: the class that the model then names, and P of that class."""

    row: int
    column: int
    turns_on: bool
    class_index: int
    probability: float

    @property
    def index(self) -> int:
        """The pixel's place in reading order."""
        return SIDE * self.row + self.column


def flips(model: SoftmaxModel, grid: ArrayLike) -> tuple[Flip, ...]:
    """The single pixels that change the answer if they are switched, the strongest first."""
    model = as_own(model, SoftmaxModel, "a SoftmaxModel")
    pixels = as_grid(grid)
    switches = pictures(np.eye(SIDE * SIDE, dtype=bool))
    probabilities = model.probabilities(pixels ^ switches)
    winners = probabilities.argmax(axis=1)
    before = model.predict(pixels)[0]
    changed = [
        Flip(*divmod(i, SIDE), not pixels.flat[i], int(k), float(probabilities[i, k]))
        for i, k in enumerate(winners)
        if k != before
    ]
    return tuple(sorted(changed, key=lambda flip: -flip.probability))
