"""What the Evaluate page holds: the model, and the cell of the confusion matrix that is open."""

from dataclasses import dataclass

from pages.ui.session import DEFAULT_MODEL, Session
from softmax_core import Dataset, SoftmaxModel
from softmax_core.evaluation import dataset_for


@dataclass
class EvaluateState:
    """`cell` is (label, prediction)."""

    session: Session
    name: str = DEFAULT_MODEL
    cell: tuple[int, int] | None = None
    mistake: int = 0

    @property
    def model(self) -> SoftmaxModel:
        return self.session.model_of(self.name)

    @property
    def data(self) -> Dataset:
        """The digits that the model is judged by. Raises `LabelError` where there are none."""
        return dataset_for(self.model)

    def choose_model(self, name: str) -> None:
        self.name, self.cell, self.mistake = name, None, 0

    def open(self, label: int, predicted: int) -> None:
        self.cell = (label, predicted)

    def look_at(self, mistake: int) -> None:
        self.mistake = mistake


def evaluate_state(session: Session) -> EvaluateState:
    """The visitor's, made at the first visit."""
    return session.pages.setdefault("evaluate", EvaluateState(session))
