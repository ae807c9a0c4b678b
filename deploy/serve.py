"""Several processes of the app behind HAProxy, on one machine: `make serve N=4`.

    python deploy/serve.py --processes 4 --bind :8501

Writes HAProxy's configuration from haproxy.cfg, starts everything, starts again what ends by
itself, and ends all of it on Ctrl+C or SIGTERM, and when its terminal is closed (nohup keeps it).
`--bind` is what HAProxy's `bind` takes; with a certificate:
":443 ssl crt /etc/ssl/private/your.host.pem". Rooms are where DATABASE_URL says.

Needs HAProxy 2.6 or newer, and of Python nothing but the standard library.
"""

import argparse
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
TEMPLATE = HERE / "haproxy.cfg"
FIRST = 8601  # the port of the first process
LARGEST = 65_535  # port
MOST = 64  # processes
WATCH = 0.2  # seconds between two looks
STARTING = 90  # seconds in which a process has to be healthy
SETTLED = 10  # seconds: what ran for so long is started again at once
LONGEST = 30  # seconds before what ends again and again is started once more
GRACE = 10  # seconds to end by itself


def configuration(ports: Sequence[int], template: str) -> str:
    """HAProxy's configuration with these ports of this machine as the processes of the app."""
    servers = "\n".join(f"    server app{n} 127.0.0.1:{p}" for n, p in enumerate(ports, 1))
    text, found = re.subn(r"^ *server-template .*$", servers, template, flags=re.MULTILINE)
    text, unused = re.subn(r"^resolvers .*\n( .*\n)*", "", text, flags=re.MULTILINE)
    if (found, unused) != (1, 1):
        raise SystemExit(f"{TEMPLATE} has to have one server-template and one section of resolvers")
    return text


def environment(given: Mapping[str, str], bind: str) -> dict[str, str]:
    """What all processes have in common; the app believes a proxy on this machine, and no other."""
    return {
        "STREAMLIT_SERVER_COOKIE_SECRET": secrets.token_hex(32),
        **given,
        "FORWARDED_ALLOW_IPS": "127.0.0.1",
        "BIND": bind,
    }


def app(port: int) -> list[str]:
    """The command of one process of the app, which listens to this machine alone."""
    options = (f"--server.port={port}", "--server.address=127.0.0.1")
    return [sys.executable, "-m", "streamlit", "run", "app.py", *options]


