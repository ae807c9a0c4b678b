"""What visitors share: the digits, and results kept by what they depend on, not by who asked."""

import hashlib

import numpy as np
import streamlit as st

from softmax_core import SoftmaxModel, load_dataset
from softmax_core.evaluation import Evaluation, evaluate
from softmax_core.features import Features, feature_map
from softmax_core.objective import Objective

KEPT = 100  # results of one kind
KEPT_BY_MODEL = 40  # of a model: visitors bring as many as they like

keep = st.cache_data(show_spinner=False, max_entries=KEPT)

digits = st.cache_resource(show_spinner=False)(load_dataset)


@st.cache_resource(show_spinner="Reading the digits …")
def samples(data: str, features: str) -> tuple[tuple[Features, np.ndarray], ...]:
    """Features and labels for training, and those held out: one copy for all sessions."""
    dataset, phi = digits(data), feature_map(features)
    return tuple((phi(split.grids), split.labels) for split in (dataset.train, dataset.test))


def objectives(data: str, features: str, l2: float = 0.0) -> tuple[Objective, Objective]:
    """The objective on the training data, and L on the held-out data."""
    classes = digits(data).classes
    (train, seen), (test, unseen) = samples(data, features)
    return (
        Objective(train, seen, classes=classes, l2=l2),
        Objective(test, unseen, classes=classes),
    )


def fingerprint(model: SoftmaxModel) -> str:
    """The content of a model as a short text: equal for equal models, whoever made them."""
    content = hashlib.sha256(np.ascontiguousarray(model.weights).tobytes())
    about = (model.classes, model.features.name, model.preparation, str(model.weights.dtype))
    content.update(repr(about).encode())
    if model.known is not None:
        content.update(model.known.codes.tobytes() + model.known.labels.tobytes())
    return content.hexdigest()


keep_by_model = st.cache_data(
    show_spinner=False, max_entries=KEPT_BY_MODEL, hash_funcs={SoftmaxModel: fingerprint}
)


@keep_by_model
def held_out(model: SoftmaxModel, data: str) -> Evaluation:
    """A model on the digits of writers that training has not seen."""
    return evaluate(model, digits(data).test.grids, digits(data).test.labels)


@keep
def some_of_each(data: str, each: int) -> list[int]:
    """The first held-out digits of every class."""
    labels = digits(data).test.labels
    return [int(n) for k in np.unique(labels) for n in np.flatnonzero(labels == k)[:each]]
