"""What a run is told before it begins, and the choices that the controls offer."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from reprlib import repr as shortened
from typing import Any, NamedTuple

import streamlit as st

from pages.ui import cached
from pages.ui.text import short
from softmax_core.datasets import DATASETS, available
from softmax_core.errors import ParameterError
from softmax_core.features import FEATURE_MAPS
from softmax_core.inputs import (
    LARGEST_L2,
    LARGEST_SEED,
    MOST_EPOCHS,
    as_choice,
    as_count,
    as_list,
    as_number,
)
from softmax_core.objective import Objective
from softmax_core.optimizers import OPTIMIZERS, Parameter
from softmax_core.runs import Span
from softmax_core.training import MOST_SAMPLES, TrainingState, start

FRAME = 0.025  # seconds of training for one drawing
FRAMES = 8  # drawings that the browser gets at once, at most

ALL = "all"
ELSEWHERE = "packed"  # in the place of a data set: digits in files that are not here
BATCH_SIZES = (ALL, 16, 32, 64, 128, 256, 512, 1024)
CHANGES = 2  # of a parameter in mid-run that a run's name tells one by one
PENALTIES = (0.0, 0.01, 0.1, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
SEEDS = range(10_000)
EPOCHS = range(1, 100_001)
OFFERED = {
    "data": available(),
    "features": FEATURE_MAPS,
    "optimizer": OPTIMIZERS,
    "batch": BATCH_SIZES,
    "l2": PENALTIES,
    "seed": SEEDS,
    "epochs": EPOCHS,
}

TITLES = {  # what a visitor reads, in controls and links
    "data": {name: source.title for name, source in DATASETS.items()},
    "features": {
        "pixels": "64 pixels",
        "pairs": "Pixels and pairs of neighbours",
        "shapes": "Pixels and pairs up to two apart",
    },
    "optimizer": {name: rule.title for name, rule in OPTIMIZERS.items()},
}


class Speed(NamedTuple):
    """Epochs from one drawing to the next, at most, and the ms that each is shown for."""

    epochs: float
    pace: float

    @property
    def frames(self) -> int:
        """Drawings that are made at once: no more than a fifth of a second of them."""
        return max(1, min(FRAMES, int(FRAMES * 1000 * FRAME / self.pace)))

    @property
    def message(self) -> float:
        """Seconds that these drawings last."""
        return self.frames * self.pace / 1000


PACE = "30/s"  # of a first run: digits appear out of nothing within a quarter of a minute
SPEEDS = {
    "1 epoch/s": Speed(1, 1000),
    "3/s": Speed(1, 333),
    PACE: Speed(1, 1000 / 30),
    "as fast as it goes": Speed(math.inf, 1000 * FRAME),
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
    epochs: int = EPOCHS[-1]
    parameters: tuple[tuple[str, float], ...] = ()

    @property
    def controls(self) -> dict[str, Any]:
        """The value of each control, by its key."""
        values = dict(vars(self))
        parameters = values.pop("parameters")
        return {**values, **dict(parameters)}

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


def checked(about: object) -> Settings:
    """Settings from outside, every value of them one that the controls offer.

    Raises `ParameterError`, which names what does not fit.
    """
    if not isinstance(about, dict) or about.keys() != vars(DEFAULTS).keys():
        raise ParameterError(f"the settings of a run are {', '.join(vars(DEFAULTS))}")
    for name, offered in OFFERED.items():
        if not any(type(about[name]) is type(o) and about[name] == o for o in offered):
            raise ParameterError(f"no control for {name} offers {shortened(about[name])}")
    rule = OPTIMIZERS[about["optimizer"]]
    if about["batch"] != ALL and not rule.minibatch:
        raise ParameterError(f"{rule.title} needs all samples at once: no mini-batches")
    given = about["parameters"]
    names = [p.name for p in rule.parameters]
    pairs = isinstance(given, list) and all(isinstance(x, list) and len(x) == 2 for x in given)
    if not pairs or [name for name, _ in given] != names:
        raise ParameterError(f"the parameters of {rule.title} are {', '.join(names) or 'none'}")
    for p, (_, value) in zip(rule.parameters, given, strict=True):
        if type(value) is not float or not p.low <= value <= p.high:
            raise ParameterError(
                f"{p.title} is a number from {p.low:g} to {p.high:g}, got {shortened(value)}"
            )
    return Settings(**{**about, "parameters": tuple(map(tuple, given))})


def taken_over(about: object) -> Settings:
    """Settings of a run that was trained elsewhere: within the limits of the library, not of the
    controls.

    Raises `InputError`, which names what does not fit.
    """
    if not isinstance(about, dict) or about.keys() != vars(DEFAULTS).keys():
        raise ParameterError(f"the settings of a run are {', '.join(vars(DEFAULTS))}")
    as_choice(about["features"], FEATURE_MAPS, "feature map")
    rule = as_choice(about["optimizer"], OPTIMIZERS, "optimiser")
    if about["batch"] != ALL:
        as_count(about["batch"], "the size of a batch", 1, MOST_SAMPLES)
    as_count(about["seed"], "the seed", 0, LARGEST_SEED)
    as_count(about["epochs"], "the last epoch", 1, MOST_EPOCHS)
    given = as_list(about["parameters"], "parameters are a list", 9, ParameterError)
    if not all(isinstance(x, list) and len(x) == 2 and isinstance(x[0], str) for x in given):
        raise ParameterError("parameters are pairs of a name and a number")
    rule.check_parameters(dict(given))
    l2 = as_number(about["l2"], "λ", 0, LARGEST_L2)
    parameters = tuple((name, float(value)) for name, value in given)
    return Settings(**{**about, "data": ELSEWHERE, "l2": l2, "parameters": parameters})


class Told(NamedTuple):
    """What a run was trained with: its settings, and the optimiser's parameters by epoch."""

    settings: Settings
    spans: tuple[Span, ...] = ()

    @property
    def described(self) -> dict[str, str]:
        """What may tell this run from others, in words."""
        settings, rule = self.settings, OPTIMIZERS[self.settings.optimizer]
        return {
            "data": TITLES["data"].get(settings.data, "Digits from packed files"),
            "features": TITLES["features"][settings.features],
            "optimizer": rule.title,
            **{p.name: f"{p.title.split()[-1]} {self._values(p.name)}" for p in rule.parameters},
            "batch": f"batch {settings.batch}",
            "l2": f"λ {short(settings.l2)}",
            "seed": f"seed {settings.seed}",
        }

    def _values(self, name: str) -> str:
        """The values that a parameter has had: "10⁻⁵, from epoch 201 on 5·10⁻⁵"."""
        if not self.spans:
            given = dict(self.settings.parameters)
            return short(given[name]) if name in given else "by default"
        spans = [(span.first, span.parameters[name]) for span in self.spans]
        (_, first), *rest = spans
        changes = [(e, new) for (_, old), (e, new) in pairwise(spans) if new != old]
        if len(changes) > CHANGES:
            return f"{short(first)} … {short(rest[-1][1])}, {len(changes)} changes"
        return ", ".join([short(first), *(f"from epoch {e} on {short(new)}" for e, new in changes)])


def run_names(runs: Sequence[Told]) -> list[str]:
    """Names for runs, made of what differs between them."""
    described = [run.described for run in runs]
    keys = dict.fromkeys(key for words in described for key in words)
    telling = [key for key in keys if len({words.get(key) for words in described}) > 1]
    names = [", ".join(words[key] for key in telling if key in words) for words in described]
    return [name or "the same settings" for name in names]


def offers(key: str, text: str) -> bool:
    """Whether the control of that key offers what a link calls so."""
    if isinstance(OFFERED[key], range):
        whole = text.isascii() and text.isdigit() and len(text) < 10
        return whole and int(text) in OFFERED[key]
    titles = TITLES.get(key) or {o: o if o == ALL else f"{o:g}" for o in OFFERED[key]}
    return text in titles.values()


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
