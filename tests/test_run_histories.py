"""A run and its past, whatever is done in which order, against training from scratch."""

import io
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from softmax_core.arrays import read_arrays, write_arrays
from softmax_core.errors import DivergenceError, ParameterError
from softmax_core.features import feature_map
from softmax_core.inputs import LARGEST_WEIGHT
from softmax_core.objective import Objective
from softmax_core.optimizers import OPTIMIZERS
from softmax_core.runs import Run
from softmax_core.training import DIVERGED, record, start, step, verdict

RNG = np.random.default_rng(11)
LABELS = RNG.integers(0, 3, 24)
GRIDS = RNG.random((24, 8, 8)) < 0.4
PHI = feature_map("pixels")
RATES = st.sampled_from([1e-4, 0.01, 0.05, 1e3])  # the last one diverges
EDGE = np.full((3, 65), LARGEST_WEIGHT)  # weights from which a fast step fails
WHERE = st.integers(0, 9)  # tenths of the run


def samples(rows):
    return Objective(PHI(GRIDS[rows]), LABELS[rows], classes=3)


class Histories(RuleBasedStateMachine):
    """What the run should be: the rate of every step that counts, and what was measured."""

    @initialize(
        optimizer=st.sampled_from(["gradient-ascent", "momentum", "adam", "lbfgs"]),
        at_the_edge=st.sampled_from([False, False, False, True]),
        rate=RATES,
        batches=st.booleans(),
        budget=st.sampled_from([0, 12_000, 10**6]),
        epochs=st.integers(1, 12),
    )
    def begin(self, optimizer, at_the_edge, rate, batches, budget, epochs):
        self.objective, self.held_out = samples(slice(0, 16)), samples(slice(16, 24))
        self.rule, self.epochs, self.failed = OPTIMIZERS[optimizer], epochs, False
        self.origin = start(
            self.objective,
            optimizer,
            parameters=self.parameters(rate),
            batch_size=5 if batches and self.rule.minibatch else None,
            weights=EDGE if at_the_edge else None,
        )
        self.states, self.records, self.measured = [self.origin], [], set()
        self.next = self.origin.parameters
        self.run = Run(
            self.objective, self.origin, held_out=self.held_out, epochs=epochs, budget=budget
        )

    def parameters(self, rate):
        names = [p.name for p in self.rule.parameters]
        return {name: {"learning_rate": rate, "momentum": 0.9}[name] for name in names}

    @property
    def last(self):
        return len(self.states) - 1

    def trained(self):
        """The next state, from scratch: nothing that the run keeps is used."""
        objective = samples(slice(0, 16))
        return step(replace(self.states[-1], parameters=self.next), objective)

    @rule(epochs=st.integers(1, 7))
    def advance(self, epochs):
        for _ in range(epochs):
            self.run.advance()
            try:
                self.states.append(self.trained())
                self.failed = False
            except DivergenceError:
                self.failed = True

    @rule(tenth=WHERE)
    def measure(self, tenth):
        epoch = round(tenth * self.last / 9)
        figures = self.run.measure(epoch)
        self.measured.add(epoch)
        assert figures == self.run.figures_at(epoch)

    @rule()
    def measure_the_newest(self):
        self.run.measure()
        self.measured.add(self.last)

    @rule(tenth=WHERE)
    def rewind(self, tenth):
        epoch = round(tenth * self.last / 9)
        self.run.rewind(epoch)
        if epoch < self.last:
            del self.states[epoch + 1 :], self.records[epoch + 1 :]
            self.measured = {e for e in self.measured if e <= epoch}
            self.next, self.failed = self.states[-1].parameters, False

    @precondition(lambda self: self.rule.parameters)
    @rule(rate=RATES, epochs=st.integers(1, 40))
    def change(self, rate, epochs):
        self.run.set(epochs=epochs, parameters=self.parameters(rate))
        self.failed = self.failed and self.parameters(rate) == self.next
        self.epochs, self.next = epochs, self.parameters(rate)

    @rule(budget=st.sampled_from([0, 10**6]))
    def save_and_load(self, budget):
        file = io.BytesIO()
        write_arrays(file, self.run.to_arrays(budget))
        file.seek(0)
        self.run = Run.from_arrays(read_arrays(file), self.objective, held_out=self.held_out)

    @rule(tenth=WHERE)
    def look_back(self, tenth):
        epoch = round(tenth * self.last / 9)
        seen, expected = self.run.state_at(epoch), self.states[epoch]
        if epoch == self.last:
            expected = replace(expected, parameters=self.next)
        assert seen.epoch == epoch
        assert seen.parameters == expected.parameters
        assert set(seen.memory) == set(expected.memory)
        np.testing.assert_array_equal(seen.weights, expected.weights)
        for name, array in expected.memory.items():
            np.testing.assert_array_equal(seen.memory[name], array)

    @rule()
    def look_beyond_the_end(self):
        with pytest.raises(ParameterError, match=f"epochs 0 to {self.last}"):
            self.run.figures_at(self.last + 1)

    @invariant()
    def the_figures_are_those_of_the_states(self):
        fresh, held_out = samples(slice(0, 16)), samples(slice(16, 24))
        for state in self.states[len(self.records) :]:
            self.records.append(record(state, fresh, held_out))
        records = self.records
        for expected in records:
            figures = self.run.figures_at(expected.epoch)
            measured = expected.epoch in self.measured
            for name in figures._fields:
                known = measured or name in ("epoch", "log_likelihood", "gradient_norm")
                value = getattr(expected, name) if known else np.nan
                np.testing.assert_allclose(getattr(figures, name), value, rtol=1e-9, err_msg=name)
        for name in ("accuracy", "held_out_accuracy"):
            assert self.run.curve(name)[0].tolist() == sorted(self.measured)
        stop = verdict(
            records, self.states[-1], fresh, epochs=self.epochs, tolerance=self.run.tolerance
        )
        reason = DIVERGED if self.failed else stop and stop.reason
        assert (self.run.stop and self.run.stop.reason) == reason

    @invariant()
    def it_says_what_every_epoch_was_trained_with(self):
        said = {}
        for first, last, parameters in self.run.trained_with:
            assert 1 <= first <= last
            said |= dict.fromkeys(range(first, last + 1), parameters)
        expected = {state.epoch: state.parameters for state in self.states[1:]}
        assert said == expected
        spans = [span.parameters for span in self.run.trained_with]
        assert all(before != after for before, after in pairwise(spans))


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
