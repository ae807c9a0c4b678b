"""Checkpoints: a run may be put down and taken up as often as one likes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softmax_core.errors import FileError
from softmax_core.optimizers import OPTIMIZERS
from softmax_core.runs import Run
from softmax_core.scale import Header, PackedObjective, generated, write_packed
from softmax_core.scale.checkpoints import about, identity, resumed, write_checkpoint
from softmax_core.training import start

FAST = sorted(set(OPTIMIZERS) - {"newton"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("checkpoints")


@pytest.fixture(scope="module")
def objectives(folder):
    """Two over files, one of them held out."""
    files = [
        write_packed(folder / n, *generated(c, c), rows=200) for n, c in (("a", 900), ("h", 90))
    ]
    return [PackedObjective(file, "pixels", l2=1.0) for file in files]


@settings(max_examples=15)
@given(st.sampled_from(FAST), st.booleans(), st.lists(st.integers(0, 3), min_size=1, max_size=4))
def test_however_often_a_run_is_put_down_it_is_the_same(folder, objectives, name, batches, pauses):
    objective, held_out = objectives
    size = 100 if batches and OPTIMIZERS[name].minibatch else None
    state = start(objective, name, batch_size=size, seed=4)
    run, whole = (Run(objective, state, held_out=held_out) for _ in range(2))
    path = folder / "run"
    for epochs in pauses:
        for _ in range(epochs):
            for each in (run, whole):
                each.advance()
                each.measure(training=False)
        write_checkpoint(path, run, about(run, "pixels", objective.files, held_out.files))
        run = resumed(path, objective, held_out, objective.files)
        np.testing.assert_array_equal(run.state.weights, whole.state.weights)
        assert (run.epoch, run.state.parameters) == (whole.epoch, whole.state.parameters)
        for epoch in range(run.epoch + 1):
            figures = zip(run.figures_at(epoch), whole.figures_at(epoch), strict=True)
            assert all(a == b or np.isnan([a, b]).all() for a, b in figures)
            np.testing.assert_array_equal(
                run.state_at(epoch).weights, whole.state_at(epoch).weights
            )


def test_a_run_says_where_its_digits_come_from(folder, objectives):
    for end, said in (("", "…" * 200), ("x", "…" * 187 + " (and 2 more)")):
        headers = [
            Header(("a", "b"), "pen", "…" * 200),
            *(Header(("a", "b"), "pen", s) for s in "xy"),
        ]
        digits = np.arange(2, dtype=np.uint64), np.arange(2)
        files = [
            write_packed(folder / f"source{n}", header, 2, [digits], overwrite=True)
            for n, header in enumerate(headers if end else headers[:1])
        ]
        objective = PackedObjective(files, "pixels")
        told = about(Run(objective, start(objective)), "pixels", [*files, files[0]])
        assert told["elsewhere"]["source"] == said


def test_other_digits_have_another_identity(folder, objectives):
    (a,), (h,) = (objective.files for objective in objectives)
    several = ([[a]], [[h]], [[a, h]], [[h, a]], [[a], [h]], [[a], [a]])
    assert len({identity(*digits) for digits in several}) == 6
    objective, held_out = objectives
    run = Run(objective, start(objective), held_out=held_out)
    write_checkpoint(folder / "other", run, about(run, "pixels", [a]))
    with pytest.raises(FileError, match="trained on other digits"):
        resumed(folder / "other", held_out, None, [h])
