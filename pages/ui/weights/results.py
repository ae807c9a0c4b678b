"""What the Weights page asks of the training digits."""

from pages.ui.cached import digits, keep
from softmax_core.inspection import Ink, ink


@keep
def seen_ink(data: str) -> Ink:
    """The ink of the training digits by class."""
    dataset = digits(data)
    return ink(dataset.train.grids, dataset.train.labels, len(dataset.classes))
