"""What the Evaluate page asks of a model, besides how it does on held-out digits."""

import streamlit as st
from numpy.typing import NDArray

from pages.ui.cached import digits, keep_by_model
from softmax_core import SoftmaxModel
from softmax_core.evaluation import (
    Evaluation,
    evaluate,
    flip_worth,
    load_variants,
    preparation_worth,
    shift_worth,
)
from softmax_core.metrics import Accuracy

DATA = "pen"  # the digits that were prepared in every way


@keep_by_model
def known_writers(model: SoftmaxModel, data: str) -> Evaluation:
    """A model on the digits of the writers of the training part."""
    return evaluate(model, digits(data).train.grids, digits(data).train.labels)


variants = st.cache_resource(show_spinner=False)(load_variants)


@keep_by_model
def preparations(model: SoftmaxModel) -> dict[str, Accuracy]:
    """A model on the held-out pen digits, prepared in every way."""
    return preparation_worth(model, variants(), digits(DATA).test.labels)


@keep_by_model
def shifts(model: SoftmaxModel, data: str) -> NDArray:
    """A model on held-out digits moved by up to two cells each way."""
    split = digits(data).test
    return shift_worth(model, split.grids, split.labels)


@keep_by_model
def flips(model: SoftmaxModel, data: str) -> list[Accuracy]:
    """A model on held-out digits with some pixels flipped."""
    split = digits(data).test
    return flip_worth(model, split.grids, split.labels)
