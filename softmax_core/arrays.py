"""Named arrays to and from NPZ files: never pickled objects, and measured before they are read.

A file says what it holds three times: in the directory of the ZIP archive, in the header of each
array, and by the arrays themselves. Each is held to a table of what the file may hold before the
next is looked at, so that a small file can't make large things.
"""

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, NamedTuple

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from softmax_core.errors import FileError
from softmax_core.inputs import shortened

if TYPE_CHECKING:
    from zipfile import ZipFile

MOST_BYTES = 50_000_000  # of all arrays in a file, and of the file
DIRECTORY_ENTRY = 200  # bytes of the archive's directory for each member, at most

File = str | Path | BinaryIO


class Member(NamedTuple):
    """What an array in a file may be: its kinds as in `dtype.kind`, and how much of it."""

    kinds: str
    entries: int  # numbers or texts, at most
    characters: int = 0  # of each text, at most
    times: int = 1  # arrays of such a name, at most


Members = Mapping[str, Member]  # by the name, a regular expression
ANYTHING = {".*": Member("biufU", MOST_BYTES, 10_000, 1000)}


def write_arrays(file: File, arrays: Mapping[str, NDArray]) -> None:
    """Writes named arrays as a compressed NPZ file. Raises `FileError` for what is no file."""
    if not isinstance(file, str | Path) and not hasattr(file, "write"):
        raise FileError(f"a file is its path or opened for writing, got {shortened(file)}")
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    if isinstance(file, str | Path):
        try:
            Path(file).write_bytes(buffer.getvalue())
        except (OSError, ValueError) as reason:  # a folder, in no folder, not allowed, or no path
            why = getattr(reason, "strerror", None) or "this is no path"
            raise FileError(f"can't write to {shortened(str(file))}: {why}") from reason
    else:
        try:
            file.write(buffer.getvalue())
        except (TypeError, ValueError) as reason:  # of text, closed, or opened for reading
            raise FileError(
                f"can't write to {shortened(file)}: a file is opened for writing bytes, as 'wb'"
            ) from reason


def read_arrays(
    file: File, members: Members = ANYTHING, what: str = "such a file"
) -> dict[str, NDArray]:
    """The named arrays of an NPZ file, all of them among the `members` of `what` it should be.

    Raises `FileError` for anything else, and over 50 MB.
    """
    import zipfile  # as NumPy does: not before there is a file

    data = _bytes_of(file)
    try:
        _check_directory(data, sum(member.times for member in members.values()))
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read(archive, members)
    except FileError as error:
        raise FileError(f"this is not {what}: {error}") from error
    except Exception as error:  # a damaged archive fails in many ways
        raise FileError(f"this is not {what}: {_no_npz()}") from error


def is_file(path: str | Path) -> bool:
    """Whether there is a file, and not a folder, nor a pipe, which would be waited for."""
    try:
        return Path(path).is_file()
    except (OSError, ValueError):  # not even a path
        return False


def _bytes_of(file: File) -> bytes:
    try:
        if isinstance(file, str | Path):
            if not is_file(file):
                raise FileError(f"there is no file {shortened(str(file))}")
            with Path(file).open("rb") as opened:
                data = opened.read(MOST_BYTES + 1)
        else:
            file.seek(0)
            data = file.read(MOST_BYTES + 1)
    except FileError:
        raise
    except Exception as error:  # a file that can't be read, or no file
        raise FileError(f"{shortened(file)} can't be read as a file") from error
    if not isinstance(data, bytes):
        raise FileError(f"a file is opened for reading bytes, got {shortened(data)}")
    if len(data) > MOST_BYTES:
        raise FileError(f"a file has at most {MOST_BYTES / 1e6:.0f} MB")
    return data


def _check_directory(data: bytes, most: int) -> None:
    """The end of an archive, as NumPy writes it, says how large its directory is."""
    end = data[-22:]
    if len(end) < 22 or end[:4] != b"PK\5\6" or end[-2:] != b"\0\0" or data[-42:-38] == b"PK\6\7":
        raise _no_npz()
    count, size = int.from_bytes(end[10:12], "little"), int.from_bytes(end[12:16], "little")
    if count > most or size > DIRECTORY_ENTRY * count:
        raise FileError(f"it holds more than {most:,} arrays, or some with long names")


def _read(archive: "ZipFile", members: Members) -> dict[str, NDArray]:
    infos = archive.infolist()
    names = [info.filename.removesuffix(".npy") for info in infos]
    if len(set(names)) < len(names) or any(i.compress_type not in (0, 8) for i in infos):
        raise _no_npz()
    if sum(info.file_size for info in infos) > MOST_BYTES:
        raise FileError(f"its arrays take over {MOST_BYTES / 1e6:.0f} MB")
    for info, name in zip(infos, names, strict=True):
        member = next((m for pattern, m in members.items() if re.fullmatch(pattern, name)), None)
        if member is None:
            raise FileError(f"it holds {shortened(name)}, which does not belong there")
        with archive.open(info) as stream:
            _check_header(stream, name, member, info.file_size)
    arrays = {}
    for info, name in zip(infos, names, strict=True):
        with archive.open(info) as stream:
            arrays[name] = npy.read_array(stream, allow_pickle=False)
    return arrays


def _check_header(stream: IO[bytes], name: str, member: Member, size: int) -> None:
    """Kind, shape and length of an array as its header claims, before the array is made."""
    version = npy.read_magic(stream)
    read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[version]
    shape, _, dtype = read(stream)
    entries = 1
    for side in shape:
        entries *= side
    if len(shape) > 4 or min(shape, default=0) < 0 or entries > member.entries:
        raise FileError(f"{shortened(name)} in it has more than {member.entries:,} entries")
    longest = max(member.characters, 1) * 4 if dtype.kind == "U" else 8
    if dtype.kind not in member.kinds or dtype.itemsize > longest:
        raise FileError(
            f"{shortened(name)} in it is of another type, or longer than {member.characters:,} "
            "characters"
        )
    if entries * dtype.itemsize != size - stream.tell():
        raise _no_npz()


def _no_npz() -> FileError:
    return FileError("not an NPZ file of arrays, or damaged")
