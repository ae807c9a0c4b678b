"""The same objective over packed files on a Dask cluster: the extra "scale" brings Dask.

Every worker loads parts of the files, which it has to see under the same names, and keeps them as
codes, 9 bytes a digit. A sum over all digits is a task for each part, and a tree of sums in a fixed
order. Parts are tasks, not values, and weights go with the tasks that need them: when a worker is
lost, what it had is loaded and added up again by others, to the same bits.
"""

import asyncio
import logging
import zlib
from collections.abc import Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from distributed import Client, KilledWorker, Security, get_worker, wait
from distributed.comm.core import CommClosedError, connect
from numpy.typing import DTypeLike

import softmax_core
from softmax_core.errors import ClusterError, FileError, InputError, ParameterError
from softmax_core.features import FeatureMap, feature_map
from softmax_core.inputs import shortened
from softmax_core.model import Array
from softmax_core.scale.files import Digits, Files, PackedFile, open_all, open_packed
from softmax_core.scale.objective import Batch, Kernel, SummedObjective, Sums, plus, precision

PART = 524_288  # digits of a task, at least: some dozens of milliseconds
PARTS = 4_096  # tasks of a pass, about, at most: a scheduler gives out some thousand a second
BRANCHES = 8  # sums that are added by one task
FAILURES = 10  # workers that may be lost with a task before the task is given up
ANSWERS = 10  # seconds in which a scheduler answers
WORKERS = 30  # seconds without any worker after which the cluster is given up


