"""Lessons: settings that show something."""

from pages.ui.train.lab import Lab
from pages.ui.train.lessons import LESSONS
from tests.pages.ui.train.labs import drawn, run_to_the_end


def test_a_lesson_of_two_runs_draws_both():
    lesson = next(lesson for lesson in LESSONS if lesson.title == "One epoch of Newton")
    lab = Lab()
    lab.teach(lesson)
    run_to_the_end(lab)
    assert lab.settings.optimizer == "newton"
    assert [past.epoch for past in lab.past] == [100]
    newton, ascent = lab.run.figures_at(1), lab.past[0].curves.figures["log_likelihood"][1][-1]
    assert newton.log_likelihood > ascent
    names = [trace["name"] for trace in drawn(lab)["figures"][0]["data"]]
    assert {"Newton", "Gradient ascent, η 1e-05", "held out"} <= set(names)
