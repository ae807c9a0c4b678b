"""What the Train page does: the run of this session, epoch by epoch, and the runs before it.

There is no thread and no loop that waits: a run goes on by `Lab.tick`, which the browser asks
for when it has drawn. Who leaves the page asks no more.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import wraps
from itertools import count
from threading import RLock
from typing import Any

from pages.ui import budget
from pages.ui.cached import digits
from pages.ui.train.figures import Curves, curves_of
from pages.ui.train.lessons import Course, Lesson
from pages.ui.train.settings import DEFAULTS, PACE, SPEEDS, Settings, Speed, Told, safe_parameters
from softmax_core.errors import DivergenceError
from softmax_core.runs import Figures, Run
from softmax_core.training import TrainingState

BEGINNING = 50  # epochs that are all measured on held-out data too
AT_ONCE = 0.1  # seconds that a press may train before the browser has to ask for more


@dataclass(frozen=True, eq=False)
class Past:
    """A finished or abandoned run: what it was trained with, and its curves."""

    told: Told
    figures: Figures
    curves: Curves


def alone(function: Callable) -> Callable:
    """For what reads or changes a `Lab`, its first argument: one at a time.

    Streamlit begins the next run of a page while the last one still trains. That one is told to
    hurry, and gives way after its epoch.
    """

    @wraps(function)
    def in_turn(lab: "Lab", *arguments, **more):
        lab.hurry = True
        with lab.turn:
            lab.hurry = False
            return function(lab, *arguments, **more)

    return in_turn


@dataclass
class Lab:
    """The run of one session, the runs before it, and those that are to follow.

    `serial` counts what there is to draw; `seen` is the state that is looked at, `passed` are
    those that the last tick went through. `sought` is an epoch that is being trained again from
    a state before it, and `spent` the seconds that it took; `notice` says where that ended early.
    `fresh` says that the run has settings which the controls do not show yet; `loaded` and `link`
    name the file and the lesson that came last; `revision` counts what the page around the live
    view has to follow.
    """

    settings: Settings = DEFAULTS
    pace: str = PACE
    run: Run = field(init=False)
    seen: TrainingState = field(init=False)
    passed: list[TrainingState] = field(default_factory=list)
    running: bool = False
    sought: int | None = None
    spent: float = 0.0
    notice: str = ""
    serial: int = 0
    past: list[Past] = field(default_factory=list)
    course: Course | None = None
    fresh: bool = False
    loaded: str = ""
    link: str = ""
    revision: int = 0
    turn: Any = field(default_factory=RLock, repr=False)
    hurry: bool = False
    keepsake: tuple[Any, str] = (None, "")  # what the browser keeps, and of what it was made
    ticks: deque = field(default_factory=lambda: deque(maxlen=12))

    def __post_init__(self):
        self.begin(self.settings)

    @property
    def shown(self) -> int:
        """The epoch that is looked at."""
        return self.seen.epoch

    @property
    def going(self) -> bool:
        """Whether there is more to draw whenever the browser asks: a run, or a look back."""
        return self.running or self.sought is not None

    @property
    def locked(self) -> bool:
        """Whether a run is open: its settings can't change until Reset."""
        return self.running or self.run.epoch > 0

    @property
    def ended(self) -> bool:
        """Whether the run, seen at its last epoch, can't go on; without its digits it never can."""
        return not self.run.here or (self.run.stop is not None and self.shown == self.run.epoch)

    @property
    def told(self) -> Told:
        """What the run has been trained with."""
        return Told(self.settings, self.run.trained_with)

    @property
    def classes(self) -> tuple[str, ...]:
        if not self.run.here:
            return self.run.objective.about["classes"]
        return digits(self.settings.data).classes

    @property
    def preparation(self) -> str:
        """What its digits went through."""
        if not self.run.here:
            return self.run.objective.about["preparation"]
        return digits(self.settings.data).preparation

    @property
    def speed(self) -> Speed:
        return SPEEDS[self.pace]

    @property
    def epochs_per_second(self) -> float:
        """Over the last ticks; 0 where there are none."""
        if not self.running or not self.ticks:
            return 0.0
        began, epoch = self.ticks[0]
        return (self.run.epoch - epoch) / (time.perf_counter() - began)

    @alone
    def prepare(self, settings: Settings) -> None:
        """Takes the settings of the controls: all of them before a run, in a run some.

        While a lesson is given it has settings of its own: what a browser sends that has not
        heard of them yet is put right.
        """
        if self.fresh or settings == self.settings:
            return
        if self.course is not None and self.going:
            self.fresh = True
        elif not self.locked:
            self.course = None
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
        self.run = Run(
            objective,
            state,
            held_out=held_out,
            epochs=settings.epochs,
            budget=budget.RUN_STATES,
        )
        self.run.measure()
        self._rest()

    @alone
    def start(self) -> None:
        """Goes on from the epoch that is shown; what came after it stays as a curve."""
        if not self.run.here:
            return
        if self.shown < self.run.epoch:
            self.keep()
            self.run.rewind(self.shown)
            self.run.set(epochs=self.settings.epochs, parameters=dict(self.settings.parameters))
        self.ticks.clear()
        self._rest()
        self.running = self.run.stop is None
        self.passed = [self.seen]

    @alone
    def pause(self) -> None:
        """Stands still: a run at its last epoch, a look back where it has got to."""
        if self.sought is not None:
            self._found("")
        else:
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
        """Ends the run, which stays as a curve; the next one begins with the same settings.

        A lesson goes with its runs and its settings, a run from elsewhere with its settings.
        """
        self.running = False
        self.keep()
        if not self.run.here:
            self.settings, self.fresh = DEFAULTS, True
        if self.course is not None:
            self.past.clear()
            self.course, self.settings, self.pace, self.fresh = None, DEFAULTS, PACE, True
        self.begin(self.settings)

    @alone
    def look(self, epoch: int | None) -> None:
        """Shows an earlier epoch, its weights and its figures.

        Where the states that are kept are far apart it takes a while: `tick` goes on with it.
        """
        if self.running or epoch is None:
            return
        epoch = min(epoch, self.run.epoch)
        nearest = max((s for s in self.run.kept if s.epoch <= epoch), key=lambda s: s.epoch)
        if not nearest.epoch <= self.shown <= epoch:
            self.seen = nearest
        if not self.run.here:
            epoch = nearest.epoch  # none can be trained again
        self.sought, self.spent = epoch, 0.0
        self.serial += 1
        self._seek(AT_ONCE)

    def keep(self) -> None:
        """The curves of the run join those to compare."""
        if self.run.epoch:
            figures = self.run.figures_at(self.run.epoch)
            self.past.append(Past(self.told, figures, curves_of(self.run)))
            del self.past[: -budget.RUNS]

    @alone
    def remove(self, past: Past) -> None:
        """Takes an earlier run from the figure; a second press finds it gone."""
        self.past = [other for other in self.past if other is not past]
        self.serial += 1

    @alone
    def start_safely(self) -> None:
        """The same run again, with parameters that work for these data."""
        settings = self.settings
        safe = safe_parameters(settings.data, settings.features, settings.optimizer)
        self.reset()
        self.follow(replace(settings, parameters=tuple(safe.items())))

    @alone
    def teach(self, lesson: Lesson, *, waiting: bool = False) -> None:
        """Begins the first run of a lesson; the others follow, each when the last has ended.

        With `waiting`, it begins when Start is pressed.
        """
        self.reset()
        self.past.clear()
        self.course, self.pace = Course(lesson), lesson.speed
        self.follow(self.course.next())
        if waiting:
            self.pause()

    @alone
    def take_up(self, settings: Settings, run: Run) -> None:
        """Puts a run from a file in the place of the present one, which stays as a curve."""
        self.running, self.course = False, None
        self.keep()
        self.settings, self.run, self.fresh = settings, run, run.here
        self._rest()

    @alone
    def tick(self, serial: int | None) -> None:
        """Answers one request of the browser: trains for a message; asked again, does nothing."""
        if not self.going or serial != self.serial:
            return
        self.serial += 1
        if self.sought is not None:
            self._seek(AT_ONCE)
            return
        self.ticks.append((time.perf_counter(), self.run.epoch))
        self.passed = []
        began, pace = time.perf_counter(), self.speed.pace / 1000
        for i in range(self.speed.frames):
            self._train(began + pace * (i + 1))
            self.seen = self.run.state
            self.passed.append(self.seen)
            late = time.perf_counter() > began + self.speed.message
            if late or self.hurry or self.run.stop is not None:
                break
        if self.run.stop is not None:
            self._finish()

    def follow(self, settings: Settings) -> None:
        """Begins a run with settings that the controls do not show yet, and starts it."""
        self.begin(settings)
        self.fresh = True
        self.start()

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

    def _seek(self, seconds: float) -> None:
        """Trains towards the epoch that is sought, and gives up where that takes too long."""
        began = time.perf_counter()
        while self.shown < self.sought:
            try:
                self.seen = self.run.state_at(self.shown + 1)
            except DivergenceError as error:
                return self._found(f"Epoch {self.sought:,} can't be trained again. {error}")
            late = time.perf_counter() - began > seconds
            if late or self.hurry:
                break
        self.spent += time.perf_counter() - began
        self.passed = [self.seen]
        if self.shown == self.sought:
            self._found("")
        elif self.spent > budget.LOOK_SECONDS:
            self._found(
                f"Epoch {self.sought:,} is too far from the states that are kept: after "
                f"{budget.LOOK_SECONDS} s of training again, this is epoch {self.shown:,}."
            )

    def _found(self, notice: str) -> None:
        """Ends a look back at the state that is seen."""
        self.run.measure(self.shown)
        self.sought, self.notice = None, notice
        self.serial += 1

    def _finish(self) -> None:
        following = self.course and self.course.next()
        if not following:
            self.pause()
            return
        self.keep()
        self.follow(following)

    def _rest(self) -> None:
        self.seen, self.sought, self.notice = self.run.state, None, ""
        self.serial += 1
        self.revision += 1
