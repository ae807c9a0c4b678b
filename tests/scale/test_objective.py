"""The objective over packed files is the one in memory, to rounding, for everything that trains."""

import numpy as np
import pytest

from softmax_core import feature_map, maximize, train, unpack
from softmax_core.errors import FeatureError, FileError, LabelError, ParameterError, WeightError
from softmax_core.features import FEATURE_MAPS
from softmax_core.objective import Objective
from softmax_core.optimizers import OPTIMIZERS
from softmax_core.scale import PackedObjective, objective, verify
from softmax_core.scale.objective import Kernel, added_up
from softmax_core.training import start, step
from tests.scale.conftest import columns


def both(files, name, dtype=np.float64, l2=2.0):
    """The objective over packed files, and the one over the same digits in memory."""
    codes, labels = columns(*files)
    features = feature_map(name)(unpack(codes), dtype)
    return (
        PackedObjective(files, name, dtype=dtype, l2=l2),
        Objective(features, labels, classes=10, l2=l2),
    )


def close(found, expected, tolerance=1e-9):
    assert np.abs(found - expected).max() <= tolerance * np.abs(expected).max()


@pytest.mark.parametrize("name", FEATURE_MAPS)
@pytest.mark.parametrize("scale", [0.0, 0.3, 1e4])
def test_it_is_the_objective_in_memory(packed, name, scale):
    files = [packed(2500, rows=2000), packed(37, seed=1, name="b")]
    ours, plain = both(files, name)
    assert (len(ours), ours.classes, ours.l2) == (2537, 10, 2.0)
    weights = np.random.default_rng(2).normal(scale=scale, size=ours.zeros().shape)
    for found, expected in zip(
        ours.value_and_gradient(weights), plain.value_and_gradient(weights), strict=True
    ):
        close(found, expected)
    assert ours.evaluate(weights) == pytest.approx(plain.evaluate(weights), rel=1e-12)
    close(ours.gram, plain.gram)
    close(ours.mean_curvature(weights), plain.mean_curvature(weights))
    close(ours.safe_rate, plain.safe_rate)
    close(ours.log_likelihood(weights), plain.log_likelihood(weights))


def test_its_hessian_is_that_in_memory(packed):
    ours, plain = both([packed(300)], "pixels")
    weights = np.random.default_rng(2).normal(scale=0.3, size=(10, 65))
    close(ours.hessian(weights), plain.hessian(weights))


@pytest.mark.parametrize("name", FEATURE_MAPS)
def test_single_precision_stays_and_is_as_good_as_it_can_be(packed, name):
    ours, plain = both([packed(3000)], name, np.float32)
    weights = np.random.default_rng(2).normal(scale=0.3, size=ours.zeros().shape)
    value, gradient = ours.value_and_gradient(weights)
    assert gradient.dtype == ours.zeros().dtype == np.float32
    close(value, plain.value(weights), 1e-5)
    close(gradient, plain.value_and_gradient(weights)[1], 1e-5)


@pytest.mark.parametrize("count", [1, 3, 99, 100, 101])
def test_there_may_be_fewer_digits_than_a_chunk_has(packed, count):
    ours, plain = both([packed(count)], "pairs")
    weights = np.random.default_rng(2).normal(scale=0.3, size=ours.zeros().shape)
    close(ours.value_and_gradient(weights)[1], plain.value_and_gradient(weights)[1])


def test_many_classes_make_smaller_chunks():
    kernel = Kernel(feature_map("pixels"), 100, np.float64)
    assert kernel.steps[0] == slice(0, 152)
    codes, labels = np.arange(200, dtype=np.uint64), np.arange(200, dtype=np.uint8) % 100
    plain = Objective(feature_map("pixels")(unpack(codes)), labels, classes=100)
    weights = np.random.default_rng(0).normal(size=(100, 65))
    _, expected = kernel.sums("expected", codes, labels, weights)
    (seen,) = kernel.sums("seen", codes, labels)
    close(seen - expected, plain.value_and_gradient(weights)[1])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimiser_climbs_the_same_way(packed, name):
    ours, plain = both([packed(500)], "pixels")
    for mine, expected in zip(
        train(ours, name, epochs=5), train(plain, name, epochs=5), strict=True
    ):
        difference = mine.weights - expected.weights
        difference -= difference.mean(axis=0)  # what all classes share changes no probability
        assert np.abs(difference).max() <= 1e-7
        assert mine.log_likelihood == pytest.approx(expected.log_likelihood, rel=1e-9)
        assert mine.accuracy == expected.accuracy
        assert mine.gradient_norm == pytest.approx(expected.gradient_norm, rel=1e-6)


