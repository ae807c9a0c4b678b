"""What notebooks hand on: the right result, or an error that says what is accepted."""

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from softmax_core import (
    PREPARATIONS,
    Objective,
    Preparation,
    SoftmaxModel,
    accuracy,
    answer,
    calibration,
    check_gradient,
    confusion,
    feature_map,
    from_hex,
    grid_from_strokes,
    load_dataset,
    load_model,
    log_softmax,
    maximize,
    one_hot_check,
    pack,
    prepare,
    save_model,
    save_state,
    scores,
    softmax,
    step,
    to_hex,
    train,
    trajectory_strokes,
    unpack,
)
from softmax_core.errors import (
    DrawingError,
    FeatureError,
    FileError,
    GridError,
    InputError,
    LabelError,
    ParameterError,
    WeightError,
)
from softmax_core.evaluation import by_writer, dataset_for, evaluate, flipped, shift_worth
from softmax_core.explain import flips
from softmax_core.grids import as_grid
from softmax_core.inputs import LARGEST_WEIGHT, MOST_CLASSES, shortened
from softmax_core.neighbours import nearest
from softmax_core.training import start

GRIDS = np.random.default_rng(0).random((12, 8, 8)) < 0.4
FEATURES = feature_map("pixels")(GRIDS)
LABELS = [0, 1, 2] * 4
MODEL = load_model("pixels")


@pytest.mark.parametrize(
    "labels",
    [
        LABELS,
        tuple(LABELS),
        np.array(LABELS, np.uint8),
        np.array(LABELS, object),
        pd.Series(LABELS, index=range(5, 17)),
        pd.Series(LABELS, dtype="Int64"),
        pd.Series(LABELS).astype("category"),
    ],
    ids=["list", "tuple", "uint8", "object", "Series", "Int64", "category"],
)
def test_labels_of_any_integer_type_are_labels(labels):
    objective = Objective(FEATURES, labels)
    assert objective.classes == 3
    assert objective.labels.tolist() == LABELS
    assert accuracy(labels, LABELS).value == 1
    assert confusion(labels, LABELS, 3).diagonal().tolist() == [4, 4, 4]
    assert calibration(np.eye(3)[LABELS], labels).error == 0


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.eye(3)[LABELS], r"argmax\(axis=1\)"),
        (np.array(LABELS)[:, None], r"take labels\[:, 0\]$"),
        ([label + 1 for label in LABELS], "every class from 0 on"),
        ([0, 1, 3] * 4, "every class from 0 on"),
        ([0, 10**9] * 6, "every class from 0 on"),
        ([0, 10**30] * 6, "0..K−1"),
        ([0, -1] * 6, "-1..0"),
        (["0", "1"] * 6, "integer type"),
        ([0.0, 1.0] * 6, "integer type, got float64"),
        ([True, False] * 6, "integer type, got bool"),
        (pd.Series([0, 1, None] * 4), "integer type, got float64"),
        (pd.Series([0, 1, None] * 4, dtype="Int64"), "integer type"),
        ([[0, 1], [2]], "not an array"),
        (None, "shape"),
        (3, "shape"),
        ([], "N ≥ 1|one label"),
    ],
)
def test_anything_else_is_not(labels, message):
    with pytest.raises(LabelError, match=message):
        Objective(FEATURES, labels)
    with pytest.raises(LabelError):
        accuracy(labels, [*LABELS, 0])


@pytest.mark.parametrize("classes", [1, 10**6, True, 2.5, "a", None, ["a"] * 101])
def test_a_number_of_classes_is_small_and_whole(classes):
    with pytest.raises(LabelError, match=r"classes|every class"):
        Objective(FEATURES, [0] * 12, classes=classes)


@pytest.mark.parametrize("classes", [LABELS, ["a", "b", "b"], pd.DataFrame({"a": [0], "b": [1]})])
def test_classes_are_given_by_their_number_or_their_names(classes):
    assert Objective(FEATURES, LABELS, classes=np.array(["a", "b", "c"])).classes == 3
    with pytest.raises(LabelError):
        Objective(FEATURES, LABELS, classes=classes)


