"""Files that were made to hurt: small to send, large or long to read."""

import io
import json
import zipfile

import numpy as np
from PIL import Image

from softmax_core import DATASETS, Objective, SoftmaxModel, feature_map, load_dataset, save_model
from softmax_core.runs import Run
from softmax_core.training import start

assert "pen" in DATASETS


def npz(**arrays) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def model(classes: int = 10, name: str = "{}", seed: int = 0) -> bytes:
    """A model that is accepted."""
    phi = feature_map("pixels")
    weights = np.random.default_rng(seed).normal(size=(classes, phi.dimension))
    file = io.BytesIO()
    save_model(SoftmaxModel([name.format(k) for k in range(classes)], weights, phi, "pen"), file)
    return file.getvalue()


def many_names(number: int = 49_000_000) -> bytes:
    """48 kB that hold that many class names, all empty."""
    head = io.BytesIO()
    shape = {"descr": "|S1", "fortran_order": False, "shape": (number,)}
    np.lib.format.write_array_header_1_0(head, shape)
    file = io.BytesIO(npz(weights=np.zeros((2, 65)), features="pixels", preparation="pen"))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("classes.npy", head.getvalue() + bytes(number))
    return file.getvalue()


def many_classes(number: int = 20_000) -> bytes:
    names = np.array([f"{n}" for n in range(number)])
    zeros = np.zeros((number, 65), np.float32)
    return npz(classes=names, weights=zeros, features="pixels", preparation="pen")


def large_picture(side: int, kind: str = "PNG", **how) -> bytes:
    """A square of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (side, side), "white").save(file, kind, **how)
    return file.getvalue()


def many_scans(most: int, copies: int = 400) -> bytes:
    """A progressive JPEG whose last scan comes again and again."""
    file = io.BytesIO()
    Image.effect_noise((2_000, 2_000), 3).save(file, "JPEG", progressive=True, quality=5)
    data = file.getvalue()
    scan = data[data.rindex(b"\xff\xda") : -2]
    copies = min(copies, (most - len(data)) // len(scan))
    return data[:-2] + scan * copies + data[-2:]


def far_run(epoch: int = 99_000, optimizer: str = "newton", features: str = "pairs") -> bytes:
    """A run that claims that many epochs, and keeps the states of the first and the last."""
    data = load_dataset("pen")
    phi = feature_map(features)
    objective = Objective(phi(data.train.grids), data.train.labels, classes=data.classes)
    state = start(objective, optimizer)
    arrays = Run(objective, state, epochs=epoch).to_arrays()
    history = json.loads(str(arrays["history"]))
    settings = json.loads(str(arrays["state_0_settings"]))
    history |= {"states": [0, epoch], "stride": epoch}
    figures = np.full((epoch + 1, arrays["figures"].shape[1]), -1000.0)
    last = {
        name.replace("state_0_", f"state_{epoch}_"): array
        for name, array in arrays.items()
        if name.startswith("state_0_")
    }
    last[f"state_{epoch}_settings"] = json.dumps({**settings, "epoch": epoch})
    about = {
        "data": "pen",
        "features": features,
        "optimizer": optimizer,
        "batch": "all",
        "l2": 0.0,
        "seed": 0,
        "epochs": epoch,
        "parameters": list(map(list, settings["parameters"].items())),
    }
    changed = {"history": json.dumps(history), "figures": figures, "about": json.dumps(about)}
    return npz(**{**arrays, **changed, **last})
