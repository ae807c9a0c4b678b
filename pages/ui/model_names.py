"""Models by names for people, with how often they are right; one table for all pages."""

from pages.ui.cached import digits, held_out, keep_by_model
from pages.ui.session import Session
from pages.ui.text import percent
from softmax_core import SoftmaxModel
from softmax_core.errors import InputError
from softmax_core.evaluation import dataset_for

NAMES = {
    "shapes": "best: with pixels two apart",
    "pairs": "with neighbours",
    "pixels": "simple: 64 pixels",
    "classic": "from scans",
}

NOTES = {
    "shapes": "A bias, the 64 pixels, and the products of pixels up to two apart.",
    "pairs": "A bias, the 64 pixels, and the products of neighbouring pixels.",
    "pixels": "A bias and the 64 pixels.",
    "classic": "A bias and the 64 pixels, trained on scanned digits alone.",
}


@keep_by_model
def right(model: SoftmaxModel) -> str:
    """The share of held-out digits that the model gets right, or nothing where none fit it."""
    try:
        data = digits(dataset_for(model))
    except InputError:
        return ""
    return percent(held_out(model, data.name).accuracy.value)


def name_of(name: str) -> str:
    """What people call the model; one of their own they have named themselves."""
    return NAMES.get(name, name)


def title_of(session: Session, name: str) -> str:
    """The name with the accuracy on writers that the model has not seen."""
    share = right(session.model_of(name))
    return f"{name_of(name)} ({share})" if share else name_of(name)
