"""What the Evaluate page holds: the model, and the cell of the confusion matrix that is open."""

from dataclasses import dataclass
from weakref import proxy

from pages.ui.cached import digits
from pages.ui.session import DEFAULT_MODEL, Session
from softmax_core import Dataset, SoftmaxModel
from softmax_core.evaluation import dataset_for


@dataclass
class EvaluateState:
    """`cell` is (label, prediction)."""

    session: Session
    name: str = DEFAULT_MODEL
    cell: tuple[int, int] | None = None

    @property
    def model(self) -> SoftmaxModel:
        return self.session.model_of(self.name)

    @property
    def data(self) -> Dataset:
        """The digits that the model is judged by. Raises `LabelError` where there are none."""
        return digits(dataset_for(self.model))

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
