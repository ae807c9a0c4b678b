"""Packed files: digits as 64-bit codes and labels, 9 bytes each, in blocks with a checksum.

    8 bytes       MAGIC
    4             length of the header
    n             header: a JSON object, see `Header`
    4 × blocks    CRC-32 of every block
    4             CRC-32 of all before
    blocks        of `rows` digits each, the last of fewer: their codes, then their labels

Numbers are big-endian, codes too: their bits are the pixels in reading order. What a file says of
itself is held to its size before anything is made of it. Blocks are read into a buffer that is used
again, and not mapped into memory: mapped pages count as memory of the process.
"""

import os
import shutil
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from json import dumps
from pathlib import Path
from secrets import token_hex
from typing import IO

import numpy as np
from numpy.typing import NDArray

from softmax_core.arrays import is_file
from softmax_core.drawing import PREPARATIONS
from softmax_core.errors import FileError, InputError
from softmax_core.grids import Codes
from softmax_core.inputs import as_choice, as_count, as_json, as_labels, as_names, shortened

MAGIC = b"\x93digits\n"
VERSION = 1
BYTE_ORDER = "big"
ROWS = 65_536  # of a block
MOST_ROWS = 1_048_576
MOST_DIGITS = 10**13
HEADER = 20_000  # bytes, at most: a hundred names of classes
LONGEST_SOURCE = 200  # characters
DIGIT = 9  # bytes

Labels = NDArray[np.uint8]
Digits = tuple[Codes, Labels]  # codes (n,), big-endian where they are read, and labels (n,)


@dataclass(frozen=True)
class Header:
    """What a file says of its digits, beside how many there are."""

    classes: tuple[str, ...]
    preparation: str  # what a drawing has to go through
    source: str  # where the digits come from, in words

    def __post_init__(self) -> None:
        object.__setattr__(self, "classes", as_names(self.classes))
        as_choice(self.preparation, PREPARATIONS, "preparation")
        text = isinstance(self.source, str) and self.source.isprintable()
        if not text or len(self.source) > LONGEST_SOURCE:
            raise FileError(
                f"the source of digits is a line of at most {LONGEST_SOURCE} characters, got "
                f"{shortened(self.source)}"
            )


@dataclass(frozen=True, eq=False)
class PackedFile:
    """A packed file as its header describes it. Nothing is held open; it may be sent elsewhere."""

    path: Path
    header: Header
    count: int
    rows: int  # of a block
    start: int  # of the first block, in bytes
    checksums: NDArray[np.uint32]
    identity: int  # the checksum of header and checksums: of files with other digits another
    stamp: tuple[int, int] = field(repr=False)  # size and time of the last change

    def __len__(self) -> int:
        return self.count

    @property
    def blocks(self) -> int:
        return len(self.checksums)

    def first(self, block: int) -> int:
        """The row at which a block begins."""
        return block * self.rows

    def read(self, block: int, buffer: NDArray[np.uint8], *, check: bool = False) -> Digits:
        """Codes and labels of a block, as views of the buffer, of `rows` × 9 bytes or more.

        With `check`, the block is held to its checksum and the labels to the classes. Raises
        `FileError`, which names the block and its rows, also where the file is another by now.
        """
        first = self.first(block)
        size = min(self.rows, self.count - first)
        into = memoryview(buffer[: size * DIGIT])  # type: ignore[arg-type]
        try:
            with self.path.open("rb", buffering=0) as file:
                _hold(file, self)
                file.seek(self.start + first * DIGIT)
                read = 0
                while read < len(into) and (more := file.readinto(into[read:])):
                    read += more
        except OSError as error:
            raise FileError(f"{self._place(block)} can't be read: {error.strerror}") from error
        if read < len(into):
            raise FileError(f"{self._place(block)} ends early: {read:,} of {len(into):,} bytes")
        codes = buffer[: size * 8].view(">u8")
        labels = buffer[size * 8 : size * DIGIT]
        if check:
            if (found := zlib.crc32(into)) != self.checksums[block]:
                raise FileError(
                    f"{self._place(block)} is damaged: its checksum is {found:08x}, expected "
                    f"{self.checksums[block]:08x}"
                )
            if labels.max() >= len(self.header.classes):
                row = int((labels >= len(self.header.classes)).argmax())
                raise FileError(
                    f"{self._place(block)} has the label {labels[row]} in row {first + row:,}; "
                    f"labels of {len(self.header.classes)} classes are "
                    f"0..{len(self.header.classes) - 1}"
                )
        return codes, labels

    def buffer(self) -> NDArray[np.uint8]:
        """What `read` needs."""
        return np.empty(min(self.rows, self.count) * DIGIT, np.uint8)

    def digits(self, *, check: bool = True) -> Iterator[Digits]:
        """The digits of every block in turn, in one buffer."""
        buffer = self.buffer()
        for block in range(self.blocks):
            yield self.read(block, buffer, check=check)

    def _place(self, block: int) -> str:
        first = self.first(block)
        last = min(first + self.rows, self.count) - 1
        return f"{self.path}: block {block:,} of {self.blocks:,} (rows {first:,} to {last:,})"


