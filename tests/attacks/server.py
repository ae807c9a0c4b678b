"""The app as a process that is watched: its log, its CPU seconds, its memory."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from tests.browser.harness import started

TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """A running app on this machine."""

    def __init__(self, address: str, process: subprocess.Popen, log: Path):
        self.address, self.process, self.log = address, process, log
        self._read = 0

    @property
    def cpu(self) -> float:
        """Seconds of CPU so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    @property
    def memory(self) -> float:
        """MB that the process holds itself."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        (line,) = [line for line in status.splitlines() if line.startswith("RssAnon")]
        return int(line.split()[1]) / 1000

    def faults(self) -> list[str]:
        """What the server has logged since this was asked last: no attack may cause an error."""
        text = self.log.read_text(errors="replace")
        new, self._read = text[self._read :], len(text)
        return new.splitlines() if "Error" in new or "Traceback" in new else []

    def peak_while(self, act, every: float = 0.1) -> tuple[float, float]:
        """CPU seconds and additional MB at most, while a thread runs."""
        cpu, memory, most = self.cpu, self.memory, 0.0
        act.start()
        while act.is_alive():
            most = max(most, self.memory - memory)
            time.sleep(every)
        return self.cpu - cpu, max(most, self.memory - memory)


@contextmanager
def watched() -> Iterator[Server]:
    """The app on a free port of 127.0.0.1, with rooms of its own."""
    with tempfile.TemporaryDirectory() as folder:
        log, rooms = Path(folder) / "log", f"sqlite:///{folder}/rooms.db"
        with (
            log.open("wb") as file,
            patch.dict(os.environ, DATABASE_URL=rooms),
            started(log=file) as (address, process),
        ):
            yield Server(address, process, log)
