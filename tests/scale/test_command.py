"""The command: files made, looked at and verified, and a run that ends, stops and goes on."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from softmax_core import load_model
from softmax_core.arrays import read_arrays, write_arrays
from softmax_core.errors import FileError
from softmax_core.scale import checkpoints, files, open_packed, write_packed
from softmax_core.scale.__main__ import main
from softmax_core.scale.objective import PackedObjective
from tests.scale.test_files import HEADER, full_disk, some

ROOT = Path(__file__).resolve().parents[2]
TRAIN = ("train", "a", "b", "--held-out", "h")


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """run(*arguments): status, output and errors of the command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments):
        status = main([str(a) for a in arguments])
        out, err = capsys.readouterr()
        return status, out, err

    return command


@pytest.fixture
def digits(run):
    """Two files to train on, and one held out, in the folder of the command."""
    assert run("generate", "a", "--count", "3e3")[0] == 0
    assert run("generate", "b", "--count", 1000, "--seed", 9)[0] == 0
    assert run("generate", "h", "--count", 500, "--part", "test")[0] == 0


def test_files_are_made_looked_at_and_verified(run, digits):
    status, out, _ = run("inspect", "a", "h")
    assert status == 0
    assert "a: 3,000 digits in 1 blocks, 27,242 bytes" in out
    assert "classes 0 1 2 3 4 5 6 7 8 9; preparation pen" in out
    assert "Pen digits, test: pixels switched with p = 0.0498, seed 0" in out
    assert run("verify", "a", "b", "h")[1].count("as they were written") == 3
    assert run("pack", "optdigits", "c", "--part", "test")[0] == 0
    assert len(open_packed("c")) == 1797


def test_files_that_are_there_are_not_overwritten_unasked(run, digits):
    status, out, err = run("generate", "a", "--count", "10")
    assert (status, out) == (1, "")
    assert "a already, and it is not overwritten" in err
    assert len(open_packed("a")) == 3000
    assert run("generate", "a", "--count", "10", "--overwrite")[0] == 0
    assert len(open_packed("a")) == 10


def test_verify_names_every_damaged_file(run, digits, tmp_path):
    for name in ("a", "h"):
        data = bytearray((tmp_path / name).read_bytes())
        data[-1] ^= 8
        (tmp_path / name).write_bytes(data)
    status, out, err = run("verify", "a", "b", "h")
    assert (status, len(err.splitlines())) == (1, 2)
    assert "a: block 0 of 1 (rows 0 to 2,999) is damaged" in err
    assert "b: 1,000 digits, as they were written" in out


def test_a_run_reports_every_epoch_and_leaves_a_model(run, digits):
    status, out, err = run(*TRAIN, "--epochs", 3)
    assert (status, err) == (0, "")
    lines = [line for line in out.splitlines() if line.startswith("epoch ")]
    assert [int(line.split()[1]) for line in lines] == [0, 1, 2, 3]
    assert re.search(
        r"epoch +3  L -[\d,.]+  L/N -0\.\d{5}  held out 0\.\d{4}  [\d.]+ M digits/s  0 s left",
        lines[-1],
    )
    assert "epochs reached" in out
    model = load_model("model.npz")
    assert (model.features.name, model.preparation) == ("pixels", "pen")
    ours = PackedObjective("h", "pixels", dtype=np.float32)
    assert f"{ours.accuracy(model.weights):.4f}" in lines[-1]


@pytest.mark.parametrize(
    "options",
    [
        ("--optimizer", "lbfgs", "--features", "pairs"),
        ("--optimizer", "adam", "--batch", "256", "--seed", "3", "--rate", "0.02"),
        ("--optimizer", "nesterov", "--dtype", "float64", "--l2", "0.5"),
    ],
    ids=lambda options: options[1],
)
def test_a_run_that_is_resumed_goes_on_to_the_same_bits(run, digits, options):
    whole = (*TRAIN, "--checkpoint", "c1", "--model", "m1", "--epochs", 4, *options)
    part = (*TRAIN, "--checkpoint", "c2", "--model", "m2")
    assert run(*whole)[0] == 0
    assert run(*part, "--epochs", 2, *options)[0] == 0
    status, out, err = run(*part, "--epochs", 4, "--resume")
    assert (status, err) == (0, "")
    assert "epoch    2" in out and "epoch    1" not in out
    np.testing.assert_array_equal(load_model("m1").weights, load_model("m2").weights)
    first, second = (read_arrays(path, checkpoints.MEMBERS) for path in ("c1", "c2"))
    np.testing.assert_array_equal(first["figures"][3:, [0, 2]], second["figures"][3:, [0, 2]])