Files = str | Path | PackedFile | Sequence[str | Path | PackedFile]


def open_packed(path: str | Path) -> PackedFile:
    """What a packed file says of itself. Raises `FileError`, also where it is cut off or too long.

    Its digits are not read: `verify` does that.
    """
    if not is_file(path):
        raise FileError(f"there is no file {shortened(str(path))}")
    path = Path(path)
    try:
        with path.open("rb") as file:
            return _described(path, file)
    except OSError as error:
        raise FileError(f"{path} can't be read: {error.strerror}") from error


def open_all(files: Files) -> tuple[PackedFile, ...]:
    """Files whose digits may stand in one row: of the same classes, prepared alike.

    Raises `FileError`, which names the two that differ.
    """
    given = [files] if isinstance(files, str | Path | PackedFile) else files
    files = tuple(file if isinstance(file, PackedFile) else open_packed(file) for file in given)
    if not files:
        raise FileError("no file of digits is given; at least one is needed")
    first = files[0]
    for other in files[1:]:
        for what in ("classes", "preparation"):
            wanted, found = getattr(first.header, what), getattr(other.header, what)
            if wanted != found:
                raise FileError(
                    f"{other.path} has the {what} {_listed(found)}, but {first.path} has "
                    f"{_listed(wanted)}: files that are used together have the same"
                )
    return files


def verify(file: PackedFile, seen: Callable[[int], None] = lambda digits: None) -> int:
    """Reads every block and holds it to its checksum, labels to the classes. Returns the count.

    `seen` is told how many digits were right so far. Raises `FileError`, which names the block.
    """
    done = 0
    for _, labels in file.digits(check=True):
        done += len(labels)
        seen(done)
    return done