def test_what_is_masked_is_no_label_and_no_number():
    masked = np.ma.masked_equal(LABELS, 2)
    for call in (lambda: Objective(FEATURES, masked), lambda: softmax(masked)):
        with pytest.raises(InputError, match="masked"):
            call()
    assert softmax(np.ma.masked_equal(LABELS, 7)).sum() == pytest.approx(1)


def test_every_derivative_is_of_as_many_classes_as_the_samples_have():
    for name in ("value", "evaluate", "hessian", "mean_curvature"):
        with pytest.raises(WeightError, match="3 classes, got 10"):
            getattr(Objective(FEATURES, LABELS), name)(MODEL.weights)


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float16, np.float32, float])
def test_scores_of_any_number_type(dtype):
    given = np.array([[0, 1, 2], [200, 0, 100]]).astype(dtype)
    expected = np.exp(given.astype(float) - given.max(axis=1, keepdims=True).astype(float))
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(softmax(given), expected, rtol=1e-5, atol=1e-30)
    np.testing.assert_allclose(np.exp(log_softmax(given)), expected, rtol=1e-4, atol=1e-30)
    np.testing.assert_allclose(softmax(pd.DataFrame(given)), expected, rtol=1e-5, atol=1e-30)


@pytest.mark.parametrize(
    "given",
    [[np.nan, 1], [np.inf, 0], [1.7e308, -1.7e308], [1j, 0], ["a"], [], 3, None, [[1], [1, 2]]],
)
def test_scores_that_are_none(given):
    for function in (softmax, log_softmax):
        with pytest.raises(ParameterError, match="scores"):
            function(given)


def test_grids_in_any_form():
    expected = MODEL.predict(GRIDS)
    for form in (GRIDS.tolist(), GRIDS.astype(np.uint64), GRIDS.astype(float), pack(GRIDS)):
        assert (MODEL.predict(form) == expected).all()
    assert MODEL.predict(pd.DataFrame(GRIDS[3])).tolist() == [expected[3]]
    assert (unpack([0, 1])[:, 7, 7] == [False, True]).all()


@pytest.mark.parametrize(
    "grids",
    [
        GRIDS[0].ravel(),
        GRIDS[0].ravel().astype(np.uint64),
        GRIDS[0].ravel().tolist(),
        GRIDS[:, :7],
        GRIDS.astype(int).astype(str).astype(object),
        np.full((8, 8), np.nan),
        np.eye(8) * 1j,
        [[True, False]] * 8,
        [True, False],
        [[0, 1], [1]],
        "00",
        None,
        {"grid": 1},
    ],
)
def test_what_is_no_grid(grids):
    for read in (MODEL.predict, MODEL.probabilities, MODEL.scores):
        with pytest.raises(GridError, match=r"8|zeros and ones"):
            read(grids)


