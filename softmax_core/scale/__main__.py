"""Packed files and training on them, from the command line.

    python -m softmax_core.scale generate FILE --count 1e7 [--seed 0] [--part test]
    python -m softmax_core.scale pack SOURCE FILE           a data set's name, a room's export
    python -m softmax_core.scale inspect FILE...            what they say of themselves
    python -m softmax_core.scale verify FILE...             every block against its checksum
    python -m softmax_core.scale train FILE... --held-out FILE [--scheduler ADDRESS]
        [--features pairs] [--optimizer lbfgs] [--l2 1] [--epochs 20] [--batch 1024]
        [--checkpoint run.npz] [--resume] [--model model.npz]

After every epoch the run is at `--checkpoint`, which the Train page opens; with `--resume` it goes
on from there as it would have. At the end the weights are at `--model`, as every page reads them.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np

from softmax_core.datasets import DATASETS
from softmax_core.errors import (
    ClusterError,
    DivergenceError,
    FileError,
    InputError,
    ParameterError,
)
from softmax_core.features import FEATURE_MAPS, feature_map
from softmax_core.inputs import MOST_EPOCHS, as_count
from softmax_core.model import SoftmaxModel
from softmax_core.objective import BaseObjective
from softmax_core.optimizers import OPTIMIZERS
from softmax_core.runs import Run
from softmax_core.scale.checkpoints import about, read_checkpoint, resumed, write_checkpoint
from softmax_core.scale.files import (
    PackedFile,
    open_all,
    open_packed,
    place_of,
    replacing,
    verify,
)
from softmax_core.scale.files import write_packed as write
from softmax_core.scale.objective import PackedObjective
from softmax_core.scale.sources import PARTS, from_dataset, from_room, generated
from softmax_core.training import DIVERGED, start

FRESH = {"features": "pixels", "optimizer": "lbfgs", "batch": "all", "l2": 1.0, "seed": 0}
EPOCHS = 20
DTYPES = ("float32", "float64")
INTERRUPTED = 130  # what a shell expects of a command that Ctrl-C ended
NOT_READ = 141  # and of one whose words nobody reads any more


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    try:
        given.run(given)
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt as reason:
        print(str(reason) or "Interrupted.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # as in `… | head -1`: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOT_READ
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m softmax_core.scale", description="Packed files of digits, and training on them."
    )
    commands = parser.add_subparsers(required=True)

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(run=run)
        return added

    overwrite = {"action": "store_true", "help": "put it in the place of a file that is there"}
    made = command("generate", _generate, "digits of a data set, their pixels switched at random")
    made.add_argument("file", type=Path)
    made.add_argument("--count", type=_whole, required=True, help="how many, e.g. 1e7")
    made.add_argument("--seed", type=_whole, default=0)
    made.add_argument("--data", choices=DATASETS, default="pen")
    made.add_argument("--part", choices=PARTS, default="train")
    made.add_argument("--flips", type=float, default=0.05, help="the share of pixels to switch")
    made.add_argument("--overwrite", **overwrite)  # type: ignore[arg-type]

    packed = command("pack", _pack, "a data set, or the export of a room (.csv, .ndjson)")
    packed.add_argument("source", help=f"{', '.join(DATASETS)}, or a file")
    packed.add_argument("file", type=Path)
    packed.add_argument("--part", choices=PARTS, default="train", help="of a data set")
    packed.add_argument("--overwrite", **overwrite)  # type: ignore[arg-type]

    for name, run, text in (
        ("inspect", _inspect, "what files say of themselves"),
        ("verify", _verify, "every block against its checksum"),
    ):
        command(name, run, text).add_argument("files", nargs="+", type=Path)

    train = command("train", _train, "softmax regression on all digits of some files")
    train.add_argument("files", nargs="+", type=Path, metavar="DATA")
    path = partial(train.add_argument, type=Path, metavar="FILE")
    path("--held-out", required=True, help="digits to be judged by")
    train.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster")
    train.add_argument("--features", choices=FEATURE_MAPS)
    train.add_argument("--optimizer", choices=OPTIMIZERS)
    train.add_argument("--rate", type=float, help="the learning rate; by default a safe one")
    train.add_argument("--batch", type=_whole, help="digits of a mini-batch; by default all")
    train.add_argument("--l2", type=float, help="the penalty λ; by default 1")
    train.add_argument("--seed", type=_whole, help="of the shuffles")
    train.add_argument("--epochs", type=_whole, help=f"the last epoch; by default {EPOCHS}")
    train.add_argument("--dtype", choices=DTYPES, help="by default float32")
    path("--checkpoint", default="run.npz", help="the run, after every epoch (%(default)s)")
    train.add_argument("--resume", action="store_true", help="go on from the checkpoint")
    path("--model", default="model.npz", help="the weights, at the end (%(default)s)")
    train.add_argument("--overwrite", **overwrite)  # type: ignore[arg-type]
    return parser


def _whole(text: str) -> int:
    """A whole number, also as 1e7. Raises `argparse.ArgumentTypeError`."""
    try:
        number = float(text)
        if number.is_integer():
            return int(number) if "e" in text.lower() else int(text)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(
        f"a whole number, as 1000 or 1e7, is needed, not {text[:20]!r}"
    )


def _generate(given: argparse.Namespace) -> None:
    source = generated(given.count, given.seed, name=given.data, part=given.part, flips=given.flips)
    _say(write(given.file, *source, overwrite=given.overwrite))


def _pack(given: argparse.Namespace) -> None:
    named = given.source in DATASETS
    if not named:
        _hold_away(given.file, [Path(given.source)])
    source = from_dataset(given.source, given.part) if named else from_room(given.source)
    _say(write(given.file, *source, overwrite=given.overwrite))


def _inspect(given: argparse.Namespace) -> None:
    for path in given.files:
        _say(open_packed(path))


def _verify(given: argparse.Namespace) -> None:
    """All files are looked at, whatever is wrong with one of them."""
    wrong = []
    for path in given.files:
        try:
            print(f"{path}: {verify(open_packed(path)):,} digits, as they were written")
        except InputError as error:
            wrong.append(str(error))
    if wrong:
        raise FileError("\n".join(wrong))


def _say(file: PackedFile) -> None:
    header = file.header
    print(
        f"{file.path}: {len(file):,} digits in {file.blocks:,} blocks, "
        f"{file.path.stat().st_size:,} bytes\n"
        f"  classes {' '.join(header.classes)}; preparation {header.preparation}\n"
        f"  {header.source}"
    )


def _train(given: argparse.Namespace) -> None:
    _hold_places(given)
    *files, held_out_file = open_all([*given.files, given.held_out])
    _hold_apart([*files, held_out_file])
    settings = _settings(given)
    if given.scheduler is not None and settings["batch"] != "all":
        raise ParameterError(
            "mini-batches follow one another, a cluster adds up all digits at once: leave out "
            "--batch or --scheduler"
        )
    phi = feature_map(settings["features"])
    dtype = np.dtype(settings["dtype"])
    print(f"Reading and verifying {sum(map(len, files)):,} digits …", flush=True)
    held_out = PackedObjective(held_out_file, phi, dtype=dtype)
    with _objective(given.scheduler, files, phi.name, dtype, settings["l2"]) as objective:
        run = _run(given, settings, objective, held_out, files)
        _go(run, given, lambda run: about(run, phi.name, files, [held_out_file]))
    assert run.stop is not None
    if run.stop.reason == DIVERGED:
        raise DivergenceError(run.stop.advice)
    header = files[0].header
    model = SoftmaxModel(header.classes, run.state.weights, phi, header.preparation)
    with replacing(given.model, overwrite=given.overwrite or given.resume) as file:
        model.save(file)  # type: ignore[arg-type]
    print(f"{run.stop.reason}: {run.stop.advice}. Weights: {given.model}")


def _hold_places(given: argparse.Namespace) -> None:
    """Raises `FileError` where what is to be written can't be, or would be in another's place."""
    read = (*given.files, given.held_out)
    for path, others in ((given.checkpoint, read), (given.model, (*read, given.checkpoint))):
        _hold_away(path, others)
        if os.path.exists(path) and not (given.overwrite or given.resume):
            raise FileError(f"there is a file {path} already: --overwrite, or --resume a run")
        place_of(path, overwrite=True)


def _hold_away(path: Path, others: Sequence[Path]) -> None:
    """Raises `FileError` where a path leads to the same file as another."""
    for other in others:
        if os.path.realpath(path) == os.path.realpath(other):
            raise FileError(f"{path} can't be written: it would take the place of {other}")


def _hold_apart(files: Sequence[PackedFile]) -> None:
    """Raises `FileError` where two files hold the same digits."""
    seen: dict[int, PackedFile] = {}
    for file in files:
        if (other := seen.setdefault(file.identity, file)) is not file:
            raise FileError(
                f"{file.path} has the same digits as {other.path}: each file is given once, and "
                "what is held out is not trained on"
            )


def _run(
    given: argparse.Namespace,
    settings: dict,
    objective: BaseObjective,
    held_out: PackedObjective,
    files: Sequence[PackedFile],
) -> Run:
    """A new run, or the one of the checkpoint."""
    if given.resume:
        run = resumed(given.checkpoint, objective, held_out, files)
        run.set(epochs=given.epochs or run.epochs, parameters=run.state.parameters)
        return run
    state = start(
        objective,
        settings["optimizer"],
        parameters={} if given.rate is None else {"learning_rate": given.rate},
        batch_size=None if settings["batch"] == "all" else settings["batch"],
        seed=settings["seed"],
    )
    return Run(objective, state, held_out=held_out, epochs=given.epochs or EPOCHS)


def _settings(given: argparse.Namespace) -> dict:
    """What was asked for, or what the checkpoint was told; both where they agree."""
    if given.epochs is not None:
        as_count(given.epochs, "the last epoch", 1, MOST_EPOCHS)
    asked = {name: getattr(given, name) for name in (*FRESH, "dtype")}
    told: dict = {**FRESH, "dtype": "float32"}
    if given.resume:
        found, arrays = read_checkpoint(given.checkpoint)
        told = {name: found.get(name) for name in FRESH}
        kinds = (str(array.dtype) for name, array in arrays.items() if name.endswith("_weights"))
        told["dtype"] = max(kinds, default="float32")
        for name, value in asked.items():
            if value is not None and value != told[name]:
                raise ParameterError(
                    f"the run of {given.checkpoint} has {name} {told[name]}, and goes on with it; "
                    f"got {value}"
                )
        if given.rate is not None:
            raise ParameterError("a run that is resumed keeps its learning rate: leave out --rate")
    return {name: told[name] if value is None else value for name, value in asked.items()}


@contextmanager
def _objective(
    scheduler: str | None, files: Sequence[PackedFile], phi: str, dtype: np.dtype, l2: float
) -> Iterator[BaseObjective]:
    if scheduler is None:
        yield PackedObjective(files, phi, dtype=dtype, l2=l2)
        return
    try:
        from softmax_core.scale.cluster import DaskObjective, connected
    except ModuleNotFoundError as error:
        raise ClusterError(
            f"a cluster needs {error.name}, which the extra scale brings: pip install '.[scale]'"
        ) from error
    with connected(scheduler) as client:
        yield DaskObjective(client, files, phi, dtype=dtype, l2=l2)


def _go(run: Run, given: argparse.Namespace, told: Callable[[Run], dict]) -> None:
    """Epoch by epoch to the end of the run, a checkpoint after each.

    Where it ends early the error names the checkpoint and what it holds.
    """
    saved: int | None = run.epoch if given.resume else None
    began, first = time.perf_counter(), run.epoch
    try:
        run.measure(training=False)
        _report(run, 0.0, 0)
        while run.stop is None:
            before, epoch = time.perf_counter(), run.epoch
            run.advance()
            if run.epoch == epoch:
                break  # weights would have grown without limit
            run.measure(training=run.stop is not None)
            replace = given.overwrite or saved is not None  # or else it would be another run's
            write_checkpoint(given.checkpoint, run, told(run), overwrite=replace)
            saved = run.epoch
            now = time.perf_counter()
            _report(run, now - before, (now - began) / (run.epoch - first))
    except (InputError, KeyboardInterrupt) as error:
        where = "No checkpoint was written yet"
        if saved is not None:
            where = f"{given.checkpoint} holds the run up to epoch {saved}: --resume goes on there"
        kind = KeyboardInterrupt if isinstance(error, KeyboardInterrupt) else FileError
        raise kind(f"{str(error) or 'Interrupted'}. {where}.") from error


def _report(run: Run, seconds: float, each: float) -> None:
    """One line: epoch, L, accuracy on the held-out file, digits a second, time left."""
    figures, samples = run.figures_at(run.epoch), len(run.objective)
    line = (
        f"epoch {run.epoch:4}  L {figures.log_likelihood:,.1f}  "
        f"L/N {figures.log_likelihood / samples:.5f}  held out {figures.held_out_accuracy:.4f}"
    )
    if seconds:
        left = max(0.0, each * (run.epochs - run.epoch)) if run.stop is None else 0.0
        line += f"  {samples / seconds / 1e6:.2f} M digits/s  {left:,.0f} s left at most"
    print(line, flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C
    sys.exit(main())
