"""What the Weights page asks of the training digits."""

from pages.ui.cached import keep_by_model
from pages.ui.session import known_of
from softmax_core import SoftmaxModel, unpack
from softmax_core.inspection import Ink, ink


@keep_by_model
def seen_ink(model: SoftmaxModel) -> Ink | None:
    """The ink of the training digits by class; None where none fit the model."""
    known = known_of(model)
    if known is None:
        return None
    return ink(unpack(known.codes), known.labels, len(model.classes))
