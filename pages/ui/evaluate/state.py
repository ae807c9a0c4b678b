"""What the Evaluate page holds: model and digits, and the open cell of the confusion matrix."""

from dataclasses import dataclass, field
from weakref import proxy

from pages.ui.cached import digits
from pages.ui.link import Link, one_of
from pages.ui.session import DEFAULT_MODEL, Session
from softmax_core import MODELS, Dataset, SoftmaxModel
from softmax_core.datasets import available
from softmax_core.evaluation import dataset_for


@dataclass
class EvaluateState:
    """`chosen` are the digits that the model is judged by, `cell` is (label, prediction)."""

    session: Session
    name: str = DEFAULT_MODEL
    chosen: str = ""
    cell: tuple[int, int] | None = None
    link: dict[str, str] = field(default_factory=dict)

    @property
    def model(self) -> SoftmaxModel:
        return self.session.model_of(self.name)

    @property
    def data(self) -> Dataset:
        """The digits that the model is judged by. Raises `LabelError` where there are none."""
        usual = dataset_for(self.model)
        return digits(self.chosen or usual)

    def choose_data(self, name: str) -> None:
        self.chosen, self.cell = name, None

    def follow(self, link: Link) -> None:
        """Looks at what a link names: the model, the digits, and a cell of the matrix."""
        names, sets = self.session.model_names, available()
        self.choose_model(names[one_of(link, "model", names, names.index(self.name))])
        self.choose_data(sets[one_of(link, "data", sets, sets.index(self.data.name))])
        if {"label", "prediction"} <= set(link):
            classes = self.data.classes
            cell = [one_of(link, name, classes, -1) for name in ("label", "prediction")]
            if min(cell) >= 0:
                self.open(*cell)

    @property
    def leads_here(self) -> dict[str, str]:
        """The link to what is looked at; a model of this visit alone is not in it."""
        link = {"data": self.data.name} | ({"model": self.name} if self.name in MODELS else {})
        if self.cell:
            label, predicted = (self.data.classes[n] for n in self.cell)
            link |= {"label": label, "prediction": predicted}
        return link

    def choose_model(self, name: str) -> None:
        self.name, self.cell = name, None

    def open(self, label: int, predicted: int) -> None:
        self.cell = (label, predicted)


def evaluate_state(session: Session) -> EvaluateState:
    """The visitor's, made at the first visit. A proxy: the two must not keep each other alive."""
    page = session.pages.setdefault("evaluate", EvaluateState(proxy(session)))
    if page.name not in session.model_names:
        page.choose_model(DEFAULT_MODEL)
    return page
