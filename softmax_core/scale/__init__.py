"""The same training on digits that no memory holds: packed files, and clusters of machines.

    PackedObjective(files, phi)            what training takes, on one machine
    DaskObjective(client, files, phi)      the same on a Dask cluster (the extra "scale")
    python -m softmax_core.scale           makes, looks at and verifies files, and trains on them

Nothing else in the package imports this one.
"""

from softmax_core.scale.files import Header, PackedFile, open_packed, verify, write_packed
from softmax_core.scale.objective import PackedObjective
from softmax_core.scale.sources import from_dataset, from_room, generated

__all__ = [
    "Header",
    "PackedFile",
    "PackedObjective",
    "from_dataset",
    "from_room",
    "generated",
    "open_packed",
    "verify",
    "write_packed",
]
