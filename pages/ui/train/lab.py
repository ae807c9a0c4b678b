"""What the Train page does: the run of this session, tick by tick, and the runs before it.

There is no thread and no loop that waits: a run goes on by `Lab.tick`, which the browser asks
for when it has drawn. Who leaves the page asks no more.
"""

import csv
import io
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import wraps
from itertools import count
from threading import RLock
from typing import Any, BinaryIO

import numpy as np

from pages.ui.cached import digits
from pages.ui.figures import Palette
from pages.ui.train import figures as figures_train
from pages.ui.train.files import read_run, write_run
from pages.ui.train.lessons import Lesson
from pages.ui.train.live import Frame, Message
from pages.ui.train.settings import (
    AS_FAST_AS_IT_GOES,
    DEFAULTS,
    SPEEDS,
    Settings,
    Speed,
    run_names,
    safe_parameters,
)
from softmax_core import SoftmaxModel
from softmax_core.features import BIAS, feature_map
from softmax_core.runs import Figures, Run, thinned
from softmax_core.training import TrainingState

BEGINNING = 50  # epochs that are all measured on held-out data too
POINTS = 300  # that are drawn of a curve
PAST = 6  # runs that are kept to compare: with the present one, as many as there are colours


@dataclass(frozen=True, eq=False)
class Past:
    """A finished or abandoned run: what it was told, and its curves."""

    settings: Settings
    epoch: int
    curves: figures_train.Curves


def alone(method: Callable) -> Callable:
    """One at a time: Streamlit begins the next run of a page while the last one still trains.

    That one is told to hurry, and gives way after its epoch.
    """

    @wraps(method)
    def in_turn(self, *arguments, **more):
        self.hurry = True
        with self.turn:
            self.hurry = False
            return method(self, *arguments, **more)

    return in_turn


