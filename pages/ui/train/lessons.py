"""Lessons: runs that are compared in one fixed view, and one sentence about them.

Each sentence is held against the numbers that its runs give, by a test.
"""

from dataclasses import dataclass, field

from pages.ui.train.figures import View
from pages.ui.train.settings import PACE, Settings


@dataclass(frozen=True)
class Lesson:
    """Runs that follow one another on the same axes. `name` is that of its link."""

    name: str
    title: str
    watch: str
    runs: tuple[Settings, ...]
    view: View
    speed: str = PACE


@dataclass
class Course:
    """A lesson that is being given: `order` counts the runs that have begun."""

    lesson: Lesson
    order: int = field(default=0, init=False)

    def next(self) -> Settings | None:
        """The settings of the run that comes next; None after the last."""
        self.order += 1
        return self.lesson.runs[self.order - 1] if self.order <= len(self.lesson.runs) else None


def _ascent(rate: float, **more) -> Settings:
    return Settings(parameters=(("learning_rate", rate),), **more)


LESSONS = (
    Lesson(
        "newton",
        "One epoch of Newton",
        "One epoch with the Hessian raises L further than a hundred along the gradient.",
        (_ascent(1e-5, epochs=100), Settings(optimizer="newton", epochs=1)),
        View(epochs=100),
    ),
    Lesson(
        "small-rate",
        "A rate too small",
        "With η 10⁻⁷ every epoch raises L, but 200 of them get no further than 2 with η 10⁻⁵, "
        "and the weights can't be seen yet.",
        (_ascent(1e-5, epochs=200), _ascent(1e-7, epochs=200)),
        View(epochs=200, scale=0.6),
    ),
    Lesson(
        "large-rate",
        "A rate too large",
        "With η 0.002 the first step raises L, the next ones go past the top: far below −N ln K, "
        "where a model stands that knows nothing. With η 10⁻⁵ L rises in every epoch.",
        (_ascent(1e-5, epochs=10), _ascent(2e-3, epochs=10)),
        View(epochs=10, lowest=-9.0, scale=2.0),
        "3/s",
    ),
    Lesson(
        "mini-batch",
        "Full batch or mini-batch",
        "With 64 digits a step an epoch makes 118 steps instead of one: the first epoch alone gets "
        "further than a hundred with all digits at once.",
        (_ascent(1e-5, epochs=100), _ascent(1e-5, batch=64, epochs=10)),
        View(epochs=100),
    ),
    Lesson(
        "penalty",
        "λ from 0 to 30",
        "Without a penalty L of unseen digits falls while training goes on, and ends lowest of "
        "the four. λ = 1 is best for them, and 30 is too much.",
        tuple(Settings(optimizer="lbfgs", l2=l2, epochs=40) for l2 in (0.0, 1.0, 10.0, 30.0)),
        View(
            per_sample=True,
            epochs=40,
            lowest=-0.7,
            highest=-0.15,
            series=("held_out_log_likelihood",),
        ),
    ),
)


def lesson_named(name: str | None) -> Lesson | None:
    """The lesson of a link, or None."""
    return next((lesson for lesson in LESSONS if lesson.name == name), None)
