"""A Dask cluster: the same sums, whatever happens to workers, files and the scheduler."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from distributed import Client, LocalCluster

from softmax_core import maximize, train
from softmax_core.errors import ClusterError, FileError, ParameterError
from softmax_core.scale import PackedObjective, cluster
from softmax_core.scale.__main__ import main
from softmax_core.scale.cluster import DaskObjective, connected
from softmax_core.scale.files import write_packed
from softmax_core.scale.sources import generated
from softmax_core.training import start, step
from tests import asynchronous

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("dask")]


@pytest.fixture(scope="module")
def workers():
    """A cluster of two processes, each of which is started again when it is lost."""
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0"}
    with LocalCluster(**options) as local, Client(local) as client:
        yield client


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Two packed files of some thousand digits in small blocks."""
    folder = tmp_path_factory.mktemp("digits")
    return [
        write_packed(folder / name, *generated(count, seed), rows=500)
        for name, count, seed in (("a", 20_000, 0), ("b", 3_210, 1))
    ]


@pytest.fixture(scope="module")
def both(workers, files):
    """The objective on the cluster, and the same in this process."""
    return (
        DaskObjective(workers, files, "pixels", l2=1.0, rows=2000),
        PackedObjective(files, "pixels", l2=1.0),
    )


def test_it_is_the_objective_over_the_same_files(both):
    ours, plain = both
    assert (len(ours), ours.classes) == (len(plain), 10)
    weights = np.random.default_rng(0).normal(scale=0.3, size=(10, 65))
    value, gradient = ours.value_and_gradient(weights)
    assert value == pytest.approx(plain.value(weights), rel=1e-12)
    assert gradient == pytest.approx(plain.value_and_gradient(weights)[1], rel=1e-9, abs=1e-9)
    assert ours.evaluate(weights) == pytest.approx(plain.evaluate(weights), rel=1e-12)
    assert ours.safe_rate == pytest.approx(plain.safe_rate, rel=1e-9)
    assert ours.hessian(weights) == pytest.approx(plain.hessian(weights), rel=1e-9, abs=1e-9)
    assert ours.mean_curvature(weights) == pytest.approx(plain.mean_curvature(weights), rel=1e-9)


@pytest.mark.parametrize("optimizer", ["lbfgs", "nesterov", "bound"])
def test_training_on_it_climbs_the_same_way(both, optimizer):
    ours, plain = (list(train(o, optimizer, epochs=3)) for o in both)
    for mine, expected in zip(ours, plain, strict=True):
        assert mine.log_likelihood == pytest.approx(expected.log_likelihood, rel=1e-9)
        assert mine.accuracy == expected.accuracy


def test_it_has_no_mini_batches(both):
    state = start(both[0], "adam", batch_size=64)
    with pytest.raises(ParameterError, match="leave out the batch size"):
        step(state, both[0])


def test_a_worker_that_is_killed_changes_nothing(workers, both, monkeypatch):
    """Killed again and again in the middle of passes: the same bits, the same optimum."""
    ours, plain = both
    weights = np.random.default_rng(1).normal(scale=0.3, size=(10, 65))
    expected = ours.likelihood_and_gradient(weights)
    killed, over = [], threading.Event()

    def kill():
        while not over.is_set() and len(killed) < 3:
            pids = list(workers.run(os.getpid).values())
            if pids:
                os.kill(pids[0], signal.SIGKILL)
                killed.append(pids[0])
            over.wait(1.0)

    killer = threading.Thread(target=kill)
    killer.start()
    until = time.monotonic() + 60
    while len(killed) < 3 and time.monotonic() < until:
        value, gradient = ours.likelihood_and_gradient(weights)
        assert value == expected[0]
        np.testing.assert_array_equal(gradient, expected[1])
    over.set()
    killer.join()
    assert len(set(killed)) == 3
    assert maximize(ours, tolerance=1e-6).value == pytest.approx(
        maximize(plain, tolerance=1e-6).value, rel=1e-9
    )


def test_what_is_wrong_with_a_file_is_said_with_the_worker(workers, files, tmp_path):
    copy = tmp_path / "c"
    data = bytearray(files[0].path.read_bytes())
    data[files[0].start + 9 * 1234] ^= 1
    copy.write_bytes(data)
    with pytest.raises(FileError, match=r"worker tcp://.* block 2 of 40 .* is damaged"):
        DaskObjective(workers, copy, "pixels")
    gone = write_packed(tmp_path / "d", *generated(100))
    gone.path.unlink()
    with pytest.raises(FileError, match=r"on the worker tcp://.*: there is no file"):
        DaskObjective(workers, gone, "pixels")
    other = write_packed(tmp_path / "d", *generated(100))
    write_packed(tmp_path / "d", *generated(100, 5), overwrite=True)
    with pytest.raises(FileError, match="other digits here"):
        DaskObjective(workers, other, "pixels")


