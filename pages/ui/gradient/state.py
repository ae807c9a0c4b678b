"""What the Gradient page holds: the sample, its label, the weights, and the weight looked at."""

from dataclasses import dataclass, field
from weakref import proxy

import numpy as np
from numpy.typing import NDArray

from pages.ui import budget
from pages.ui.cached import digits
from pages.ui.gradient import results
from pages.ui.link import feature_at, one_of
from pages.ui.model_choice import drawn_grid
from pages.ui.session import Session
from softmax_core import SoftmaxModel, feature_map, unpack
from softmax_core.derivation import Derivation, StepTaken, derive
from softmax_core.errors import InputError
from softmax_core.grids import Grid, from_hex

DIGIT, DRAWING = "A digit of the data", "My drawing"

ZERO, HALF = "zero", "half trained"

STARTS = {ZERO: "zero: nothing learned", HALF: "half trained: 10 steps uphill"}

PHI = feature_map(results.FEATURES)


@dataclass
class GradientState:
    """`entry` is (k, i), the class and the feature of the weight that is followed."""

    session: Session
    chosen: str | None = None  # the source; None: the visitor's drawing where there is one
    digit: int = 13  # which of the held-out digits
    label: int | None = None  # None: the digit's own label, or the class that the model names
    start: str = HALF
    steps: list[StepTaken] = field(default_factory=list)
    entry: tuple[int, int] | None = None  # None: one that shows something

    way: str = ""  # how one goes on after the derivation
    link: dict[str, str] = field(default_factory=dict)
    shown: tuple | None = None  # what the steps of the derivation follow on the screen

    @property
    def source(self) -> str:
        """Where the sample comes from."""
        return self.chosen or (DRAWING if self._drawn.any() else DIGIT)

    @property
    def _drawn(self) -> Grid:
        try:
            return drawn_grid(self.session, self.data.preparation)
        except InputError:
            return from_hex("0" * 16)

    @property
    def data(self):
        return digits(results.DATA)

    @property
    def classes(self) -> tuple[str, ...]:
        return self.data.classes

    @property
    def starts(self) -> tuple[str, ...]:
        """Where W may come from: models that read the same features of the same classes."""
        return (ZERO, HALF, *filter(self._fits, self.session.model_names))

    def _fits(self, name: str) -> bool:
        model = self.session.model_of(name)
        return (model.classes, model.features.name, model.preparation) == (
            self.classes,
            results.FEATURES,
            self.data.preparation,
        )

    @property
    def start_weights(self) -> NDArray:
        if self.start == ZERO:
            return np.zeros_like(results.half_trained())
        return results.half_trained() if self.start == HALF else self._model().weights

    def _model(self) -> SoftmaxModel:
        return self.session.model_of(self.start)

    @property
    def weights(self) -> NDArray:
        """W: where it started, or where the steps have led."""
        return self.steps[-1].after if self.steps else self.start_weights

    @property
    def followed(self) -> tuple:
        """The last step from where W started, and the weight."""
        return self.steps[-1:], self.entry

    @property
    def grid(self) -> Grid:
        """The sample. All false while there is no drawing."""
        if self.source == DIGIT:
            return unpack(self.data.test.codes[self.digit : self.digit + 1])[0]
        return self._drawn

    @property
    def own_label(self) -> int:
        """The digit's label; for a drawing the class that the weights name."""
        if self.source == DIGIT:
            return int(self.data.test.labels[self.digit])
        return int(derive(self.weights, PHI(self.grid), 0).probabilities.argmax())

    @property
    def derivation(self) -> Derivation:
        return derive(self.weights, PHI(self.grid), self.label_now)

    @property
    def label_now(self) -> int:
        """The sample's label: the visitor's choice, or its own."""
        return self.own_label if self.label is None else self.label

    @property
    def place(self) -> tuple[int, int]:
        """The weight that is followed: by default the label's, where there is ink."""
        if self.entry is not None:
            return self.entry
        d = self.derivation
        inked = np.flatnonzero(d.features[1:])
        return d.label, int(inked[len(inked) // 2]) + 1 if len(inked) else 0

    def choose_source(self, source: str) -> None:
        self.chosen, self.label = source, None

    def next_digit(self) -> None:
        """Another held-out digit, of another class."""
        labels = self.data.test.labels
        different = np.flatnonzero(labels[self.digit + 1 :] != labels[self.digit])
        self.digit = self.digit + 1 + int(different[0]) if len(different) else 0
        self.label = None

    def choose_start(self, start: str) -> None:
        self.start, self.steps = start, []

    def pick(self, k: int, i: int) -> None:
        self.entry = (k, i)

    def look_at(self, k: int) -> None:
        """Follows the weight of the same feature in class k."""
        self.entry = (k, self.place[1])

    def take_step(self, multiple: float) -> None:
        rate = results.safe_rate() * multiple
        self.steps.append(results.step_from(self.weights, rate))
        del self.steps[: -budget.STEPS]

    def follow(self, link: dict[str, str]) -> None:
        """Looks at what a link names: the weights W, and the weight that is followed."""
        self.choose_start(self.starts[one_of(link, "weights", self.starts, 1)])
        k, i = self.place
        self.entry = (one_of(link, "class", self.classes, k), feature_at(link, PHI, i))

    def back(self) -> None:
        self.steps = []


def gradient_state(session: Session) -> GradientState:
    """The visitor's, made at the first visit. A proxy: the two must not keep each other alive."""
    page = session.pages.setdefault("gradient", GradientState(proxy(session)))
    if page.start not in page.starts:  # dropped, or another file of that name
        page.choose_start(HALF)
    return page
