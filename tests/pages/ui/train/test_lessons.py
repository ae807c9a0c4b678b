"""Lessons: every sentence is held against the numbers that its runs give."""

from itertools import pairwise

import numpy as np
import pytest

from pages.ui.train import screen
from pages.ui.train.lab import Lab
from pages.ui.train.lessons import LESSONS, lesson_named
from tests.pages.ui.train.labs import drawn, run_to_the_end


@pytest.fixture(scope="module")
def given():
    """A lesson as it has ended: its Lab, and of every run the curves."""
    labs = {}

    def give(name):
        if name not in labs:
            lab = Lab()
            lab.teach(lesson_named(name))
            lab.pace = "as fast as it goes"
            labs[name] = run_to_the_end(lab)
        lab = labs[name]
        curves = [past.curves for past in lab.past] + [screen.drawn.curves_of(lab.run)]
        return lab, [{key: values for key, (_, values) in c.figures.items()} for c in curves]

    return give


def largest_weight(lab):
    return np.abs(lab.run.objective.features.map.weight_images(lab.seen.weights)).max()


def test_one_epoch_of_newton(given):
    """One epoch with the Hessian raises L further than a hundred along the gradient."""
    _, (ascent, newton) = given("newton")
    assert (len(ascent["log_likelihood"]), len(newton["log_likelihood"])) == (101, 2)
    assert newton["log_likelihood"][1] > ascent["log_likelihood"][100] + 1000


def test_a_rate_too_small(given):
    """Every epoch raises L, but 200 of them get no further than 2, and nothing can be seen."""
    lab, (usual, small) = given("small-rate")
    values = small["log_likelihood"]
    assert all(a < b for a, b in pairwise(values))
    assert values[200] < usual["log_likelihood"][2] + 1
    assert values[200] == pytest.approx(usual["log_likelihood"][2], abs=20)
    assert largest_weight(lab) < 0.05 * lab.course.lesson.view.scale
    other = Lab(lab.course.lesson.runs[0], "as fast as it goes")
    assert largest_weight(run_to_the_end(other)) > 0.8 * lab.course.lesson.view.scale


def test_a_rate_too_large(given):
    """The first step raises L, later ones end far below −N ln K; with the small rate it rises in
    every epoch."""
    lab, (small, large) = given("large-rate")
    nothing = lab.run.figures_at(0).log_likelihood
    values = large["log_likelihood"]
    assert all(a < b for a, b in pairwise(small["log_likelihood"]))
    assert values[1] > nothing
    assert all(value < 1.2 * nothing for value in values[2:])
    assert values[10] < small["log_likelihood"][10]
    assert large["held_out_accuracy"][10] < small["held_out_accuracy"][10]


def test_full_batch_or_mini_batch(given):
    """118 steps an epoch: the first epoch alone gets further than a hundred with all digits."""
    lab, (full, mini) = given("mini-batch")
    assert -(-len(lab.run.objective) // 64) == 118
    assert mini["log_likelihood"][1] > full["log_likelihood"][100]


def test_penalties(given):
    """Without one, L of unseen digits falls, and ends lowest; λ = 1 is best, 30 too much."""
    lab, runs = given("penalty")
    ends = [run["held_out_log_likelihood"][-1] for run in runs]
    assert [settings.l2 for settings in lab.course.lesson.runs] == [0, 1, 10, 30]
    assert np.argmin(ends) == 0
    assert np.argmax(ends) == 1
    without = runs[0]["held_out_log_likelihood"]
    assert without[-1] < without[20] < without[10] - 50
    accuracies = [run["held_out_accuracy"][-1] for run in runs]
    assert accuracies[3] < min(accuracies[1:3])


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_lesson_fits_its_view_shows_what_differs_and_ends_with_a_table(given, lesson):
    lab, runs = given(lesson.name)
    assert not lab.running
    message = drawn(lab, lesson.view)
    layout = message["figure"]["layout"]
    assert layout["xaxis"]["range"] == [0, lesson.view.epochs]
    low, high = layout["yaxis"]["range"]
    size = 1 if lesson.view.per_sample else len(lab.run.objective)
    name = next(name for name in lesson.view.series if name.endswith("log_likelihood"))
    own = len(lab.run.held_out) if name.startswith("held_out") else len(lab.run.objective)
    for run in runs:
        ending = run[name][-1] * size / own
        assert low < ending < high
    legend = [t["name"] for t in message["figure"]["data"] if t["showlegend"]]
    assert len(set(legend)) == len(legend)
    table = screen.results(lab)
    assert len(table) == len(lesson.runs) == len({row[0] for row in table})
    assert not any("…" in cell for row in table for cell in row[1:])
    assert table[-1][1] == f"{lab.run.epoch:,}"


def test_runs_of_a_lesson_end_apart_in_its_picture(given):
    """Curves that can't be told apart show nothing: they end 3 % of the axis from each other."""
    for lesson in LESSONS:
        lab, runs = given(lesson.name)
        low, high = drawn(lab, lesson.view)["figure"]["layout"]["yaxis"]["range"]
        size = 1 if lesson.view.per_sample else len(lab.run.objective)
        name = lesson.view.series[0]
        own = len(lab.run.held_out) if name.startswith("held_out") else len(lab.run.objective)
        ends = sorted(run[name][-1] * size / own for run in runs)
        assert min(b - a for a, b in pairwise(ends)) > 0.03 * (high - low), lesson.name


def test_only_names_of_lessons_name_one():
    assert lesson_named("newton") is LESSONS[0]
    assert lesson_named("") is lesson_named("<b>") is lesson_named(None) is None


def test_reset_leaves_a_lesson_with_its_runs_and_settings():
    lab = Lab()
    lab.teach(LESSONS[2])
    lab.reset()
    assert (lab.course, lab.past, lab.settings) == (None, [], Lab().settings)
    assert lab.pace == Lab().pace


def test_a_lesson_of_a_link_waits_for_start():
    lab = Lab()
    lab.teach(LESSONS[0], waiting=True)
    assert (lab.going, lab.run.epoch, lab.settings) == (False, 0, LESSONS[0].runs[0])
    run_to_the_end(lab)
    assert lab.settings == LESSONS[0].runs[1]
