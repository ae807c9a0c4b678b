"""Named arrays to and from NPZ files: never pickled objects, never more than a bound."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from softmax_core.errors import FileError

MOST_BYTES = 50_000_000  # of all arrays in a file

File = str | Path | BinaryIO


def write_arrays(file: File, arrays: Mapping[str, NDArray]) -> None:
    """Writes named arrays as a compressed NPZ file."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    if isinstance(file, str | Path):
        Path(file).write_bytes(buffer.getvalue())
    else:
        file.write(buffer.getvalue())


def read_arrays(file: File) -> dict[str, NDArray]:
    """The named arrays of an NPZ file. Raises `FileError` for anything else, and over 50 MB."""
    import zipfile  # as NumPy does: not before there is a file

    try:
        with zipfile.ZipFile(file) as archive:
            if sum(member.file_size for member in archive.infolist()) > MOST_BYTES:
                raise FileError(f"the arrays in this file take over {MOST_BYTES / 1e6:.0f} MB")
        if not isinstance(file, str | Path):
            file.seek(0)
        with np.load(file, allow_pickle=False) as members:
            return {name: members[name] for name in members.files}
    except FileError:
        raise
    except FileNotFoundError as error:
        raise FileError(f"there is no file {str(file)!r}") from error
    except Exception as error:  # a damaged archive fails in many ways
        raise FileError("this is not an NPZ file of arrays, or it is damaged") from error
