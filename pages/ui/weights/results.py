"""What the Weights page asks of the training digits."""

from pages.ui.cached import digits, keep_by_model
from softmax_core import SoftmaxModel, unpack
from softmax_core.errors import InputError
from softmax_core.evaluation import dataset_for
from softmax_core.inspection import Ink, ink


@keep_by_model
def seen_ink(model: SoftmaxModel) -> Ink | None:
    """The ink by class of the training digits that a model carries, else of those of the set that
    it is judged by; None where there are none."""
    try:
        train = model.known or digits(dataset_for(model)).train
    except InputError:
        return None
    return ink(unpack(train.codes), train.labels, len(model.classes))
