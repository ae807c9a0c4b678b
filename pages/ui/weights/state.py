"""What the Weights page holds: the model, the weight looked at, and the changes made to it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from weakref import proxy

import numpy as np

from pages.ui import budget
from pages.ui.cached import digits
from pages.ui.history import History
from pages.ui.link import Link, feature_at, one_of, place_of
from pages.ui.model_choice import drawn_grid
from pages.ui.session import DEFAULT_MODEL, Session
from softmax_core import MODELS, Dataset, SoftmaxModel
from softmax_core.errors import InputError
from softmax_core.evaluation import dataset_for
from softmax_core.explain import Answer
from softmax_core.grids import Grid
from softmax_core.inspection import with_weight


@dataclass(frozen=True, eq=False)
class Changed:
    """A model, and the weight that was looked at when it came about."""

    model: SoftmaxModel
    entry: tuple[int, int]


@dataclass
class WeightsState:
    """`entry` is (k, i): class and feature; `other` is the class that is compared with k.

    `history` has the model after each change to `base`: where the name stands for another model
    by now, all of this begins again.
    """

    session: Session
    name: str = DEFAULT_MODEL
    entry: tuple[int, int] = (3, 29)
    other: int = 8
    base: SoftmaxModel | None = None
    history: History[Changed] = field(init=False)
    kept: str = ""  # what became of the last "Keep as a model"
    link: dict[str, str] = field(default_factory=dict)

    def refresh(self) -> None:
        """Follows what became of the model: dropped, or another file of the same name."""
        if self.name not in self.session.model_names:
            self.name = DEFAULT_MODEL
        if self.base is not self.original:
            self.choose_model(self.name)

    @property
    def original(self) -> SoftmaxModel:
        return self.session.model_of(self.name)

    @property
    def model(self) -> SoftmaxModel:
        return self.history.present.model

    @property
    def changed(self) -> bool:
        """Whether the model is another than the one that was learned."""
        return self.model is not self.base

    @property
    def value(self) -> float:
        """w_ki."""
        return float(self.model.weights[self.entry])

    def as_weight(self, value: float) -> float:
        """A number as the weights hold it, who may be narrower."""
        return float(self.model.weights.dtype.type(value))

    @property
    def data(self) -> Dataset | None:
        """The digits that the model can be judged by, or None."""
        try:
            return digits(dataset_for(self.original))
        except InputError:
            return None

    @property
    def why_no_data(self) -> str:
        """Why there are none."""
        try:
            dataset_for(self.original)
        except InputError as error:
            return str(error)
        return ""

    @property
    def scale(self) -> float:
        """What full colour stands for: the learned weights, so that a change bleaches no other."""
        return float(np.abs(self.base.features.weight_images(self.base.weights)).max()) or 1.0

    @property
    def bound(self) -> float:
        """What a weight may be changed to, up or down: twice the largest of the model."""
        return 2 * float(np.abs(self.original.weights).max()) or 1.0

    @property
    def grid(self) -> Grid:
        """The visitor's drawing as the model reads it."""
        return drawn_grid(self.session, self.original.preparation)

    @property
    def answer(self) -> Answer:
        """What the model as it is now says to the drawing."""
        return self.session.answer_of(self.model)

    def choose_model(self, name: str) -> None:
        self.name, self.kept = name, ""
        self.base = self.original
        last, dimension = len(self.base.classes) - 1, self.base.features.dimension
        self.entry = (min(self.entry[0], last), min(self.entry[1], dimension - 1))
        self.other = min(self.other, last)
        self.history = History(Changed(self.base, self.entry))

    def pick(self, k: int, i: int) -> None:
        self.entry = (k, i)

    def pick_of(self, k: int) -> Callable[[int, int], None]:
        """What is called for a weight that is picked in a picture of class k alone."""
        return lambda _, i: self.pick(k, i)

    def look_at(self, k: int) -> None:
        self.entry = (k, self.entry[1])

    def compare_with(self, other: int) -> None:
        self.other = other

    def change(self, value: float) -> None:
        """Gives the weight that is looked at another value."""
        self._go_on(with_weight(self.model, self.entry, value))

    def reset(self) -> None:
        """Back to what was learned, which is a step like any other."""
        if self.changed:
            self._go_on(self.base)

    def _go_on(self, model: SoftmaxModel) -> None:
        self.history = self.history.then(Changed(model, self.entry), budget.CHANGES)
        self.kept = ""

    def undo(self) -> None:
        """One step back, at the weight that it concerns."""
        if self.history.past:
            self.entry = self.history.present.entry
            self.history, self.kept = self.history.undo(), ""

    def redo(self) -> None:
        """Takes back the latest `undo`, at the weight that it concerns."""
        if self.history.future:
            self.history, self.kept = self.history.redo(), ""
            self.entry = self.history.present.entry

    def keep(self) -> None:
        """Makes the changed model one of the session's, and looks at that one."""
        name = self.name if self.name.endswith(" changed") else f"{self.name} changed"
        self.choose_model(self.session.keep(name, self.model))
        self.kept = (
            f"Kept as “{self.name}”, which is shown now. The other pages can choose it, too; a "
            "further change starts from it."
        )

    def follow(self, link: Link) -> None:
        """Looks at what a link names: model, class, the class it is compared with, row, column."""
        names = self.session.model_names
        self.choose_model(names[one_of(link, "model", names, names.index(self.name))])
        k = one_of(link, "class", self.base.classes, self.entry[0])
        self.other = one_of(link, "minus", self.base.classes, self.other)
        self.entry = (k, feature_at(link, self.base.features, self.entry[1]))

    @property
    def leads_here(self) -> dict[str, str]:
        """The link to what is looked at; a model of this visit alone is not in it."""
        k, i = self.entry
        link = {"class": self.base.classes[k], "minus": self.base.classes[self.other]}
        if self.name in MODELS:
            link["model"] = self.name
        return link | place_of(i, self.base.features)


def weights_state(session: Session) -> WeightsState:
    """The visitor's, made at the first visit. A proxy: the two must not keep each other alive."""
    page = session.pages.setdefault("weights", WeightsState(proxy(session)))
    page.refresh()
    return page
