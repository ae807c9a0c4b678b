"""What the Evaluate page asks of a model, besides how it does on held-out digits."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui.cached import digits, keep_by_model
from softmax_core import SoftmaxModel
from softmax_core.datasets import available
from softmax_core.evaluation import (
    ByWriter,
    Evaluation,
    by_source,
    by_writer,
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


@keep_by_model
def sources(model: SoftmaxModel) -> dict[str, Evaluation]:
    """A model on the held-out digits of every source."""
    return by_source(model)


@keep_by_model
def writers(model: SoftmaxModel) -> dict[str, ByWriter]:
    """A model on each held-out writer who is known, those of a new site by themselves."""
    found = {}
    for data in map(digits, available()):
        part, seen = data.test, data.train.sites
        if part.writers is None or part.sites is None:
            continue
        new = ~np.isin(part.sites, seen)
        for title, rows in (("another site", new), ("sites in training", ~new)):
            some = part[rows]
            found[title] = by_writer(evaluate(model, some.grids, some.labels), some.writers)
    return found


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
