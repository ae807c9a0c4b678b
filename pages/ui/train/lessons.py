"""Settings that show something, and what to watch for."""

from dataclasses import dataclass, field

from pages.ui.train.settings import Settings


@dataclass(frozen=True)
class Lesson:
    """Runs that follow one another, drawn on the same axes, and one sentence about them."""

    title: str
    watch: str
    runs: tuple[Settings, ...]


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
        "One epoch of Newton",
        "One epoch with the Hessian does more for L than a hundred along the gradient.",
        (_ascent(1e-5, epochs=100), Settings(optimizer="newton", epochs=1)),
    ),
    Lesson(
        "A rate too small",
        "Every epoch raises L, but after 300 of them the weights have hardly begun to be digits.",
        (_ascent(1e-7, epochs=300),),
    ),
    Lesson(
        "A rate too large",
        "L falls below that of a model which knows nothing: each step goes past the top.",
        (_ascent(2e-2, epochs=100),),
    ),
    Lesson(
        "Full batch or mini-batch",
        "With 64 digits a step, an epoch makes 118 steps instead of one, and gets much further.",
        (_ascent(1e-5, epochs=100), _ascent(1e-5, batch=64, epochs=100)),
    ),
    Lesson(
        "λ from 0 to 100",
        "Without a penalty the training data look best and the held-out data worst: λ = 1 is "
        "best for writers that the model has not seen, and 100 is too much.",
        tuple(Settings(optimizer="lbfgs", l2=l2, epochs=60) for l2 in (0.0, 1.0, 10.0, 100.0)),
    ),
)
