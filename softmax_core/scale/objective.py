"""The objective over digits that no memory holds: sums over blocks of codes, in reused buffers.

    codes → bits of the products of pixels → x (offsets, 1 + 64, n) → W @ x → softmax → p @ xᵀ

All bits of the products are written out as numbers, also those without a meaning, whose weights are
zero; features are picked out of the finished sums. A bit is written as it stands in its byte, as 1,
2, 4, … 128: weights and sums take that back, which is exact. Products are of matrices as small as
BLAS multiplies as they are. Sums over blocks are of float64, in the order of the blocks, whatever
the number of cores.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache, cached_property
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from softmax_core.errors import FeatureError
from softmax_core.features import BIAS, FeatureMap, feature_map
from softmax_core.grids import PIXELS, SIDE, Codes, unpack
from softmax_core.inputs import as_count, shortened
from softmax_core.model import Array, hessian, one_hot
from softmax_core.objective import SMALL, BaseObjective, centred
from softmax_core.scale.files import Digits, Files, Labels, PackedFile, in_rows, open_all
from softmax_core.threads import spread

MASKS = (1 << np.arange(7, -1, -1, dtype=np.uint8))[:, None]  # of the pixels of a row
STEPS = 3  # products of matrices of a chunk, where one of them is little work
WINDOW = 8  # blocks that are shuffled together

Sums = tuple[NDArray[np.float64], ...]
Item = TypeVar("Item")


class Kernel:
    """Buffers for a chunk of digits, and everything that is summed over digits.

    One thread at a time. `weights` are (K, D) or None where a sum does not depend on them.
    """

    def __init__(self, phi: FeatureMap, classes: int, dtype: DTypeLike):
        self.map, self.classes, self.dtype = phi, classes, np.dtype(dtype)
        planes, height = len(phi.offsets), 1 + PIXELS
        step = SMALL // (height * classes) // 8 * 8
        step -= 8 * (step % 64 == 0)  # rows of x a power of 2 apart would share a cache's places
        self.rows = n = step * (STEPS if planes == 1 else 1)
        self.steps = [slice(at, at + step) for at in range(0, n, step)]
        self.octets = np.zeros((planes, SIDE, n), np.uint8)
        self.x = np.ones((planes, height, n), dtype)
        self.parts = np.empty((planes, classes, step), dtype)
        self.p = np.empty((classes, n), dtype)
        self.total = np.empty(n, dtype)
        self.products = np.empty((planes, classes, height), dtype)
        pixels = 1 + phi.slots + phi.slots // PIXELS
        self.places = np.concatenate([[BIAS], pixels])  # of features in the rows of x
        self.units = np.ones(len(self.places), dtype)  # of features in their rows
        self.units[1:] = 0.5 ** (7 - phi.slots % 8)

    def sums(self, of: str, codes: Codes, labels: Labels, weights: Array | None = None) -> Sums:
        """The sums of that name, a method of this class, over some digits."""
        chunks = [slice(at, at + self.rows) for at in range(0, len(labels), self.rows)]
        return getattr(self, of)([(codes[c], labels[c]) for c in chunks], weights)

    def seen(self, chunks: Sequence[Digits], weights: None) -> Sums:
        """$Σ_n y_nk φ_i(x_n)$, (K, D)."""
        sums = np.zeros(self.products.shape)
        for codes, labels in chunks:
            y = one_hot(labels, self.classes, self.dtype).T
            self._add(sums, y, self._read(codes))
        return (self._gathered(sums),)

    def expected(self, chunks: Sequence[Digits], weights: Array) -> Sums:
        """$Σ_n ln Σ_k exp a_k(x_n)$ and $Σ_n P(y_k | x_n) φ_i(x_n)$, (K, D)."""
        placed, shift = self._placed(weights)
        sums, log_totals = np.zeros(self.products.shape), 0.0
        for codes, _ in chunks:
            x = self._read(codes)
            log_total, p = self._forward(x, placed, shift)
            log_totals += log_total
            self._add(sums, p, x)
        return np.array(log_totals), self._gathered(sums)

    def correct(self, chunks: Sequence[Digits], weights: Array) -> Sums:
        """$Σ_n ln Σ_k exp a_k(x_n)$, and of how many the most probable class is the label."""
        placed, shift = self._placed(weights)
        log_totals, correct = 0.0, 0
        for codes, labels in chunks:
            log_total, p = self._forward(self._read(codes), placed, shift)
            log_totals += log_total
            correct += int(np.count_nonzero(p.argmax(axis=0) == labels))
        return np.array(log_totals), np.array(float(correct))

    def gram(self, chunks: Sequence[Digits], weights: None) -> Sums:
        """$Σ_n φ_n φ_nᵀ$, (D, D)."""
        total = np.zeros((self.map.dimension, self.map.dimension))
        for codes, _ in chunks:
            phi = self._features(self._read(codes))
            total += phi @ phi.T
        return (total,)

    def curvature(self, chunks: Sequence[Digits], weights: Array) -> Sums:
        """$Σ_n c_n φ_n φ_nᵀ$, $c_n = Σ_k p_nk (1 − p_nk) / (K − 1)$, (D, D)."""
        placed, shift = self._placed(weights)
        total = np.zeros((self.map.dimension, self.map.dimension))
        for codes, _ in chunks:
            x = self._read(codes)
            _, p = self._forward(x, placed, shift)
            c = (1 - np.square(p).sum(axis=0)) / (self.classes - 1)
            phi = self._features(x) * np.sqrt(c)
            total += phi @ phi.T
        return (total,)

    def hessian(self, chunks: Sequence[Digits], weights: Array) -> Sums:
        """$∂²L/∂W²$, (KD, KD)."""
        total = np.zeros((weights.size, weights.size))
        for codes, _ in chunks:
            total += hessian(weights, self.map(unpack(codes), self.dtype))
        return (total,)

    def _read(self, codes: Codes) -> Array:
        """x (offsets, 65, n): a row of ones, and every bit of the products of pixels."""
        n = len(codes)
        products = codes[None] if self.map.offsets == ((0, 0),) else self.map.products(codes)
        octets, x = self.octets[..., None, :n], self.x[..., :n]
        octets[..., 0, :] = _bytes(products).transpose(0, 2, 1)
        rows = x[:, 1:].reshape(*octets.shape[:2], 8, n)
        np.bitwise_and(octets, MASKS, out=rows, casting="unsafe", dtype=np.uint8)
        return x

    def _features(self, x: Array) -> Array:
        """φ (D, n)."""
        return x.reshape(-1, x.shape[-1])[self.places] * self.units[:, None]

    def _placed(self, weights: Array) -> tuple[Array, bool]:
        """The weight of every row of x, (offsets, K, 65), and whether scores may be too large."""
        weights, shift = centred(weights)
        placed = np.zeros((self.classes, len(self.x) * (1 + PIXELS)), self.dtype)
        placed[:, self.places] = weights * self.units
        placed = placed.reshape(self.classes, len(self.x), -1).transpose(1, 0, 2)
        return np.ascontiguousarray(placed), shift

    def _gathered(self, sums: NDArray[np.float64]) -> NDArray[np.float64]:
        """The inverse for sums: (offsets, K, 65) to (K, D)."""
        return sums.transpose(1, 0, 2).reshape(self.classes, -1)[:, self.places] * self.units

    def _add(self, sums: NDArray[np.float64], p: Array, x: Array) -> None:
        """Adds $p xᵀ$ (offsets, K, 65) to sums."""
        for step in self.steps[: -(-x.shape[-1] // self.steps[0].stop)]:
            sums += np.matmul(p[:, step], x[..., step].transpose(0, 2, 1), out=self.products)

    def _forward(self, x: Array, placed: Array, shift: bool) -> tuple[float, Array]:
        """$Σ_n ln Σ_k exp a_k(x_n)$ and $P(y_k | x_n)$, (K, n)."""
        n = x.shape[-1]
        p, total, log_total = self.p[:, :n], self.total[:n], 0.0
        for step in self.steps[: -(-n // self.steps[0].stop)]:
            if len(x) == 1:
                np.matmul(placed[0], x[0, :, step], out=p[:, step])
            else:
                parts = np.matmul(placed, x[..., step], out=self.parts[..., : p[:, step].shape[1]])
                parts.sum(axis=0, out=p[:, step])
        if shift:
            p.max(axis=0, out=total)
            np.subtract(p, total, out=p)
            log_total += float(total.sum(dtype=np.float64))
        np.exp(p, out=p)
        p.sum(axis=0, out=total)
        np.divide(p, total, out=p)
        return log_total + float(np.log(total, out=total).sum(dtype=np.float64)), p


def _bytes(codes: Codes) -> NDArray[np.uint8]:
    """(…, n) codes as their bytes (…, n, 8), the top row of pixels first."""
    return codes.astype(">u8", copy=False).view(np.uint8).reshape(*codes.shape, SIDE)


class SummedObjective(BaseObjective):
    """An objective that knows its digits only by sums over them, which `sums` makes."""

    @abstractmethod
    def sums(self, of: str, weights: Array | None = None) -> Sums:
        """The sums of that name, as `Kernel` defines them, over all digits."""

    @cached_property
    def seen(self) -> NDArray[np.float64]:
        """$Σ_n y_nk φ_i(x_n)$, (K, D)."""
        return self.sums("seen")[0]

    def likelihood_and_gradient(self, weights: Array) -> tuple[float, Array]:
        """L(W) and $∂L/∂W$."""
        log_total, expected = self.sums("expected", weights)
        gradient = self.scale * (self.seen - expected)
        return self._likelihood(weights, log_total), gradient.astype(self.dtype)

    def evaluate(self, weights: ArrayLike) -> tuple[float, float]:
        """L(W), and the share of samples whose most probable class is their label."""
        weights = self.as_weights(weights)
        log_total, correct = self.sums("correct", weights)
        return self._likelihood(weights, log_total), float(correct) / len(self)

    def hessian(self, weights: ArrayLike) -> Array:
        """$∂²F/∂W²$, (KD, KD)."""
        result = self.scale * self.sums("hessian", self.as_weights(weights))[0]
        result[np.diag_indices_from(result)] -= np.tile(self._shrinkage, self.classes)
        return result

    def mean_curvature(self, weights: ArrayLike) -> Array:
        """$Σ_n c_n φ_n φ_nᵀ + λ$, (D, D)."""
        (curvature,) = self.sums("curvature", self.as_weights(weights))
        return self.scale * curvature + np.diag(self._shrinkage)

    @cached_property
    def gram(self) -> Array:
        """$ΦᵀΦ$ (D, D)."""
        return self.scale * self.sums("gram")[0]

    def _likelihood(self, weights: Array, log_total: NDArray[np.float64]) -> float:
        """L(W) = Σ_n Σ_k y_nk a_k(x_n) − Σ_n ln Σ_k exp a_k(x_n); the first sum is ⟨W, Σ y φᵀ⟩."""
        same, _ = centred(weights)
        return self.scale * float(np.vdot(same.astype(np.float64), self.seen) - log_total)


class Batch(SummedObjective):
    """The objective over digits that are in memory as codes, 9 bytes each: of a mini-batch."""

    def __init__(self, kernel: Kernel, digits: Digits, l2: float, scale: float):
        super().__init__(kernel.map, kernel.classes, kernel.dtype, l2, scale)
        self._kernel, self._digits = kernel, digits

    def __len__(self) -> int:
        return len(self._digits[1])

    def sums(self, of: str, weights: Array | None = None) -> Sums:
        """The sums of that name over all digits."""
        return self._kernel.sums(of, *self._digits, weights)

    def shuffled(self, size: int, rng: np.random.Generator) -> Iterator["Batch"]:
        """Mini-batches in an order that `rng` makes."""
        pieces = [self._digits]
        return _batches(self, self._kernel, _shuffled(pieces, rng), size)


class PackedObjective(SummedObjective):
    """$F(W)$ over the digits of packed files, block by block on all cores, in constant memory.

    `files` are paths, or what `open_packed` gives, of the same classes and preparation; `phi` is a
    feature map or its name. When it is made, every block is read and held to its checksum: what
    trains has been verified.
    Raises `FileError`, which names file, block and rows; `ParameterError`.
    """

    def __init__(
        self,
        files: Files,
        phi: FeatureMap | str,
        *,
        dtype: DTypeLike = np.float64,
        l2: float = 0.0,
    ):
        self.files = open_all(files)
        self.header = self.files[0].header
        phi = feature_map(phi) if isinstance(phi, str) else phi
        super().__init__(phi, len(self.header.classes), precision(phi, dtype), l2, 1.0)
        self._blocks = [(file, block) for file in self.files for block in range(file.blocks)]
        self._desks: SimpleQueue[Desk] = SimpleQueue()
        self._verified = False
        _ = self.seen
        self._verified = True

    def __len__(self) -> int:
        return sum(map(len, self.files))

    def sums(self, of: str, weights: Array | None = None) -> Sums:
        """The sums of that name over all digits."""

        def work(place: tuple[PackedFile, int]) -> Sums:
            desk = self._desk()
            try:
                digits = place[0].read(place[1], desk.buffer, check=not self._verified)
                return desk.kernel.sums(of, *digits, weights)
            finally:
                self._desks.put(desk)

        with one_blas_thread():
            return added_up(work, self._blocks)

    def shuffled(self, size: int, rng: np.random.Generator) -> Iterator[Batch]:
        """Mini-batches in an order that `rng` makes: of blocks, then of the digits of some
        blocks together."""
        size = as_count(size, "the size of a batch", 1, len(self))
        window = max(WINDOW, -(-size // max(file.rows for file in self.files)))
        order = rng.permutation(len(self._blocks))

        kernel, buffer = self._desk()

        def pieces() -> Iterator[Digits]:
            for first in range(0, len(order), window):
                read = [
                    tuple(part.copy() for part in file.read(block, buffer))
                    for file, block in (self._blocks[n] for n in order[first : first + window])
                ]
                codes, labels = (np.concatenate(part) for part in zip(*read, strict=True))
                yield codes, labels

        return _batches(self, kernel, _shuffled(pieces(), rng), size)

    def _desk(self) -> "Desk":
        try:
            return self._desks.get_nowait()
        except Empty:
            size = max(len(file.buffer()) for file in self.files)
            return Desk(Kernel(self.map, self.classes, self.dtype), np.empty(size, np.uint8))


class Desk(NamedTuple):
    """What one thread needs: it reads a block, and adds up over it."""

    kernel: Kernel
    buffer: NDArray[np.uint8]


def added_up(work: Callable[[Item], Sums], items: Sequence[Item]) -> Sums:
    """The sums over all items, on several cores, added in the order of the items.

    No more of them are kept than are computed at the same time.
    """
    total: Sums | None = None
    ready: dict[int, Sums] = {}
    following, failed, lock = 0, False, Lock()

    def one(place: int) -> None:
        nonlocal total, following, failed
        if failed:
            return
        try:
            found = work(items[place])
        except BaseException:
            failed = True
            raise
        with lock:
            ready[place] = found
            while following in ready:
                total = plus(total, ready.pop(following))
                following += 1

    spread(one, range(len(items)))
    assert total is not None
    return total


def plus(total: Sums | None, more: Sums) -> Sums:
    """Sums and more of them."""
    return more if total is None else tuple(a + b for a, b in zip(total, more, strict=True))


def precision(phi: FeatureMap, dtype: DTypeLike) -> np.dtype:
    """The type of a map's features. Raises `FeatureError` for no map, `ParameterError` for a type
    that they can't have."""
    if not isinstance(phi, FeatureMap):
        raise FeatureError(f"expected a feature map or its name, got {shortened(phi)}")
    return phi(np.empty((0, SIDE, SIDE), bool), dtype).values.dtype


def one_blas_thread() -> AbstractContextManager[Any]:
    """Here a thread is a core's, and BLAS takes no more of them, where threadpoolctl can say so."""
    controller = _controller()
    return nullcontext() if controller is None else controller.limit(limits=1, user_api="blas")


@cache
def _controller() -> Any:
    try:
        from threadpoolctl import ThreadpoolController
    except ModuleNotFoundError:
        return None
    return ThreadpoolController()


def _shuffled(pieces: Iterable[Digits], rng: np.random.Generator) -> Iterator[Digits]:
    for codes, labels in pieces:
        order = rng.permutation(len(labels))
        yield codes[order], labels[order]


def _batches(
    whole: SummedObjective, kernel: Kernel, pieces: Iterable[Digits], size: int
) -> Iterator[Batch]:
    """The digits of all pieces, `size` at a time, each an estimate of the whole."""
    for codes, labels in in_rows(pieces, size):
        scale = whole.scale * len(whole) / len(labels)
        yield Batch(kernel, (codes, labels), whole.l2, scale)
