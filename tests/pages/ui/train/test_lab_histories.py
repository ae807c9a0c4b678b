"""A session's runs, whatever is pressed in which order, against training from scratch."""

import io
from dataclasses import replace
from unittest.mock import patch

import numpy as np
from hypothesis import settings as bounds
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pages.ui import budget, cached
from pages.ui.train import lab as labs
from pages.ui.train.files import read_run, run_file
from pages.ui.train.lab import Lab
from pages.ui.train.settings import Settings
from softmax_core import load_dataset
from softmax_core.features import feature_map
from softmax_core.objective import Objective
from softmax_core.training import step
from tests.pages.ui.train.labs import drawn

PEN, PHI = load_dataset("pen"), feature_map("pixels")
RATES = st.sampled_from([1e-4, 5e-4, 1e-3])
WHERE = st.integers(0, 12)
LAST = 10


def few(data="pen", features="pixels", l2=0.0):
    """Few digits, so that a history is tried in no time."""
    return (
        Objective(PHI(PEN.train.grids[:40]), PEN.train.labels[:40], classes=PEN.classes, l2=l2),
        Objective(PHI(PEN.test.grids[:20]), PEN.test.labels[:20], classes=PEN.classes),
    )


def rates_of(told):
    return [s.parameters["learning_rate"] for s in told.spans for _ in range(s.first, s.last + 1)]


class Histories(RuleBasedStateMachine):
    """What should be there: the states of the run, from scratch, the rate of every epoch, the
    rates of the runs before it, and the epoch that is looked at."""

    def __init__(self):
        super().__init__()
        self.patches = [
            patch.object(cached, "objectives", few),
            patch.object(labs, "AT_ONCE", 0.0),  # a look back is never over at once
        ]
        for each in self.patches:
            each.start()

    def teardown(self):
        for each in self.patches:
            each.stop()

    @initialize(
        optimizer=st.sampled_from(["gradient-ascent", "adam"]),
        batch=st.sampled_from(["all", 16]),
        rate=RATES,
        states=st.sampled_from([0, 30_000, 10**6]),
    )
    def begin(self, optimizer, batch, rate, states):
        self.patches.append(patch.object(budget, "RUN_STATES", states))
        self.patches[-1].start()
        settings = Settings(optimizer=optimizer, batch=batch, epochs=LAST, seed=3)
        self.lab = Lab(replace(settings, parameters=(("learning_rate", rate),)))
        self.past, self.removed, self.running = [], None, False
        self.fresh_run(rate)

    def fresh_run(self, rate):
        self.objective, self.held_out = few()
        self.rate, self.rates, self.shown = rate, [], 0
        self.states = [self.lab.settings.begin(self.objective)]

    def trained(self, epochs):
        """The model goes on to that epoch."""
        while len(self.states) <= epochs:
            state = replace(self.states[-1], parameters={"learning_rate": self.rate})
            self.states.append(step(state, self.objective))
            self.rates.append(self.rate)
        self.shown = epochs

    def kept(self):
        if self.rates:
            self.past = [*self.past, list(self.rates)][-budget.RUNS :]

    @rule(rate=RATES)
    def move_the_rate(self, rate):
        changed = replace(self.lab.settings, parameters=(("learning_rate", rate),))
        new = not self.running and not self.rates
        self.lab.prepare(changed)
        self.rate = rate
        if new:
            self.fresh_run(rate)

    @rule()
    def start(self):
        self.lab.start()
        if self.shown < len(self.states) - 1:
            self.kept()
            del self.states[self.shown + 1 :], self.rates[self.shown :]
        self.shown = len(self.states) - 1
        self.running = self.shown < LAST

    @rule(late=st.booleans())
    def tick(self, late):
        before = self.lab.run.epoch
        self.lab.tick(self.lab.serial - late)
        went = self.lab.run.epoch
        if self.running and not late:
            assert before < went <= LAST
            self.trained(went)
            self.running = went < LAST
        else:
            assert went == before

    @rule()
    def pause(self):
        if self.lab.sought is not None:
            self.shown = self.lab.shown  # a look back stops where it has got to
        elif self.running or self.shown == len(self.states) - 1:
            self.shown = len(self.states) - 1
        else:
            return
        self.lab.pause()
        self.running = False

    @rule()
    def step(self):
        self.start()
        if self.running:
            self.lab.step()
            self.trained(len(self.states))
            self.running = False

    @rule()
    def reset(self):
        self.lab.reset()
        self.kept()
        self.fresh_run(self.rate)
        self.running = False

    @rule(epoch=WHERE, stops=st.booleans())
    def look(self, epoch, stops):
        self.lab.look(epoch)
        if self.running:
            return
        while self.lab.going and not stops:
            self.lab.tick(self.lab.serial)
        if not stops:
            self.shown = min(epoch, len(self.states) - 1)
            assert self.lab.shown == self.shown
        self.shown = self.lab.shown

    @rule(epoch=WHERE)
    def reset_together_with_the_slider(self, epoch):
        self.reset()
        self.look(epoch, stops=False)

    @precondition(lambda self: self.past)
    @rule(which=WHERE, again=st.booleans())
    def remove(self, which, again):
        past = self.lab.past[which % len(self.lab.past)]
        for _ in range(1 + again):
            self.lab.remove(past)
        del self.past[which % len(self.past)]
        self.removed = past

    @precondition(lambda self: self.removed)
    @rule()
    def remove_what_is_gone(self):
        self.lab.remove(self.removed)

    @precondition(lambda self: not self.lab.going)
    @rule()
    def save_and_take_up(self):
        saved = run_file(self.lab)
        self.lab.take_up(*read_run(io.BytesIO(saved)))
        self.lab.fresh = False  # as when the controls have followed
        self.kept()
        self.shown = len(self.states) - 1

    @invariant()
    def the_run_is_what_training_from_scratch_gives(self):
        if not hasattr(self, "lab"):
            return
        if self.lab.sought is not None:
            self.shown = self.lab.shown
        assert (self.lab.running, self.lab.run.epoch) == (self.running, len(self.states) - 1)
        assert self.lab.shown == self.shown
        np.testing.assert_array_equal(self.lab.seen.weights, self.states[self.shown].weights)
        assert rates_of(self.lab.told) == self.rates
        assert [rates_of(past.told) for past in self.lab.past] == self.past

    @invariant()
    def its_figures_are_those_of_its_weights(self):
        if not hasattr(self, "lab"):
            return
        for epoch in {self.shown, len(self.states) - 1}:
            figures, weights = self.lab.run.figures_at(epoch), self.states[epoch].weights
            assert figures.log_likelihood == self.objective.log_likelihood(weights)
            if self.lab.sought is None and epoch == self.shown:
                assert figures.accuracy == self.objective.accuracy(weights)
                assert figures.held_out_accuracy == self.held_out.accuracy(weights)

    @invariant()
    def it_can_be_drawn(self):
        if hasattr(self, "lab"):
            message = drawn(self.lab)
            assert message["running"] == self.lab.going
            assert message["last"] == len(self.states) - 1


TestHistories = Histories.TestCase
TestHistories.settings = bounds(max_examples=30, stateful_step_count=25, deadline=None)
