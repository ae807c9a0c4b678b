"""Where packed digits come from."""

import numpy as np
import pytest

from softmax_core.datasets import load_dataset
from softmax_core.drawing import grid_from_strokes
from softmax_core.errors import FileError, ParameterError
from softmax_core.grids import pack, to_hex, unpack
from softmax_core.rooms.exchange import to_csv, to_ndjson
from softmax_core.rooms.records import Drawing, Room
from softmax_core.scale import from_dataset, from_room, generated, write_packed
from softmax_core.scale.files import ROWS
from tests.scale.conftest import columns


@pytest.mark.parametrize("part", ["train", "test"])
def test_a_data_set_is_written_as_it_is(tmp_path, part):
    split = getattr(load_dataset("pen"), part)
    file = write_packed(tmp_path / "a", *from_dataset("pen", part), rows=1000)
    codes, labels = columns(file)
    np.testing.assert_array_equal(codes, split.codes)
    np.testing.assert_array_equal(labels, split.labels)
    assert file.header.source == f"Pen digits, {part}"


def test_generated_digits_are_of_the_seed_and_nothing_else(packed):
    codes, labels = columns(packed(300, seed=5))
    same, names = columns(packed(200, seed=5, name="b", rows=64))
    np.testing.assert_array_equal(codes[:200], same)
    np.testing.assert_array_equal(labels[:200], names)
    other, _ = columns(packed(200, seed=6, name="c"))
    assert (other != same).mean() > 0.9


def test_pixels_are_switched_as_often_as_asked():
    train = load_dataset("pen").train
    _, _, (first, *rest) = [*generated(ROWS + 10, flips=0.0)[:2], list(generated(ROWS + 10)[2])]
    assert (len(first[0]), [len(labels) for _, labels in rest]) == (ROWS, [10])
    ((codes, labels),) = list(generated(1000, flips=0.0)[2])
    assert set(codes.tolist()) <= set(train.codes.tolist())
    for share in (0.05, 0.5, 1.0):
        ((changed, names),) = list(generated(1000, flips=share)[2])
        np.testing.assert_array_equal(names, labels)
        switched = unpack(changed ^ codes)
        assert switched.mean() == pytest.approx(round(share * 1024) / 1024, abs=0.01)
        assert np.abs(switched.mean(axis=0) - share).max() < 0.08  # of every pixel


@pytest.mark.parametrize(
    "wrong",
    [
        {"count": 0},
        {"count": 2.5},
        {"count": 5, "seed": -1},
        {"count": 5, "flips": 1.5},
        {"count": 5, "name": "faces"},
        {"count": 5, "part": "all"},
    ],
    ids=str,
)
def test_what_can_not_be_generated_is_said(wrong):
    with pytest.raises(ParameterError):
        generated(**wrong)


STROKES = ([[[10, 10], [10, 90]]], [[[10, 10], [90, 90]], [[90, 10], [10, 90]]])


def room():
    """A room of two classes with six drawings, one hidden and one made for a test."""
    classes = ("I", "=X")
    about = Room(1, "CODE", "A room", classes, "pen", "train", True, 9, 6, 0, 0.0)
    drawings = [
        Drawing(
            n, n, to_hex(grid_from_strokes(STROKES[label])), label, "ab" * 32, None, purpose,
            None, hidden, 1.0, "token", str(STROKES[label]),
        )
        for n, (label, purpose, hidden) in enumerate(
            [
                (0, "training", None),
                (1, "training", None),
                (1, "training", "contributor"),
                (1, "test", None),
                (1, "training", None),
            ]
        )
    ]  # fmt: skip
    return about, drawings


def test_a_rooms_export_becomes_a_file(tmp_path):
    expected = [(int(pack(grid_from_strokes(STROKES[k]))[0]), k) for k in (0, 1, 1)]
    path = tmp_path / "room.ndjson"
    path.write_text(to_ndjson(*room()))
    file = write_packed(tmp_path / "a", *from_room(path))
    codes, labels = columns(file)
    assert file.header.classes == ("I", "=X")
    assert list(zip(codes.tolist(), labels.tolist(), strict=True)) == expected
    path = tmp_path / "room.csv"
    path.write_text(to_csv(*room()))
    file = write_packed(tmp_path / "b", *from_room(path))
    codes, labels = columns(file)
    assert file.header.classes == ("=X", "I")
    assert list(zip(codes.tolist(), (1 - labels).tolist(), strict=True)) == expected


@pytest.mark.parametrize("name", ["room.csv", "room.ndjson"])
def test_other_files_are_no_room(tmp_path, name):
    path = tmp_path / name
    with pytest.raises(FileError, match="no file"):
        from_room(path)
    for data in (b"", b"\xff\xfe\x00", b"a,b\n1,2\n", b"[1]\n", b'{"classes": "ab"}\n[2]\n'):
        path.write_bytes(data)
        with pytest.raises(FileError, match="no export"):
            from_room(path)


def test_the_line_that_is_no_drawing_is_named(tmp_path):
    path = tmp_path / "room.ndjson"
    lines = to_ndjson(*room()).splitlines()
    for line in ("{", '{"class": "Y", "strokes": [], "purpose": "training"}', "7"):
        path.write_text("\n".join([*lines[:3], line, *lines[4:]]))
        with pytest.raises(FileError, match="line 4 "):
            from_room(path)
    path = tmp_path / "room.csv"
    lines = to_csv(*room()).splitlines()
    path.write_text("\n".join([lines[0], lines[1].replace(room()[1][0].grid, "xyz"), *lines[2:]]))
    with pytest.raises(FileError, match="line 2: the code of a grid"):
        from_room(path)


def test_a_row_that_ends_early_is_no_drawing(tmp_path):
    path = tmp_path / "room.CSV"
    path.write_text("grid,purpose,hidden,class\n8000000000000000,training,\n")
    with pytest.raises(FileError, match="no export of a room"):
        from_room(path)


def test_a_file_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "room.ndjson"
    path.write_text(to_ndjson(*room()))
    monkeypatch.setattr(type(path), "open", refuse)
    with pytest.raises(FileError, match="can't be read: Permission denied"):
        from_room(path)
