"""What a run is told before it begins, and the choices that the controls offer."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import streamlit as st

from pages.ui import cached
from softmax_core.objective import Objective
from softmax_core.optimizers import OPTIMIZERS, Parameter
from softmax_core.training import TrainingState, start

FRAME = 0.025  # seconds of training for one drawing
FRAMES = 8  # drawings that the browser gets at once, at most

ALL = "all"
BATCH_SIZES = (ALL, 16, 32, 64, 128, 256, 512, 1024)
PENALTIES = (0.0, 0.01, 0.1, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)


class Speed(NamedTuple):
    """Epochs from one drawing to the next, at most, and the ms that each is shown for."""

    epochs: float
    pace: float

    @property
    def frames(self) -> int:
        """Drawings that are made at once: no more than a fifth of a second of them."""
        return max(1, min(FRAMES, int(FRAMES * 1000 * FRAME / self.pace)))


AS_FAST_AS_IT_GOES = "as fast as it goes"
SPEEDS = {
    "1 epoch/s": Speed(1, 1000),
    "3/s": Speed(1, 333),
    "10/s": Speed(1, 100),
    "25/s": Speed(1, 40),
    "100/s": Speed(4, 40),
    AS_FAST_AS_IT_GOES: Speed(math.inf, 1000 * FRAME),
}


@dataclass(frozen=True)
class Settings:
    """A run's settings. Parameters and last epoch may change on the way, the others may not."""

    data: str = "pen"
    features: str = "pixels"
    optimizer: str = "gradient-ascent"
    batch: str | int = ALL
    l2: float = 0.0
    seed: int = 0
    epochs: int = 200
    parameters: tuple[tuple[str, float], ...] = ()

    @property
    def controls(self) -> dict[str, Any]:
        """The value of each control, by its key."""
        values = dict(vars(self))
        parameters = values.pop("parameters")
        return {**values, **dict(parameters)}

    @property
    def described(self) -> dict[str, str]:
        """What may tell this run from others, in words."""
        rule = OPTIMIZERS[self.optimizer]
        symbols = {p.name: p.title.split()[-1] for p in rule.parameters}
        return {
            "data": self.data,
            "features": self.features,
            "optimizer": rule.title,
            **{name: f"{symbols[name]} {value:g}" for name, value in self.parameters},
            "batch": f"batch {self.batch}",
            "l2": f"λ {self.l2:g}",
            "seed": f"seed {self.seed}",
        }

    def objectives(self) -> tuple[Objective, Objective]:
        """The objective on the training data, and L on the held-out data."""
        return cached.objectives(self.data, self.features, self.l2)

    def begin(self, objective: Objective) -> TrainingState:
        """The state before the first epoch. Raises `ParameterError` for what does not fit."""
        return start(
            objective,
            self.optimizer,
            parameters=dict(self.parameters),
            batch_size=None if self.batch == ALL else min(self.batch, len(objective)),
            seed=self.seed,
        )


DEFAULTS = Settings()


def run_names(settings: Sequence[Settings]) -> list[str]:
    """Names for runs, made of what differs between them."""
    described = [s.described for s in settings]
    keys = dict.fromkeys(key for words in described for key in words)
    telling = [key for key in keys if len({words.get(key) for words in described}) > 1]
    names = [", ".join(words[key] for key in telling if key in words) for words in described]
    return [name or "the same settings" for name in names]


def choices(parameter: Parameter) -> list[float]:
    """1, 2, 5, 10, 20, … from the lowest value of a parameter to the highest."""
    powers = range(math.floor(math.log10(parameter.low)), math.ceil(math.log10(parameter.high)) + 1)
    grid = [float(f"{m}e{power}") for power in powers for m in (1, 2, 5)]
    return [value for value in grid if parameter.low <= value <= parameter.high]


@st.cache_data(show_spinner=False)
def safe_parameters(data: str, features: str, optimizer: str) -> dict[str, float]:
    """The optimiser's own parameters for these data; a rate is the next lower of 1, 2, 5, 10, …"""
    objective, _ = Settings(data, features).objectives()
    rule = OPTIMIZERS[optimizer]
    return {
        p.name: max(c for c in choices(p) if c <= value) if p.logarithmic else value
        for p, value in zip(rule.parameters, rule.complete(objective).values(), strict=True)
    }
