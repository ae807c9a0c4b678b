"""`deploy/serve.py` as a process: several processes of the app, which can be killed one by one."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.browser.harness import ROOT, free_port

HAPROXY = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin")

needs_haproxy = pytest.mark.skipif(HAPROXY is None, reason="HAProxy is not installed")


class Many:
    """The supervisor, its address, and the port of each process of the app."""

    def __init__(self, supervisor: subprocess.Popen, address: str, ports: list[int]):
        self.supervisor, self.address, self.ports = supervisor, address, ports

    def children(self) -> dict[int, str]:
        """The commands of what the supervisor has started, by process."""
        found = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                if int(stat.read_text().rpartition(")")[2].split()[1]) == self.supervisor.pid:
                    command = (stat.parent / "cmdline").read_text()
                    found[int(stat.parent.name)] = command.replace("\0", " ")
        return found

    def pid(self, n: int) -> int:
        """The process of the app with that number, from 0."""
        (found,) = [p for p, c in self.children().items() if f"port={self.ports[n]} " in c]
        return found

    def kill(self, n: int) -> None:
        os.kill(self.pid(n), signal.SIGKILL)

    def wait_for(self, n: int, seconds: float = 60) -> None:
        """Until a process answers, and the proxy has seen it."""
        wait_for(f"http://127.0.0.1:{self.ports[n]}/_stcore/health", seconds)
        time.sleep(1.5)  # the proxy asks every second


def wait_for(address: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            return urllib.request.urlopen(address, timeout=2).close()
        except OSError:
            assert time.monotonic() < end, f"{address} does not answer"
            time.sleep(0.05)


def ports_in_a_row(number: int) -> int:
    """The first of so many free ports one after another."""
    while True:
        first = free_port()
        with suppress(OSError, OverflowError):
            for port in range(first, first + number):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
            return first


@contextmanager
def serving_many(processes: int, log=subprocess.DEVNULL, **environment: str) -> Iterator[Many]:
    """So many processes behind a free port of 127.0.0.1; ended on leaving."""
    first = ports_in_a_row(processes + 1)
    public, first = first, first + 1
    command = [sys.executable, "deploy/serve.py", "--processes", str(processes)]
    command += ["--bind", f"127.0.0.1:{public}", "--first", str(first)]
    supervisor = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=log, stderr=log
    )
    many = Many(supervisor, f"http://127.0.0.1:{public}", list(range(first, first + processes)))
    try:
        wait_for(f"{many.address}/_stcore/health", 120)
        for n in range(processes):
            many.wait_for(n)
        yield many
    finally:
        supervisor.terminate()
        supervisor.wait(60)