def test_a_checkpoint_goes_on_with_what_it_was_told_and_trained_on(run, digits):
    assert run(*TRAIN, "--epochs", 2)[0] == 0
    for wrong, said in (
        (("--l2", 3), "has l2 1.0, and goes on with it; got 3"),
        (("--features", "pairs"), "has features pixels"),
        (("--dtype", "float64"), "has dtype float32"),
        (("--rate", 0.1), "leave out --rate"),
    ):
        status, _, err = run(*TRAIN, "--resume", "--epochs", 3, *wrong)
        assert (status, said in err) == (1, True), err
    assert run("generate", "i", "--count", 500, "--seed", 5, "--part", "test")[0] == 0
    for others in (("b", "a", "--held-out", "h"), ("a", "b", "--held-out", "i")):
        status, _, err = run("train", *others, "--resume", "--epochs", 3)
        assert status == 1 and "trained on other digits" in err
    for other in ("h", "none"):
        status, _, err = run(*TRAIN, "--resume", "--checkpoint", other)
        assert status == 1 and "Traceback" not in err
    assert run(*TRAIN, "--resume", "--epochs", 3, "--l2", 1)[0] == 0


def test_a_run_overwrites_nothing_unasked(run, digits, tmp_path):
    for name in ("model.npz", "run.npz"):
        (tmp_path / name).write_bytes(b"mine")
        status, out, err = run(*TRAIN)
        assert (status, out) == (1, "")
        assert f"there is a file {name} already" in err
        assert (tmp_path / name).read_bytes() == b"mine"
        (tmp_path / name).unlink()


def test_nothing_is_trained_on_files_that_are_damaged_or_differ(run, digits, tmp_path):
    data = bytearray((tmp_path / "b").read_bytes())
    data[-2000] ^= 8
    (tmp_path / "b").write_bytes(data)
    status, out, err = run(*TRAIN)
    assert status == 1 and "epoch" not in out
    assert "b: block 0 of 1 (rows 0 to 999) is damaged" in err
    write_packed(tmp_path / "c", HEADER, 5, [some(5)])
    for wrong in (("a", "c", "--held-out", "h"), ("a", "--held-out", "c")):
        status, out, err = run("train", *wrong)
        assert (status, out) == (1, "")
        assert "has the classes a b c, but a has 0 1 2" in err
    assert not (tmp_path / "run.npz").exists()


def test_a_full_disk_ends_a_run_and_its_last_checkpoint_stays(run, digits, monkeypatch, tmp_path):
    assert run(*TRAIN, "--epochs", 2)[0] == 0
    before = (tmp_path / "run.npz").read_bytes()
    with full_disk(1000):
        status, _, err = run(*TRAIN, "--resume", "--epochs", 4)
    assert status == 1
    assert "run.npz can't be written" in err
    assert "run.npz holds the run up to epoch 2: --resume goes on there" in err
    assert (tmp_path / "run.npz").read_bytes() == before
    assert run(*TRAIN, "--resume", "--epochs", 4)[0] == 0


def test_a_run_that_is_interrupted_names_its_checkpoint(run, digits, monkeypatch):
    wrote = checkpoints.write_checkpoint

    def interrupt(path, run, *arguments, **more):
        if run.epoch == 3:
            raise KeyboardInterrupt
        wrote(path, run, *arguments, **more)

    monkeypatch.setattr("softmax_core.scale.__main__.write_checkpoint", interrupt)
    status, _, err = run(*TRAIN)
    assert status == 130
    assert "Interrupted. run.npz holds the run up to epoch 2" in err


def test_a_file_that_changes_in_the_middle_ends_the_run(run, digits, monkeypatch, tmp_path):
    read = files.PackedFile.read
    asked = []

    def cut(file, *arguments, **more):
        asked.append(file)
        if len(asked) == 12:
            with (tmp_path / "a").open("r+b") as opened:
                opened.truncate(500)
        return read(file, *arguments, **more)

    monkeypatch.setattr(files.PackedFile, "read", cut)
    status, _, err = run(*TRAIN)
    assert status == 1
    assert "a has changed since it was opened" in err and "run.npz holds" in err


def test_a_rate_that_is_too_large_is_said_and_leaves_no_model(run, digits, tmp_path):
    status, _, err = run(*TRAIN, "--optimizer", "gradient-ascent", "--rate", 100, "--l2", 100)
    assert status == 1
    assert "rate 100 is too high" in err
    assert not (tmp_path / "model.npz").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        ("generate", "x", "--count", "1.5"),
        ("generate", "x", "--count", "many"),
        ("train", "a"),
        (*TRAIN, "--features", "edges"),
        (*TRAIN, "--optimizer", "luck"),
        (),
    ],
    ids=str,
)
def test_what_it_does_not_know_it_says(run, wrong):
    with pytest.raises(SystemExit) as ended:
        main(wrong)
    assert ended.value.code == 2


