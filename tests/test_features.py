"""φ: what each feature is, where its weight is drawn, and that there is no way round it."""

import numpy as np
import pytest

from softmax_core.errors import FeatureError, ParameterError, WeightError
from softmax_core.features import BIAS, FEATURE_MAPS, Features, feature_map

rng = np.random.default_rng


def some_grids(n=20, seed=0):
    return rng(seed).random((n, 8, 8)) < 0.4


def neighbours(grid):
    """Every pair of neighbouring pixels, by hand: right, down, down right, down left."""
    found = []
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        for row in range(8):
            for column in range(8):
                if row + down < 8 and 0 <= column + right < 8:
                    found.append(grid[row, column] and grid[row + down, column + right])
    return found


def test_pixels_are_a_one_and_the_64_bits():
    grids = some_grids()
    values = feature_map("pixels")(grids).values
    assert values.shape == (20, 65)
    np.testing.assert_array_equal(values[:, BIAS], 1)
    for n, row, column in np.ndindex(20, 8, 8):
        assert values[n, 1 + 8 * row + column] == grids[n, row, column]


def test_pairs_are_the_pixels_and_the_products_of_neighbours():
    grids = some_grids()
    values = feature_map("pairs")(grids).values
    assert values.shape == (20, 275)
    np.testing.assert_array_equal(values[:, :65], feature_map("pixels")(grids).values)
    for n in range(20):
        np.testing.assert_array_equal(values[n, 65:], neighbours(grids[n]))


@pytest.mark.parametrize("name", FEATURE_MAPS)
def test_the_picture_of_the_weights_has_each_pixels_weight_in_its_place(name):
    """A grid with the one pixel (r, c) on has the score b + image[r, c]."""
    phi = feature_map(name)
    weights = rng(1).normal(size=(3, phi.dimension))
    images = phi.weight_images(weights)
    assert images.shape == (3, 8, 8)
    for row, column in ((0, 0), (0, 7), (2, 5), (7, 0)):
        grid = np.zeros((8, 8), bool)
        grid[row, column] = True
        scores = phi(grid).values @ weights.T
        np.testing.assert_allclose(scores[0], weights[:, BIAS] + images[:, row, column], rtol=1e-12)


def test_the_links_join_the_pixels_of_each_pair():
    phi = feature_map("pairs")
    weights = rng(2).normal(size=phi.dimension)
    pair_weights = phi.pair_weights(weights)
    assert phi.links.shape == (210, 2, 2)
    assert pair_weights.shape == (210,)
    for (one, other), weight in zip(phi.links, pair_weights, strict=True):
        grid = np.zeros((8, 8), bool)
        grid[tuple(one)] = grid[tuple(other)] = True
        pixels = weights[BIAS] + phi.weight_images(weights)[grid].sum()
        assert (phi(grid).values @ weights)[0] == pytest.approx(pixels + weight, abs=1e-12)


def test_the_type_is_kept_and_the_values_are_read_only():
    features = feature_map("pairs")(some_grids(), np.float32)
    assert features.values.dtype == np.float32
    with pytest.raises(ValueError, match="read-only"):
        features.values[0, 0] = 2


def test_some_samples_of_features_are_features():
    features = feature_map("pixels")(some_grids())
    part = features[3:7]
    assert len(part) == 4
    assert np.shares_memory(part.values, features.values)
    for rows in ([1, 5], -1, features.values[:, 3] == 1):
        expected = np.atleast_2d(features.values[rows])
        np.testing.assert_array_equal(features[rows].values, expected)


def test_the_values_of_a_feature_lie_side_by_side():
    features = feature_map("pairs")(some_grids())
    for some in (features, features[3:7], features[[5, 1]]):
        assert some.values[:, 1].strides == (features.values.itemsize,)


def test_a_bare_matrix_can_not_become_features():
    with pytest.raises(FeatureError, match="feature map"):
        Features(np.ones((3, 65)), feature_map("pixels"))


def test_weights_of_another_length_have_no_picture():
    with pytest.raises(WeightError, match="65 entries"):
        feature_map("pixels").weight_images(np.zeros((10, 64)))


def test_another_name_is_refused_with_the_names_there_are():
    with pytest.raises(ParameterError, match="pixels, pairs"):
        feature_map("edges")


def test_codes_given_as_numbers_are_taken_as_64_bits():
    assert feature_map("pairs").products([1, 2**63]).dtype == np.uint64


def test_titles_count_rows_and_columns_from_one():
    phi = feature_map("pairs")
    assert phi.title(0) == "bias"
    assert phi.title(1) == "row 1, column 1"
    assert phi.title(10) == "row 2, column 2"
    assert phi.title(65) == "row 1, column 1 with row 1, column 2"