class DaskObjective(SummedObjective):
    """$F(W)$ over the digits of packed files, on the workers of a Dask `Client`.

    As `PackedObjective` otherwise: every part is verified when it is loaded. `rows` are the digits
    of a part, about, whatever the number of workers. Raises `FileError`, `ParameterError`, and
    `ClusterError` where the cluster is lost, or a worker runs another version of this package.
    """

    def __init__(
        self,
        client: Client,
        files: Files,
        phi: FeatureMap | str,
        *,
        dtype: DTypeLike = np.float64,
        l2: float = 0.0,
        rows: int | None = None,
    ):
        self.client: Any = client
        if not isinstance(client, Client):
            raise ParameterError(f"a cluster is a distributed.Client, got {shortened(client)}")
        self.files = open_all(files)
        self.header = self.files[0].header
        phi = feature_map(phi) if isinstance(phi, str) else phi
        super().__init__(phi, len(self.header.classes), precision(phi, dtype), l2, 1.0)
        with self._cluster():
            self._hold_versions()
            self.client.run_on_scheduler(_allow_failures)  # type: ignore[no-untyped-call]
            rows = rows or max(PART, len(self) // PARTS)
            parts = [part for file in self.files for part in _parts(file, rows)]
            self._parts = self.client.map(_load, parts, sources=version(), pure=False)
        _ = self.seen

    def __len__(self) -> int:
        return sum(map(len, self.files))

    def sums(self, of: str, weights: Array | None = None) -> Sums:
        """The sums of that name over all digits."""
        about: dict[str, Any] = {
            "of": of,
            "phi": self.map.name,
            "classes": self.classes,
            "dtype": self.dtype.name,
        }
        with self._cluster():
            found = self.client.map(_sums, self._parts, weights=weights, **about, pure=False)
            while len(found) > BRANCHES:
                groups = [found[at : at + BRANCHES] for at in range(0, len(found), BRANCHES)]
                found = [self.client.submit(_plus, *group, pure=False) for group in groups]
            return _plus(*self._results(found))

    def shuffled(self, size: int, rng: np.random.Generator) -> Iterator[Batch]:
        """Raises `ParameterError`: mini-batches follow one another, and are for one machine."""
        raise ParameterError(
            "mini-batches follow one another, a cluster adds up all digits at once: leave out the "
            "batch size, or the cluster"
        )

    def _results(self, futures: list[Any]) -> list[Any]:
        while True:
            try:
                wait(futures, timeout=WORKERS)  # type: ignore[no-untyped-call]
                return self.client.gather(futures)
            except TimeoutError:
                self.client.sync(_greet, self.client.scheduler.address, self.client.security)
                if not self.client.nthreads():
                    raise ClusterError(f"{self._name()} has had no worker for a while") from None

    def _found(self) -> dict[str, str]:
        """The version of every worker."""
        return self.client.run(version)

    def _hold_versions(self) -> None:
        found = self._found()
        if not found:
            raise ClusterError(f"{self._name()} has no workers: start some, or wait for them")
        for worker, other in found.items():
            if other != version():
                raise ClusterError(_another(worker, other, version()))

    @contextmanager
    def _cluster(self) -> Iterator[None]:
        """What Dask raises, as errors of this package."""
        try:
            yield
        except InputError:
            raise
        except KilledWorker as error:
            raise ClusterError(f"{self._name()} lost {FAILURES} workers with one task") from error
        except (CancelledError, CommClosedError, TimeoutError, OSError) as error:
            raise ClusterError(f"{self._name()} is lost: {type(error).__name__}") from error
        except (ImportError, AttributeError) as error:
            raise ClusterError(
                f"{self._name()} does not have this version of softmax_core: {error}"
            ) from error

    def _name(self) -> str:
        scheduler = self.client.scheduler
        return f"the scheduler at {scheduler.address if scheduler else 'an unknown address'}"


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """A client of the scheduler at an address. Raises `ClusterError` where none answers.

    It is closed without a word in the log, also where the scheduler has been lost meanwhile.
    """
    try:
        greeting = _greet(address, Security())  # type: ignore[no-untyped-call]
        with ThreadPoolExecutor(1) as own:  # a notebook has a loop in this thread
            own.submit(asyncio.run, greeting).result()
        client = Client(address, timeout=ANSWERS)  # type: ignore[no-untyped-call]
    except Exception as error:  # what is there instead of a scheduler makes Dask fail in many ways
        raise ClusterError(
            f"no Dask scheduler answers at {shortened(address)}; an address is as "
            "tcp://127.0.0.1:8786, where `dask scheduler` runs"
        ) from error
    try:
        yield client
    finally:
        logging.disable()
        with suppress(Exception):
            client.close(timeout=1)  # type: ignore[no-untyped-call]
        logging.disable(logging.NOTSET)


async def _greet(address: str, security: Any) -> None:
    """Returns once who listens at an address has answered as Dask does; a client would wait on.

    Raises `TimeoutError`, and what else Dask raises.
    """
    told = security.get_connection_args("client")
    answer = connect(address, timeout=ANSWERS, **told)  # type: ignore[no-untyped-call]
    comm: Any = await asyncio.wait_for(answer, ANSWERS)
    comm.abort()


@cache
def version() -> str:
    """A word for the sources of this package: other sources, another word."""
    home = Path(softmax_core.__file__).parent
    sources = sorted([*home.glob("*.py"), *(home / "scale").glob("*.py")])
    checksum = 0
    for source in sources:
        checksum = zlib.crc32(source.read_bytes(), checksum)
    return f"{checksum:08x}"


def _another(worker: str, found: str, expected: str) -> str:
    return (
        f"the worker {worker} runs another version of softmax_core ({found}) than this program "
        f"({expected}): install the same everywhere"
    )


def _allow_failures(dask_scheduler: Any) -> None:
    dask_scheduler.allowed_failures = max(FAILURES, dask_scheduler.allowed_failures)


Part = tuple[str, int, int, int]  # path, identity of the file, first block, block after the last


def _parts(file: PackedFile, rows: int) -> list[Part]:
    blocks = max(1, rows // file.rows)
    firsts = range(0, file.blocks, blocks)
    path = str(file.path.absolute())
    return [(path, file.identity, f, min(f + blocks, file.blocks)) for f in firsts]


# --- on a worker --------------------------------------------------------------------------------


def _load(part: Part, sources: str) -> Digits:
    """The digits of a part, verified; `sources` is the version that they are loaded for."""
    path, identity, first, last = part
    worker = get_worker().address
    if version() != sources:
        raise ClusterError(_another(worker, version(), sources))
    try:
        file = open_packed(path)
        if file.identity != identity:
            raise FileError(f"{path} has other digits here than where training was started")
        pieces = []
        buffer = file.buffer()
        for block in range(first, last):
            codes, labels = file.read(block, buffer, check=True)
            pieces.append((codes.copy(), labels.copy()))
    except FileError as error:
        raise FileError(f"on the worker {worker}: {error}") from error
    codes, labels = (np.concatenate(column) for column in zip(*pieces, strict=True))
    return codes, labels


def _sums(
    digits: Digits, of: str, weights: Array | None, phi: str, classes: int, dtype: str
) -> Sums:
    return Kernel(feature_map(phi), classes, dtype).sums(of, *digits, weights)


def _plus(first: Sums, *more: Sums) -> Sums:
    for other in more:
        first = plus(first, other)
    return first
