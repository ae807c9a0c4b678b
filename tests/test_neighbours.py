"""The nearest digits are those that counting pixels finds; what is no code is refused."""

import numpy as np
import pytest

from softmax_core import load_model, pack, unpack
from softmax_core.errors import GridError, LabelError, ParameterError
from softmax_core.model import SoftmaxModel
from softmax_core.neighbours import Known, nearest
from softmax_core.storage import MODELS, save_model


def some_codes(n=500, seed=0):
    return pack(np.random.default_rng(seed).random((n, 8, 8)) < 0.3)


def test_the_nearest_are_found_by_counting_pixels_one_by_one():
    codes, grid = some_codes(), unpack(some_codes(1, seed=1))[0]
    by_hand = [(int((other != grid).sum()), row) for row, other in enumerate(unpack(codes))]
    found = nearest(codes, grid, n=7)
    pairs = zip(found.distances.tolist(), found.rows.tolist(), strict=True)
    assert list(pairs) == sorted(by_hand)[:7]


def test_all_are_given_where_there_are_fewer():
    codes = some_codes(3)
    assert sorted(nearest(codes, unpack(codes)[0]).rows.tolist()) == [0, 1, 2]
    assert nearest(codes, unpack(codes)[1], n=1) == ([1], [0])
    assert len(nearest(codes[:0], unpack(codes)[0]).rows) == 0


@pytest.mark.parametrize("codes", [[1, 2], np.zeros((2, 2), np.uint64), np.zeros(3), None])
def test_what_are_no_codes_is_refused(codes):
    with pytest.raises(GridError, match="codes"):
        nearest(codes, np.zeros((8, 8), bool))


def test_none_and_a_half_are_no_number_of_neighbours():
    for n in (0, 2.5, "5"):
        with pytest.raises(ParameterError, match="neighbours"):
            nearest(some_codes(), np.zeros((8, 8), bool), n)


def test_each_code_has_one_label():
    with pytest.raises(LabelError):
        Known(some_codes(3), np.array([0, 1]))
    known = load_model("classic").known
    with pytest.raises(LabelError):
        SoftmaxModel(("a", "b"), np.zeros((2, 65)), load_model("classic").features, "pen", known)


@pytest.mark.parametrize("name", MODELS)
def test_a_shipped_model_carries_the_training_digits(name, tmp_path):
    model = load_model(name)
    save_model(model, tmp_path / "model.npz")
    again = load_model(tmp_path / "model.npz")
    np.testing.assert_array_equal(again.known.codes, model.known.codes)
    np.testing.assert_array_equal(again.known.labels, model.known.labels)
    assert len(model.known.codes) == 7494 + 3823 + 7857
    assert (model.predict(model.known.codes) == model.known.labels).mean() > 0.8
