"""Small packed files, of blocks that are small enough to be many."""

import numpy as np
import pytest

from softmax_core.scale import generated, write_packed


@pytest.fixture
def packed(tmp_path):
    """packed(count, seed=0, name="a", rows=100): a packed file of changed pen digits."""

    def write(count, seed=0, name="a", rows=100, **more):
        return write_packed(tmp_path / name, *generated(count, seed, **more), rows=rows)

    return write


def columns(*files):
    """All codes and labels of packed files."""
    pieces = [
        (codes.astype(np.uint64), labels.copy()) for f in files for codes, labels in f.digits()
    ]
    codes, labels = (np.concatenate(column) for column in zip(*pieces, strict=True))
    return codes, labels.astype(np.intp)