@pytest.mark.parametrize("grids", [GRIDS, GRIDS[:0]])
def test_what_is_said_of_one_grid_is_not_said_of_the_first_of_many(grids):
    for read in (
        lambda x: answer(MODEL, x),
        lambda x: flips(MODEL, x),
        lambda x: nearest(pack(GRIDS), x),
        MODEL.evidence,
        to_hex,
    ):
        with pytest.raises(GridError, match="one grid"):
            read(grids)


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "call",
    [
        lambda x: from_hex(x),
        lambda x: pack(x),
        lambda x: unpack(x),
        lambda x: grid_from_strokes([x]),
        lambda x: scores(x, FEATURES),
        lambda x: scores(MODEL.weights, x),
        lambda x: Objective(x, LABELS),
        lambda x: Objective(FEATURES, LABELS, l2=x),
        lambda x: SoftmaxModel(x, MODEL.weights, MODEL.features, "pen"),
        lambda x: SoftmaxModel(MODEL.classes, x, MODEL.features, "pen"),
        lambda x: SoftmaxModel(MODEL.classes, MODEL.weights, x, "pen"),
        lambda x: SoftmaxModel(MODEL.classes, MODEL.weights, MODEL.features, x),
        lambda x: check_gradient(x, x, np.zeros((2, 65))),
        lambda x: check_gradient(sum, sum, x),
        lambda x: maximize(x),
        lambda x: next(train(Objective(FEATURES, LABELS), x)),
        lambda x: next(train(Objective(FEATURES, LABELS), parameters={"learning_rate": x})),
        lambda x: next(train(Objective(FEATURES, LABELS), "adam", batch_size=x)),
        lambda x: next(train(Objective(FEATURES, LABELS), seed=x)),
        lambda x: next(train(Objective(FEATURES, LABELS), epochs=x)),
        lambda x: feature_map(x),
        lambda x: load_dataset(x),
        lambda x: load_model(x),
        lambda x: evaluate(x, GRIDS, LABELS),
        lambda x: evaluate(MODEL, GRIDS, x),
        lambda x: by_writer(evaluate(MODEL, GRIDS, LABELS), x),
        lambda x: flipped(GRIDS, x),
        lambda x: shift_worth(MODEL, GRIDS, LABELS, x),
        lambda x: dataset_for(x),
        lambda x: answer(x, GRIDS[0]),
        lambda x: answer(MODEL, x),
        lambda x: answer(MODEL, GRIDS[0], x),
        lambda x: SoftmaxModel(MODEL.classes, MODEL.weights, MODEL.features, "pen", x),
        lambda x: save_model(x, io.BytesIO()),
        lambda x: save_state(x, io.BytesIO()),
        lambda x: save_model(MODEL, [x]),
        lambda x: step(x, Objective(FEATURES, LABELS)),
        lambda x: step(start(Objective(FEATURES, LABELS)), x),
        lambda x: next(train(Objective(FEATURES, LABELS), held_out=x)),
        lambda x: next(train(Objective(FEATURES, LABELS), should_stop=x)),
        lambda x: one_hot_check(x, MODEL.weights, MODEL.features),
        lambda x: replace(PREPARATIONS["pen"], name=[x]),
        lambda x: replace(PREPARATIONS["pen"], pen=x),
        lambda x: replace(PREPARATIONS["pen"], threshold=x),
        lambda x: replace(PREPARATIONS["pen"], frame=x),
        lambda x: replace(PREPARATIONS["pen"], slimmest=x),
        lambda x: replace(PREPARATIONS["pen"], canvas=x),
    ],
)
@pytest.mark.parametrize(
    "x",
    ["x" * 10**6, b"\0", "\ud800", -1.5, 10**400, np.nan, 1j, [1, [2]], nested(200), object(), {}],
    ids=lambda x: shortened(x)[:12].encode("ascii", "replace").decode(),
)
def test_whatever_is_given_the_error_is_the_library_s_and_short(call, x):
    with pytest.raises(InputError) as refused:
        call(x)
    assert len(str(refused.value)) < 400
    str(refused.value).encode()


def test_strokes_of_numbers_alone():
    stroke = [(0, 0), (10, 300)]
    expected = grid_from_strokes([stroke])
    for form in (
        [np.array(stroke)],
        [pd.DataFrame(stroke)],
        np.array([stroke]),
        (s for s in [stroke]),
    ):
        assert (grid_from_strokes(form) == expected).all()
    for wrong in (
        [[(1j, 0), (1, 1)]],
        [[("1", "2")]],
        [[(True, False)]],
        None,
        "12",
        5,
        [None],
        [[1]],
    ):
        with pytest.raises(DrawingError):
            grid_from_strokes(wrong)


def test_more_ink_than_a_digit_has_is_refused_before_it_is_drawn():
    canvas = replace(PREPARATIONS["pen"], canvas=1.0)
    with pytest.raises(DrawingError, match="more ink"):
        grid_from_strokes([[(0, 0), (1e6, 1e6)]], canvas)