class Program:
    """A program that is kept running: started again when it ends, later the sooner it ended."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        env: Mapping[str, str],
        clock: Callable[[], float] = time.monotonic,
    ):
        self.name, self.command, self.env, self.clock = name, list(command), dict(env), clock
        self.pause = 0.0
        self.start()

    def start(self) -> None:
        # In a session of its own, so that Ctrl+C reaches only who ends the others in order.
        self.process = subprocess.Popen(
            self.command, cwd=HERE.parent, env=self.env, start_new_session=True
        )
        self.began, self.due = self.clock(), None

    @property
    def ended(self) -> int | None:
        return self.process.poll()

    def look(self) -> None:
        """Starts it again where it has ended and its time has come."""
        if self.ended is None:
            return
        now = self.clock()
        if self.due is None:
            settled = now - self.began >= SETTLED
            self.pause = 0.0 if settled else min(LONGEST, max(1.0, 2 * self.pause))
            self.due = now + self.pause
            say(f"{self.name} has ended ({self.ended}); it starts again in {self.pause:g} s")
        if now >= self.due:
            self.start()

    def end(self) -> None:
        if self.ended is None:
            self.process.terminate()

    def wait(self, seconds: float) -> None:
        try:
            self.process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:  # a visitor's script that does not end
            self.process.kill()
            self.process.wait()


def wait_until_healthy(program: Program, port: int, leave: threading.Event) -> None:
    """Returns when a process of the app answers, or it is time to leave."""
    end = time.monotonic() + STARTING
    while not leave.wait(0.1):
        if program.ended is not None:
            raise SystemExit(f"{program.name} has ended ({program.ended}) before it could be asked")
        if time.monotonic() > end:
            raise SystemExit(f"{program.name} does not answer, {STARTING} s after its start")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2).close()
            return
        except OSError:
            continue


def end_all(programs: Sequence[Program]) -> None:
    """HAProxy first, so that nobody is sent to a process that ends."""
    for program in reversed(programs):
        program.end()
    end = time.monotonic() + GRACE
    for program in programs:
        program.wait(end - time.monotonic())


def must_be_free(port: int) -> None:
    """Exits where somebody listens at a port. (A second HAProxy would share it without a word.)"""
    if port > LARGEST:
        raise SystemExit(f"there is no port {port}: they go to {LARGEST}")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError as error:
            raise SystemExit(f"port {port} can't be had: {error.strerror.lower()}") from error


def checked_haproxy(config: Path, env: Mapping[str, str]) -> str:
    """Where HAProxy is, once it has accepted the configuration."""
    found = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise SystemExit(
            "HAProxy is not installed (apt install haproxy, dnf install haproxy, brew install "
            "haproxy). One process needs none: make run"
        )
    check = subprocess.run([found, "-c", "-f", config], env=env, capture_output=True, text=True)
    if check.returncode:
        raise SystemExit(f"HAProxy does not accept the configuration:\n{check.stderr.strip()}")
    return found


def say(words: str) -> None:
    print(f"serve: {words}", flush=True)


def serve(processes: int, bind: str, first: int, leave: threading.Event) -> None:
    """Runs everything until `leave` is set. Exits with a sentence where that can't begin."""
    ports = list(range(first, first + processes))
    public = [int(port) for port in re.findall(r"^\S*:(\d+)", bind)]
    if taken := set(public) & set(ports):
        raise SystemExit(
            f"port {min(taken)} is a process's own: {ports[0]} to {ports[-1]} are; another one has "
            "to be the public one"
        )
    for port in [*public, *ports]:
        must_be_free(port)
    env = environment(os.environ, bind)
    if not env.get("DATABASE_URL"):
        say(
            "rooms are kept in rooms.db beside the app (SQLite), unless a Streamlit secret says "
            "otherwise; DATABASE_URL=postgresql://… keeps them in PostgreSQL"
        )
    programs: list[Program] = []
    with tempfile.TemporaryDirectory(prefix="serve-") as folder:
        config = Path(folder) / "haproxy.cfg"
        config.write_text(configuration(ports, TEMPLATE.read_text()))
        haproxy = checked_haproxy(config, env)
        try:
            for n, port in enumerate(ports, 1):
                programs.append(Program(f"process {n}", app(port), env))
            for program, port in zip(programs, ports, strict=True):
                wait_until_healthy(program, port, leave)
            if leave.is_set():
                return
            programs.append(Program("HAProxy", [haproxy, "-db", "-f", str(config)], env))
            say(f"{processes} {'process' if processes == 1 else 'processes'} behind {bind}")
            while not leave.wait(WATCH):
                for program in programs:
                    program.look()
        finally:
            end_all(programs)


def number(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text[:9]) <= most):
            raise argparse.ArgumentTypeError(
                f"a number from {least} to {most} is needed, not {text[:20]!r}"
            )
        return int(text)

    return read


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser("deploy/serve.py", description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=number(1, MOST), default=2, help="of the app")
    parser.add_argument("--bind", default=":8501", help="where HAProxy listens (%(default)s)")
    first = number(1, LARGEST - MOST)
    parser.add_argument("--first", type=first, default=FIRST, help="port of the first process")
    given = parser.parse_args(arguments)
    leave = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP):
        if each == signal.SIGHUP and signal.getsignal(each) is signal.SIG_IGN:
            continue  # by nohup
        signal.signal(each, lambda *_: leave.set())
    serve(given.processes, given.bind, given.first, leave)


if __name__ == "__main__":
    main()
