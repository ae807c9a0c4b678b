"""Training on a room's drawings: what it learns from, and its run step by step.

Held out are whole contributors, so that the accuracy is that on other hands. There is one run for a
room in this process, whoever looks at it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui.cached import digits
from pages.ui.workshop import service
from softmax_core import Objective, SoftmaxModel, feature_map, from_hex
from softmax_core.errors import RoomError
from softmax_core.grids import Grids
from softmax_core.metrics import Accuracy, accuracy
from softmax_core.rooms import Drawing, Room, missing, split_by_contributor
from softmax_core.training import TrainingState, start, step

L2 = 1.0  # the penalty λ: a room has few drawings
TOLERANCE = 1e-4  # of the gradient norm, at which the run ends
MOST_EPOCHS = 60
FULL = 0.98  # of the weights are shown as they are; one that is far larger would pale all others
BESIDE = 2_000  # shipped digits that may be learned beside the room's


@dataclass(frozen=True, eq=False)
class Material:
    """Drawings of a room: grids (N, 8, 8), labels (N,), who drew them, and who is held out."""

    grids: Grids
    labels: NDArray[np.intp]
    contributors: tuple[str, ...]
    held_out: NDArray[np.bool_]
    classes: tuple[str, ...]

    @property
    def people(self) -> int:
        return len(set(self.contributors))


def material(room: Room, drawings: Sequence[Drawing]) -> Material:
    """What the room can be trained on. Raises `RoomError`, which says what is missing."""
    labels = np.array([d.label for d in drawings], dtype=np.intp)
    contributors = tuple(d.contributor for d in drawings)
    counts = dict(enumerate(np.bincount(labels, minlength=len(room.classes)).tolist()))
    lacks = missing(counts, room.classes, len(set(contributors)))
    if lacks:
        raise RoomError(f"the room can't be trained yet: {', '.join(lacks)}")
    grids = np.array([from_hex(d.grid) for d in drawings])
    held_out = split_by_contributor(contributors, labels)
    return Material(grids, labels, contributors, held_out, room.classes)


def can_have_digits_beside(classes: Sequence[str]) -> bool:
    """Whether the shipped digits have all of these classes."""
    return set(classes) <= set("0123456789")


def _beside(classes: Sequence[str]) -> tuple[Grids, NDArray[np.intp]]:
    """Shipped pen digits of these classes, evenly."""
    split, order = digits("pen").train, {int(name): k for k, name in enumerate(classes)}
    rows = np.flatnonzero(np.isin(split.labels, list(order)))
    rows = rows[:: max(1, len(rows) // BESIDE)]
    return split.grids[rows], np.array([order[int(k)] for k in split.labels[rows]], dtype=np.intp)


@dataclass
class Learning:
    """A run on a room's drawings; `record` grows by (epoch, L/N, accuracy, held-out accuracy)."""

    material: Material
    features: str
    beside: bool
    version: int  # of the room, that it learns from
    state: TrainingState = field(init=False)
    record: list[tuple[int, float, float, float]] = field(default_factory=list)
    done: bool = False

    def __post_init__(self) -> None:
        m = self.material
        grids, labels = m.grids[~m.held_out], m.labels[~m.held_out]
        if self.beside:
            more, names = _beside(m.classes)
            grids, labels = np.concatenate([grids, more]), np.concatenate([labels, names])
        self.phi = feature_map(self.features)
        self.objective = Objective(self.phi(grids), labels, classes=m.classes, l2=L2)
        self.state = start(self.objective, "lbfgs")
        self._note()

    def advance(self) -> None:
        """One epoch."""
        if not self.done:
            self.state = step(self.state, self.objective)
            self._note()

    def _note(self) -> None:
        _, gradient = self.objective.value_and_gradient(self.state.weights)
        n = len(self.objective)
        likelihood = self.objective.log_likelihood(self.state.weights) / n
        learned = self.objective.accuracy(self.state.weights)
        found = self.found
        unseen = found.value if found else float("nan")
        self.record.append((self.state.epoch, likelihood, learned, unseen))
        settled = float(np.abs(gradient).max()) <= TOLERANCE * n
        self.done = settled or self.state.epoch >= MOST_EPOCHS

    @property
    def model(self) -> SoftmaxModel:
        return SoftmaxModel(self.material.classes, self.state.weights, self.phi, "pen")

    @property
    def found(self) -> Accuracy | None:
        """The accuracy on those who are held out; None where nobody is."""
        m = self.material
        if not m.held_out.any():
            return None
        return accuracy(self.model.predict(m.grids[m.held_out]), m.labels[m.held_out])

    @property
    def about(self) -> dict[str, Any]:
        """What is kept beside the model."""
        found, m = self.found, self.material
        return {
            "features": self.features,
            "beside": self.beside,
            "learned_from": int((~m.held_out).sum()),
            "people": m.people,
            "held_out": int(m.held_out.sum()),
            "people_held_out": len(
                {p for p, h in zip(m.contributors, m.held_out, strict=True) if h}
            ),
            "right": found.correct if found else None,
            "epochs": self.state.epoch,
        }


@dataclass
class Classroom:
    """The runs of this process, by room; one at a time goes on."""

    turn: Any = field(default_factory=RLock, repr=False)
    runs: dict[str, Learning] = field(default_factory=dict)

    def begin(self, code: str, features: str, beside: bool) -> None:
        """A new run on what the room has now. Raises `RoomError`."""
        with self.turn:
            room = service.rooms().room(code)
            drawings = service.rooms().all_drawings(code)
            self.runs.pop(code, None)
            while len(self.runs) >= service.REMEMBERED:
                del self.runs[next(iter(self.runs))]
            self.runs[code] = Learning(material(room, drawings), features, beside, room.version)

    def advance(self, code: str, version: int) -> Learning | None:
        """One epoch, where the run is still at that epoch: who asks twice gets one."""
        with self.turn:
            run = self.runs.get(code)
            if run is not None and run.state.epoch == version:
                run.advance()
            return run

    def of(self, code: str) -> Learning | None:
        return self.runs.get(code)


@st.cache_resource(show_spinner=False)
def classroom() -> Classroom:
    return Classroom()


def frame(run: Learning | None) -> bytes:
    """What the picture of a run shows, as JSON."""
    if run is None:
        return json.dumps({"epoch": -1}).encode()
    images = run.phi.weight_images(run.state.weights)
    scale = float(np.quantile(np.abs(images), FULL)) or 1.0
    record = [
        [e, round(v, 4), round(a, 4), None if h != h else round(h, 4)] for e, v, a, h in run.record
    ]
    return json.dumps(
        {
            "epoch": run.state.epoch,
            "done": run.done,
            "classes": run.material.classes,
            "images": (images.reshape(len(images), -1) / scale).clip(-1, 1).round(2).tolist(),
            "record": record,
            "about": run.about,
        }
    ).encode()
