"""What a notebook may hand on to the smaller functions: the library's own errors, nothing raw."""

import numpy as np
import pytest

from softmax_core import evaluation, load_dataset, load_model, save_model
from softmax_core.datasets import Split
from softmax_core.errors import (
    DrawingError,
    FeatureError,
    FileError,
    GridError,
    LabelError,
    ParameterError,
    WeightError,
)
from softmax_core.explain import average_evidence, evidence_of, extent_of, flips
from softmax_core.features import FEATURE_MAPS, FeatureMap, feature_map
from softmax_core.grids import pack
from softmax_core.neighbours import Known

MODEL = load_model("pixels")
GRIDS = np.random.default_rng(0).random((20, 8, 8)) < 0.4
LABELS = np.arange(20) % 10
CODES = pack(GRIDS)


@pytest.mark.parametrize("strokes", [[], [[]], None, 5, "ab", [None], [[1, 2, 3]], [[(0, np.nan)]]])
def test_strokes_without_an_extent(strokes):
    with pytest.raises(DrawingError):
        extent_of(strokes, 320)


@pytest.mark.parametrize("side", [0, -1, None, "a", np.nan, [1, 2]])
def test_a_canvas_has_a_side(side):
    with pytest.raises(ParameterError):
        extent_of([[(0, 0), (10, 5)]], side)
    assert extent_of([[(0, 0), (10, 5)], []], 40) == 0.25


@pytest.mark.parametrize("counts", [None, 3, "ab", [None], [1.5], [65], {1: 2}])
def test_counts_of_flips(counts):
    with pytest.raises(ParameterError):
        evaluation.flip_worth(MODEL, GRIDS, LABELS, counts)


@pytest.mark.parametrize("model", [None, 5, "pixels", GRIDS])
def test_what_is_no_model(model):
    for function in (flips, evidence_of, average_evidence):
        with pytest.raises(ParameterError):
            function(model, GRIDS[0])
    with pytest.raises(ParameterError):
        evaluation.flip_worth(model, GRIDS, LABELS)


@pytest.mark.parametrize("index", [-1, 10, None, "1", 1.0, True, LABELS])
def test_a_class_is_an_index(index):
    found = evaluation.evaluate(MODEL, GRIDS, LABELS)
    for label, predicted in ((index, 0), (0, index)):
        with pytest.raises(LabelError):
            found.cell(label, predicted)


@pytest.mark.parametrize("label", [-1, 100, None, "1", 1.0, True, LABELS])
def test_digits_of_a_class_are_known_by_its_index(label):
    known = Known(CODES, LABELS)
    with pytest.raises(LabelError):
        known.distances(GRIDS[0], label)
    assert known.distances(GRIDS[0], 10) is None
    assert known.distances(GRIDS[0], np.int64(0)) == (0, 0)


@pytest.mark.parametrize("rows", [1.5, 3, None, "a", [True], slice(3), np.arange(4)])
def test_a_part_of_a_split_is_a_mask(rows):
    split = Split(CODES, LABELS, writers=LABELS)
    with pytest.raises(LabelError):
        split[rows]
    assert len(split[LABELS == 3]) == 2
    assert len(split[LABELS == 11]) == 0


@pytest.mark.parametrize("odd", [None, 5, "abc", [1, 2], [[1], [2, 3]], {}, GRIDS])
def test_a_split_is_made_of_digits(odd):
    with pytest.raises(GridError):
        Split(odd, LABELS)
    with pytest.raises(LabelError):
        Split(CODES, odd)
    if odd is not None:
        with pytest.raises(LabelError):
            Split(CODES[:4], LABELS[:4], counts=odd)


def test_the_shipped_sets_are_splits():
    test = load_dataset("pen").test
    assert len(test[test.labels == 3]) == (test.labels == 3).sum()


@pytest.mark.parametrize(
    "offsets",
    [None, 5, "ab", [], [(0,)], [(0, 0, 0)], [(-1, 0)], [(0, -1)], [(0, 8)], [(0, 0)] * 2],
)
def test_a_feature_map_is_made_of_offsets(offsets):
    with pytest.raises(FeatureError):
        FeatureMap("own", offsets)
    with pytest.raises(FeatureError):
        FeatureMap(5, ((0, 0),))
    for phi in FEATURE_MAPS.values():
        assert FeatureMap(phi.name, [list(offset) for offset in phi.offsets]) == phi


@pytest.mark.parametrize("shape", [(65,), (2, 2, 65)])
def test_score_tables_are_of_one_matrix(shape):
    with pytest.raises(WeightError):
        feature_map("pixels").score_tables(np.zeros(shape))


@pytest.mark.parametrize("path", ["", ".", "no/such/folder/model.npz", "a\0b"])
def test_a_model_is_saved_in_a_file(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileError, match="can't write"):
        save_model(MODEL, path)
    assert not list(tmp_path.iterdir())


@pytest.mark.filterwarnings("error")
def test_no_grids_have_no_mean_evidence():
    with pytest.raises(GridError):
        average_evidence(MODEL, GRIDS[:0])