@dataclass
class Lab:
    """The run of one session, the runs before it, and what is on the screen.

    `serial` counts what there is to draw; `seen` is the state that is looked at; `waiting` are
    the runs of a lesson that are still to come; `fresh` says that the run has settings which the
    controls do not show yet; `loaded` names the file that was read last; `revision` counts what
    the page around the live view has to follow.
    """

    settings: Settings = DEFAULTS
    run: Run = field(init=False)
    seen: TrainingState = field(init=False)
    running: bool = False
    serial: int = 0
    speed: Speed = SPEEDS[AS_FAST_AS_IT_GOES]
    past: list[Past] = field(default_factory=list)
    lesson: Lesson | None = None
    waiting: list[Settings] = field(default_factory=list)
    fresh: bool = False
    loaded: str = ""
    revision: int = 0
    frames: list[Frame] = field(default_factory=list)
    turn: Any = field(default_factory=RLock, repr=False)
    hurry: bool = False
    ticks: deque = field(default_factory=lambda: deque(maxlen=12))

    def __post_init__(self):
        self.begin(self.settings)

    @property
    def shown(self) -> int:
        """The epoch that is looked at."""
        return self.seen.epoch

    @property
    def locked(self) -> bool:
        """Whether a run is open: its settings can't change until Reset."""
        return self.running or self.run.epoch > 0

    @property
    def ended(self) -> bool:
        """Whether the run, seen at its last epoch, can't go on."""
        return self.run.stop is not None and self.shown == self.run.epoch

    @alone
    def prepare(self, settings: Settings) -> None:
        """Takes the settings of the controls: all of them before a run, in a run some."""
        if self.fresh or settings == self.settings:
            return
        if not self.locked:
            self.begin(settings)
        else:
            self.run.set(epochs=settings.epochs, parameters=dict(settings.parameters))
            self.settings = replace(
                self.settings, epochs=settings.epochs, parameters=settings.parameters
            )

    def begin(self, settings: Settings) -> None:
        """A new run, at epoch 0."""
        objective, held_out = settings.objectives()
        state = settings.begin(objective)
        self.settings = settings
        self.run = Run(objective, state, held_out=held_out, epochs=settings.epochs)
        self.run.measure()
        self._rest()

    @alone
    def start(self) -> None:
        """Goes on from the epoch that is shown; what came after it stays as a curve."""
        if self.shown < self.run.epoch:
            self.keep()
            self.run.rewind(self.shown)
            self.run.set(epochs=self.settings.epochs, parameters=dict(self.settings.parameters))
        self.ticks.clear()
        self.running = self.run.stop is None
        self.serial += 1
        self.revision += 1
        self.frames = [self.frame()]

    @alone
    def pause(self) -> None:
        self.running = False
        self._rest()

    @alone
    def step(self) -> None:
        """One epoch."""
        self.start()
        if self.running:
            self.run.advance()
            self.run.measure()
        self.pause()

    @alone
    def reset(self) -> None:
        """Ends the run, which stays as a curve; the next one begins with the same settings."""
        self.running = False
        self.lesson, self.waiting = None, []
        self.keep()
        self.begin(self.settings)

    @alone
    def look(self, epoch: int) -> None:
        """Shows an earlier epoch, its weights and its figures."""
        if not self.running and epoch != self.shown:
            self.seen = self.run.state_at(epoch)
            self.run.measure(epoch)
            self.serial += 1

    def keep(self) -> None:
        """The curves of the run join those to compare."""
        if self.run.epoch:
            self.past.append(Past(self.settings, self.run.epoch, self._curves()))
            del self.past[:-PAST]

    @alone
    def remove(self, past: Past) -> None:
        self.past.remove(past)
        self.serial += 1

    @alone
    def start_safely(self) -> None:
        """The same run again, with parameters that work for these data."""
        settings = self.settings
        safe = safe_parameters(settings.data, settings.features, settings.optimizer)
        self.reset()
        self._follow(replace(settings, parameters=tuple(safe.items())))

    @alone
    def teach(self, lesson: Lesson) -> None:
        """Begins the first run of a lesson; the others follow, each when the last has ended."""
        self.reset()
        self.past.clear()
        self.lesson = lesson
        first, *self.waiting = lesson.runs
        self._follow(first)

    @alone
    def tick(self, serial: int | None) -> None:
        """Answers one request of the browser: trains for a message; asked again, does nothing."""
        if not self.running or serial != self.serial:
            return
        self.serial += 1
        self.ticks.append((time.perf_counter(), self.run.epoch))
        self.frames = []
        began, pace = time.perf_counter(), self.speed.pace / 1000
        for i in range(self.speed.frames):
            self._train(began + pace * (i + 1))
            self.seen = self.run.state
            self.frames.append(self.frame())
            late = time.perf_counter() > began + pace * self.speed.frames
            if late or self.hurry or self.run.stop is not None:
                break
        if self.run.stop is not None:
            self._finish()

    def _train(self, deadline: float) -> None:
        for epochs in count(1):
            self.run.advance()
            if self.run.epoch <= BEGINNING:
                self.run.measure()
            late = time.perf_counter() > deadline
            late = late or self.hurry or epochs >= self.speed.epochs
            if late or self.run.stop is not None:
                break
        self.run.measure()

    def _finish(self) -> None:
        if not self.waiting:
            self.pause()
            return
        self.keep()
        self._follow(self.waiting.pop(0))

    def _follow(self, settings: Settings) -> None:
        self.begin(settings)
        self.fresh = True
        self.start()

    def _rest(self) -> None:
        self.seen = self.run.state
        self.serial += 1
        self.revision += 1

    @property
    def classes(self) -> tuple[str, ...]:
        return digits(self.settings.data).classes

    @property
    def epochs_per_second(self) -> float:
        """Over the last ticks; 0 where there are none."""
        if not self.running or not self.ticks:
            return 0.0
        began, epoch = self.ticks[0]
        return (self.run.epoch - epoch) / (time.perf_counter() - began)

    def frame(self) -> Frame:
        """What the screen shows of the state that is looked at."""
        return {
            "epoch": self.shown,
            "numbers": self._numbers(self.run.figures_at(self.shown)),
            "data": [[], [figures_train.cells(*self._pictures())]],
        }

    @alone
    def message(
        self, colours: Palette, *, per_sample: bool = False, logarithmic: bool = False
    ) -> Message:
        """What the browser draws next."""
        frames = self.frames if self.running else [self.frame()]
        figures = self.figures(colours, per_sample=per_sample, logarithmic=logarithmic)
        labels = None
        if not self.running:
            labels = [
                figures_train.describe_curves(self.run.figures_at(self.shown)),
                figures_train.describe_weights(*self._pictures(), self.classes),
            ]
        return {
            "serial": self.serial,
            "running": self.running,
            "pace": self.speed.pace,
            "goal": self.run.epochs,
            "figures": figures,
            "frames": frames,
            "labels": labels,
        }

    @alone
    def figures(
        self, colours: Palette, *, per_sample: bool = False, logarithmic: bool = False
    ) -> list[dict]:
        """The curves of all runs, and the weights of the epoch that is shown."""
        names = run_names([self.settings, *(past.settings for past in self.past)])
        names = names if self.past else [""]
        runs = [self._curves(), *(past.curves for past in self.past)]
        named = [run._replace(name=name) for run, name in zip(runs, names, strict=True)]
        rewound = not self.running and self.shown < self.run.epoch
        return [
            figures_train.curves(
                named,
                len(self.classes),
                colours,
                per_sample=per_sample,
                logarithmic=logarithmic,
                marked=self.shown if rewound else None,
            ),
            figures_train.weights(*self._pictures(), self.classes, colours, hover=not self.running),
        ]

    @alone
    def model(self) -> SoftmaxModel:
        """The model of the epoch that is shown."""
        dataset = digits(self.settings.data)
        phi = feature_map(self.settings.features)
        return SoftmaxModel(dataset.classes, self.seen.weights, phi, dataset.preparation)

    @alone
    def history(self) -> str:
        """The figures of every epoch as CSV."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(Figures._fields)
        for epoch in range(self.run.epoch + 1):
            row = self.run.figures_at(epoch)
            writer.writerow("" if math.isnan(value) else value for value in row)
        return text.getvalue()

    @alone
    def save(self) -> bytes:
        """The run as a file that `load` goes on from."""
        return write_run(self.settings, self.run)

    @alone
    def load(self, file: BinaryIO) -> None:
        """Takes up a run from a file, bit by bit as it was. Raises `FileError`."""
        settings, run = read_run(file)
        self.running, self.lesson, self.waiting = False, None, []
        self.keep()
        self.settings, self.run, self.fresh = settings, run, True
        self._rest()

    def _curves(self) -> figures_train.Curves:
        curves = {}
        for name in Figures._fields[1:]:
            epochs, values = self.run.curve(name)
            kept = thinned(values, POINTS)
            curves[name] = epochs[kept], values[kept]
        samples = {"training": len(self.run.objective), "held out": len(self.run.held_out)}
        return figures_train.Curves("", curves, samples)

    def _pictures(self) -> tuple[np.ndarray, np.ndarray]:
        weights = self.seen.weights
        return self.run.objective.features.map.weight_images(weights), weights[:, BIAS]

    def _numbers(self, figures: Figures) -> list[tuple[str, str]]:
        n, held_out = len(self.run.objective), len(self.run.held_out)
        return [
            ("Epoch", f"{figures.epoch:,} of {self.run.epochs:,}"),
            ("L(W), nats", _nats(figures.log_likelihood)),
            ("L/N, training", _nats(figures.log_likelihood / n, 4)),
            ("Accuracy, training", f"{figures.accuracy:.1%}"),
            ("Epochs a second", f"{self.epochs_per_second:,.0f}" if self.running else "–"),
            ("max |∂F/∂w| / N", f"{figures.gradient_norm:.1e}".replace("-", "−")),
            ("L/N, held out", _nats(figures.held_out_log_likelihood / held_out, 4)),
            ("Accuracy, held out", f"{figures.held_out_accuracy:.1%}"),
        ]


def _nats(value: float, digits: int = 1) -> str:
    return f"{value:,.{digits}f}".replace("-", "−")