@pytest.mark.parametrize(
    "wrong",
    [
        ("--batch", 5000, "--optimizer", "adam"),
        ("--batch", 100),
        ("--l2", -1),
        ("--seed", -1),
        ("--epochs", -3),
        ("--epochs", 0),
    ],
    ids=str,
)
def test_numbers_out_of_range_are_named(run, digits, wrong):
    status, _, err = run(*TRAIN, *wrong)
    assert status == 1 and "Traceback" not in err and err.strip()


@pytest.mark.parametrize(
    "places",
    [
        ("--model", "a"),
        ("--checkpoint", "h"),
        ("--model", "./run.npz"),
        ("--checkpoint", "link"),
        ("--model", "no/folder"),
        ("--model", "."),
    ],
    ids=str,
)
@pytest.mark.parametrize("option", ["--overwrite", "--resume"])
def test_no_digits_and_no_run_are_overwritten_by_what_they_lead_to(
    run, digits, tmp_path, places, option
):
    assert run(*TRAIN, "--epochs", 1)[0] == 0
    (tmp_path / "link").symlink_to("b")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    status, out, err = run(*TRAIN, "--epochs", 2, *places, option)
    assert (status, out) == (1, "") and "can't be written" in err
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_mini_batches_on_a_cluster_are_refused_before_anything_is_read(run, digits):
    batches = ("--optimizer", "adam", "--batch", 100)
    status, out, err = run(*TRAIN, *batches, "--scheduler", "tcp://127.0.0.1:1")
    assert (status, out) == (1, "") and "leave out --batch or --scheduler" in err
    assert run(*TRAIN, *batches, "--epochs", 1)[0] == 0
    status, out, err = run(*TRAIN, "--resume", "--epochs", 2, "--scheduler", "tcp://127.0.0.1:1")
    assert (status, out) == (1, "") and "leave out --batch or --scheduler" in err


def test_an_export_is_not_overwritten_by_what_is_made_of_it(run, tmp_path):
    (tmp_path / "room.ndjson").write_text("{}")
    for name in ("room.ndjson", "./room.ndjson"):
        status, _, err = run("pack", "room.ndjson", name, "--overwrite")
        assert status == 1 and "would take the place of room.ndjson" in err
    assert (tmp_path / "room.ndjson").read_text() == "{}"


def test_another_runs_first_checkpoint_is_not_overwritten(run, digits, monkeypatch, tmp_path):
    def another(run, *figures):
        (tmp_path / "run.npz").write_bytes(b"another run's")

    monkeypatch.setattr("softmax_core.scale.__main__._report", another)
    status, _, err = run(*TRAIN)
    assert status == 1 and "not overwritten" in err
    assert (tmp_path / "run.npz").read_bytes() == b"another run's"


@pytest.mark.parametrize("given", [("a", "a"), ("a", "b", "copy")], ids=str)
def test_no_digits_are_given_twice_nor_held_out_and_trained_on(run, digits, tmp_path, given):
    (tmp_path / "copy").write_bytes((tmp_path / "a").read_bytes())
    for wrong in ((*given, "--held-out", "h"), ("b", "a", "--held-out", "copy")):
        status, out, err = run("train", *wrong)
        assert (status, out) == (1, "") and "has the same digits as a" in err


def test_a_checkpoint_without_weights_is_none(run, digits, tmp_path):
    assert run(*TRAIN, "--epochs", 1)[0] == 0
    arrays = read_arrays("run.npz", checkpoints.MEMBERS)
    write_arrays("run.npz", {n: a for n, a in arrays.items() if not n.endswith("weights")})
    status, _, err = run(*TRAIN, "--resume", "--epochs", 2)
    assert status == 1 and "holds no training run" in err


def command(*arguments, **more):
    """The command as a process of its own."""
    run = [sys.executable, "-m", "softmax_core.scale", *arguments]
    return subprocess.Popen(run, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)


def test_who_reads_no_further_gets_no_traceback(digits, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with command(*TRAIN, "--epochs", "500", cwd=tmp_path, env=environment) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141


def test_a_run_that_is_ended_from_outside_names_its_checkpoint(digits, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with command(*TRAIN, "--epochs", "1000000", cwd=tmp_path, env=environment) as process:
        while not process.stdout.readline().startswith("epoch    2"):
            pass
        process.terminate()
        said = process.communicate()[1]
    assert process.returncode == 130
    assert "Interrupted. run.npz holds the run up to epoch" in said
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b", "h", "run.npz"}


def test_a_checkpoint_is_no_other_file(run, digits, tmp_path):
    assert run(*TRAIN, "--epochs", 1)[0] == 0
    with pytest.raises(FileError):
        checkpoints.read_checkpoint("model.npz")