def test_workers_of_another_version_are_refused(workers, files, monkeypatch):
    monkeypatch.setattr(cluster, "version", lambda: "00000000")
    monkeypatch.setattr(cluster.DaskObjective, "_found", lambda self: {"tcp://w": "12345678"})
    with pytest.raises(ClusterError, match=r"tcp://w runs another version .*12345678.*00000000"):
        DaskObjective(workers, files, "pixels")


def test_a_part_is_not_loaded_by_a_worker_of_another_version(workers, files):
    (part, *_) = cluster._parts(files[0], 500)
    with pytest.raises(ClusterError, match="runs another version"):
        workers.submit(cluster._load, part, sources="00000000").result()


def test_a_scheduler_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setattr(cluster, "ANSWERS", 1)
    for wrong in ("tcp://127.0.0.1:1", "nowhere", "tls://127.0.0.1:1"):
        said = f"no Dask scheduler answers at '{wrong}'"
        with pytest.raises(ClusterError, match=said), connected(wrong):
            pass
    with socket.create_server(("127.0.0.1", 0)) as silent:  # anything else that listens there
        wrong = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ClusterError, match="no Dask scheduler answers"), connected(wrong):
            pass
    with pytest.raises(ParameterError, match=r"distributed\.Client"):
        DaskObjective("tcp://127.0.0.1:1", [], "pixels")


def test_a_cluster_without_workers_is_named(files):
    with (
        LocalCluster(n_workers=0, dashboard_address=":0") as local,
        Client(local) as client,
        pytest.raises(ClusterError, match="has no workers"),
    ):
        DaskObjective(client, files, "pixels")


def test_a_cluster_is_reached_from_a_notebook_in_which_a_loop_runs(workers, files):
    address = workers.scheduler.address

    async def cell():
        with connected(address) as client:
            return len(DaskObjective(client, files, "pixels"))

    assert asynchronous.run(cell()) == len(DaskObjective(workers, files, "pixels"))


@pytest.fixture
def scheduler(tmp_path):
    """A scheduler and its worker as processes of their own: the scheduler's, and its address."""
    file = tmp_path / "scheduler.json"
    options = ["--scheduler-file", str(file), "--no-dashboard"]
    module = [sys.executable, "-m"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": ROOT}
    first = subprocess.Popen(
        [*module, "distributed.cli.dask_scheduler", "--port", "0", *options], **quiet
    )
    worker = [*module, "distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny", *options]
    second = subprocess.Popen(worker, **quiet)
    while not file.exists() or not file.read_text().endswith("}"):
        time.sleep(0.1)
    yield first, json.loads(file.read_text())["address"]
    for process in (first, second):
        process.kill()
        process.wait()


def test_a_lost_scheduler_ends_the_command_which_names_the_checkpoint(
    scheduler, tmp_path, monkeypatch, capsys
):
    process, address = scheduler
    monkeypatch.chdir(tmp_path)
    main(["generate", "a", "--count", "20000"])
    main(["generate", "h", "--count", "500", "--part", "test"])
    told = ["train", "a", "--held-out", "h", "--features", "pairs", "--epochs"]
    with connected(address) as client:
        client.wait_for_workers(1, timeout=60)
    assert main([*told, "2", "--scheduler", address]) == 0

    def lose(run, *figures):
        if run.epoch == 3:
            process.kill()

    with monkeypatch.context() as patched:
        patched.setattr("softmax_core.scale.__main__._report", lose)
        assert main([*told, "9", "--scheduler", address, "--resume"]) == 1
    err = capsys.readouterr().err
    assert "is lost" in err and "run.npz holds the run up to epoch 3: --resume" in err
    assert main([*told, "5", "--resume"]) == 0  # goes on, on this machine alone


def test_a_scheduler_that_answers_no_more_is_not_waited_for(scheduler, tmp_path, monkeypatch):
    process, address = scheduler
    monkeypatch.setattr(cluster, "WORKERS", 1)
    monkeypatch.setattr(cluster, "ANSWERS", 5)
    file = write_packed(tmp_path / "a", *generated(100))
    with connected(address) as client:
        client.wait_for_workers(1, timeout=60)
        objective = DaskObjective(client, file, "pixels")
        process.send_signal(signal.SIGSTOP)
        with pytest.raises(ClusterError, match="is lost: TimeoutError"):
            objective.sums("gram")
        process.send_signal(signal.SIGCONT)