def test_paths_of_any_length():
    (curve,) = trajectory_strokes([[0, 0], [3, 4]])
    assert curve[0].tolist() == [0, 0]
    assert curve[-1].tolist() == [3, -4]
    assert trajectory_strokes([[5, 6]])[0].tolist() == [[5, -6]]
    for wrong in ([1, 2, 3], [[np.nan, 0]], "ab", None, [[1j, 0]]):
        with pytest.raises(DrawingError):
            trajectory_strokes(wrong)


@pytest.mark.parametrize(
    "names",
    [
        ("a", "a"),
        ("a", " b"),
        ("a", ""),
        ("a", "b" * 25),
        ("a", "\n"),
        ("a", "\ud800"),
        ("a", "\u202e"),
        ("a", 1),
        5,
        None,
        ["a"],
        [str(n) for n in range(MOST_CLASSES + 1)],
    ],
)
def test_names_of_classes_are_different_printable_and_short(names):
    weights = np.zeros((2, 65))
    with pytest.raises(LabelError, match=r"class"):
        SoftmaxModel(names, weights, feature_map("pixels"), "pen")


def test_a_model_that_could_not_be_loaded_again_can_t_be_made():
    weights = np.zeros((2, 65))
    with pytest.raises(ParameterError, match=r"there are pen$"):
        SoftmaxModel("ab", weights, feature_map("pixels"), "pne")
    with pytest.raises(FeatureError, match="feature maps"):
        SoftmaxModel("ab", weights, "pixels", "pen")
    for wrong in (np.nan, 1.7e308, 2 * LARGEST_WEIGHT):
        with pytest.raises(WeightError, match="finite"):
            SoftmaxModel("ab", weights + wrong, feature_map("pixels"), "pen")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("x" * 10**6, "'" + "x" * 40 + "'…"),
        (10**4000, "an integer of 13,288 bits"),
        ([1] * 10**6, "a list"),
        (np.zeros((2, 3)), "an array of float64 (2, 3)"),
        (np.float32(0.5), "0.5"),
        (None, "None"),
    ],
)
def test_a_message_repeats_a_few_words(value, words):
    assert shortened(value) == words


@pytest.mark.parametrize("odd", ["False", "no", 1, 0, None])
def test_a_choice_of_two_is_true_or_false(odd):
    for flag in ("deskew", "stems", "stretch"):
        with pytest.raises(ParameterError, match="True or False"):
            Preparation("own", **{flag: odd})
    with pytest.raises(ParameterError, match="True or False"):
        prepare([[(0, 0), (5, 9)]], everything=odd)


def test_a_grid_is_a_table_of_zeros_and_ones_of_any_type():
    table = pd.DataFrame(GRIDS[0].astype(int))
    mixed = table.astype({0: bool, 3: "Int64", 5: "boolean", 6: float})
    for frame in (table.astype("Int64"), table.astype("boolean"), mixed):
        np.testing.assert_array_equal(as_grid(frame), GRIDS[0])
    for odd in (pd.NA, 2, "1", None, 1j, 10**400):
        frame = table.astype(object)
        frame.iloc[2, 2] = odd
        with pytest.raises(GridError):
            as_grid(frame)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("size", [5e-324, 1e-300, 1e9])
def test_strokes_of_any_size_are_prepared(size):
    for stroke in ([(0, 0), (size, 0), (size, size)], [(0, 0), (0, size)], [(size, 0), (0, size)]):
        assert prepare([np.array(stroke)]).bitmap.any()


@pytest.mark.parametrize("kind", ["text", "StringIO", "closed", "read only"])
def test_a_model_is_saved_in_a_file_of_bytes(kind, tmp_path):
    path = tmp_path / "model"
    path.write_bytes(b"")
    mode = {"text": "w", "read only": "rb"}.get(kind, "wb")
    file = io.StringIO() if kind == "StringIO" else path.open(mode)
    if kind == "closed":
        file.close()
    with pytest.raises(FileError, match="opened for writing bytes"):
        save_model(MODEL, file)
    file.close()