def write_packed(
    path: str | Path,
    header: Header,
    count: int,
    digits: Iterable[Digits],
    *,
    rows: int = ROWS,
    overwrite: bool = False,
) -> PackedFile:
    """Writes digits, in pieces of any length and `count` in all, in constant memory.

    The file is there when it is whole: it is written beside its place, and moved there. Raises
    `FileError` where there is a file that is not to be overwritten, and where it can't be written;
    `LabelError` for labels that are none of the classes.
    """
    count = as_count(count, "the number of digits", 1, MOST_DIGITS, FileError)
    rows = as_count(rows, "the rows of a block", 1, MOST_ROWS, FileError)
    about = {
        "version": VERSION,
        "byte_order": BYTE_ORDER,
        "classes": header.classes,
        "preparation": header.preparation,
        "source": header.source,
        "count": count,
        "rows": rows,
    }
    text = dumps(about, ensure_ascii=False).encode()
    head = MAGIC + len(text).to_bytes(4, "big") + text
    room = shutil.disk_usage(place_of(path, overwrite=overwrite).parent).free
    if (size := len(head) + 4 * -(-count // rows) + 4 + count * DIGIT) > room:
        raise FileError(f"{path} can't be written: it takes {size:,} bytes, and {room:,} are free")
    checksums = np.zeros(-(-count // rows), ">u4")
    with replacing(path, overwrite=overwrite) as file:
        file.write(head + bytes(checksums.nbytes + 4))
        block = 0
        for block, (codes, labels) in enumerate(in_rows(digits, rows), start=1):
            if block > len(checksums):
                break
            as_labels(labels, classes=len(header.classes))
            data = codes.astype(">u8").tobytes() + labels.astype(np.uint8).tobytes()
            checksums[block - 1] = zlib.crc32(data)
            file.write(data)
        if block != len(checksums) or file.tell() != size:
            raise FileError(f"{count:,} digits were promised, but another number of them given")
        file.seek(len(head))
        table = checksums.tobytes()
        file.write(table + zlib.crc32(head + table).to_bytes(4, "big"))
    return open_packed(path)


def place_of(path: str | Path, *, overwrite: bool) -> Path:
    """Where a file at `path` would be put: where a link leads to.

    Raises `FileError` where none can be put, or there is one that is not to be overwritten.
    """
    place = Path(os.path.realpath(path))
    if os.path.exists(place):
        if not is_file(place):
            raise FileError(f"{path} can't be written: there is something else than a file")
        if not overwrite:
            raise FileError(f"there is a file {path} already, and it is not overwritten unasked")
    if not os.access(place.parent, os.W_OK | os.X_OK):
        reason = "not allowed there" if os.path.isdir(place.parent) else "there is no such folder"
        raise FileError(f"{path} can't be written: {reason}")
    return place


@contextmanager
def replacing(path: str | Path, *, overwrite: bool) -> Iterator[IO[bytes]]:
    """A file that takes the place of `path` when all of it is on the disk, and not before.

    Whatever goes wrong, what was at `path` stays. Raises `FileError`.
    """
    place = place_of(path, overwrite=overwrite)
    temporary = place.with_name(f".{place.name}.{token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, place)
    except OSError as error:
        raise FileError(f"{path} can't be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def in_rows(digits: Iterable[Digits], rows: int) -> Iterator[Digits]:
    """Pieces of any length as pieces of `rows` digits, the last of fewer."""
    waiting: list[Digits] = []
    for piece in digits:
        waiting.append(piece)
        if sum(len(labels) for _, labels in waiting) < rows:
            continue
        codes, labels = _joined(waiting)
        whole = len(labels) - len(labels) % rows
        for first in range(0, whole, rows):
            yield codes[first : first + rows], labels[first : first + rows]
        waiting = [(codes[whole:], labels[whole:])] if whole < len(labels) else []
    if waiting:
        yield _joined(waiting)


def _joined(pieces: list[Digits]) -> Digits:
    codes, labels = (np.concatenate(column) for column in zip(*pieces, strict=True))
    return codes, labels


def _described(path: Path, file: IO[bytes]) -> PackedFile:
    found = os.fstat(file.fileno())
    start = file.read(len(MAGIC))
    if not start:
        raise FileError(f"{path} is empty: expected a packed file of digits")
    if start != MAGIC:
        raise FileError(
            f"{path} begins with {start!r}: no packed file of digits, which begins with {MAGIC!r}"
        )
    length = int.from_bytes(file.read(4), "big")
    if length > HEADER:
        raise FileError(f"{path} has a header of {length:,} bytes, at most {HEADER:,} are read")
    text = file.read(length)
    about = _about(path, text)
    try:
        header = Header(about["classes"], about["preparation"], about["source"])
        count = as_count(about["count"], "the number of digits", 1, MOST_DIGITS, FileError)
        rows = as_count(about["rows"], "the rows of a block", 1, MOST_ROWS, FileError)
    except KeyError as error:
        raise FileError(f"the header of {path} does not say its {error.args[0]}") from error
    except InputError as error:
        raise FileError(f"the header of {path} can't be right: {error}") from error
    blocks = -(-count // rows)
    begin = len(MAGIC) + 4 + length + 4 * blocks + 4
    if (size := found.st_size) != begin + count * DIGIT:
        row = max(0, size - begin) // DIGIT
        where = f"after block {row // rows:,} of {blocks:,}, row {row:,} of {count:,}"
        raise FileError(
            f"{path} {f'is cut off {where}' if row < count else 'goes on after its last row'}: "
            f"it has {size:,} bytes, expected {begin + count * DIGIT:,}"
        )
    table = file.read(4 * blocks)
    identity = zlib.crc32(table, zlib.crc32(MAGIC + length.to_bytes(4, "big") + text))
    if (stored := int.from_bytes(file.read(4), "big")) != identity:
        raise FileError(
            f"the header of {path} is damaged: its checksum is {identity:08x}, expected "
            f"{stored:08x}"
        )
    checksums = np.frombuffer(table, ">u4").astype(np.uint32)
    stamp = size, found.st_mtime_ns
    return PackedFile(path, header, count, rows, begin, checksums, identity, stamp)


def _about(path: Path, text: bytes) -> dict:
    about = as_json(text, f"the header of {path}", FileError)
    for name, wanted in (("version", VERSION), ("byte_order", BYTE_ORDER)):
        found = about.get(name)
        if type(found) is not type(wanted) or found != wanted:
            raise FileError(
                f"{path} is a packed file of {name.replace('_', ' ')} {shortened(found)}; this "
                f"program reads {wanted!r}"
            )
    return about


def _hold(file: IO[bytes], packed: PackedFile) -> None:
    found = os.fstat(file.fileno())
    if (found.st_size, found.st_mtime_ns) != packed.stamp:
        raise FileError(
            f"{packed.path} has changed since it was opened: it is not read any further"
        )


def _listed(value: str | tuple[str, ...]) -> str:
    if isinstance(value, str):
        return value
    more = "…" if len(value) > 20 else ""
    return " ".join(value[:20]) + more