def test_it_has_the_same_optimum(packed):
    ours, plain = (maximize(o) for o in both([packed(2000)], "pixels"))
    assert ours.converged
    close(ours.weights, plain.weights, 1e-6)


@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if OPTIMIZERS[name].minibatch])
def test_mini_batches_are_the_same_from_the_same_state_and_climb(packed, name):
    ours, _ = both([packed(2000), packed(50, 1, "b")], "pixels")
    state = start(ours, name, batch_size=64, seed=3)
    first = step(state, ours)
    np.testing.assert_array_equal(first.weights, step(state, ours).weights)
    assert ours.value(first.weights) > ours.value(state.weights)
    assert (step(first, ours).weights != first.weights).any()


@pytest.mark.parametrize("size", [1, 64, 1700, 2050])
def test_mini_batches_are_all_digits_once(packed, size):
    """What they add up to says so: L of each is scaled by N/n."""
    ours, plain = both([packed(2000), packed(50, 1, "b")], "pixels", l2=0.0)
    weights = np.random.default_rng(2).normal(scale=0.3, size=(10, 65))
    batches = list(ours.shuffled(size, np.random.default_rng(0)))
    assert [len(b) for b in batches] == [size] * (2050 // size) + [2050 % size] * (2050 % size > 0)
    total = sum(len(b) / 2050 * b.value_and_gradient(weights)[1] for b in batches)
    close(total, plain.value_and_gradient(weights)[1])
    again = next(iter(ours.shuffled(size, np.random.default_rng(1))))
    assert size == 2050 or (again.value(weights) != batches[0].value(weights))
    halves = list(batches[0].shuffled(40, np.random.default_rng(0)))
    assert sum(map(len, halves)) == size


def test_the_sums_do_not_depend_on_the_number_of_cores(packed, monkeypatch):
    ours, _ = both([packed(3000)], "pairs")
    weights = np.random.default_rng(2).normal(scale=0.3, size=ours.zeros().shape)
    monkeypatch.setattr("softmax_core.threads.THREADS", 1)
    alone = ours.likelihood_and_gradient(weights)
    monkeypatch.setattr("softmax_core.threads.THREADS", 2)
    for _ in range(3):
        value, gradient = ours.likelihood_and_gradient(weights)
        assert value == alone[0]
        np.testing.assert_array_equal(gradient, alone[1])


def test_what_fails_in_a_block_ends_the_sum():
    asked = []

    def work(place):
        asked.append(place)
        if place == 3:
            raise FileError("block 3")
        return (np.zeros(2),)

    with pytest.raises(FileError, match="block 3"):
        added_up(work, range(10_000))
    assert len(asked) < 1000


def test_without_threadpoolctl_it_works_as_well(packed, monkeypatch):
    monkeypatch.setattr(objective, "_controller", lambda: None)
    ours, plain = both([packed(300)], "pixels")
    close(ours.gram, plain.gram)


def test_damage_is_named_before_anything_is_trained_on(packed):
    file = packed(450)
    data = bytearray(file.path.read_bytes())
    data[file.start + 9 * 330] ^= 4
    file.path.write_bytes(data)
    with pytest.raises(FileError, match=r"block 3 of 5 .rows 300 to 399. is damaged"):
        PackedObjective(file.path, "pixels")


def test_what_it_can_not_be_made_of_is_refused(packed):
    file = packed(20)
    with pytest.raises(ParameterError, match="no feature map"):
        PackedObjective(file, "edges")
    with pytest.raises(FeatureError, match="a feature map or its name"):
        PackedObjective(file, 7)
    with pytest.raises(ParameterError, match="float64 or float32"):
        PackedObjective(file, "pixels", dtype=np.int8)
    with pytest.raises(ParameterError, match="λ"):
        PackedObjective(file, "pixels", l2=-1)
    ours = PackedObjective(file, "pixels")
    for wrong in (np.zeros((10, 64)), np.zeros((9, 65)), np.full((10, 65), np.nan)):
        with pytest.raises(WeightError):
            ours.value_and_gradient(wrong)
    for size in (0, 21, 1.5):
        with pytest.raises(ParameterError, match=r"size of a batch|samples in a batch"):
            start(ours, "adam", batch_size=size)
    with pytest.raises((ParameterError, LabelError)):
        next(iter(ours.shuffled(0, np.random.default_rng())))


def test_a_pass_reads_what_verify_reads(packed):
    file = packed(1000)
    told = []
    assert verify(file, told.append) == 1000
    assert told == list(range(100, 1001, 100))
