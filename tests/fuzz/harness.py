"""Throws hostile inputs at entry points and counts what should not happen.

A generator makes a case from a seeded random source: what to call, and how to tell whether its
result is right. `tests/fuzz/library.py` has those of the library; a module with more of them
joins `GENERATORS` in `tests/fuzz/__main__.py`.
"""

import random
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from softmax_core.errors import InputError

SECONDS, MEGABYTES = 1.0, 200  # that one case may take, of a core and of memory
LONGEST_MESSAGE = 600  # characters: no message repeats what it was given at length


@dataclass
class Case:
    """`call` does what a caller would do, `is_right` judges what comes back."""

    call: Callable[[], Any]
    is_right: Callable[[Any], Any] = lambda result: True


Generator = Callable[[random.Random], Case]


@dataclass
class Report:
    """What came of all cases: violations by kind, each with the first case that showed it."""

    cases: Counter = field(default_factory=Counter)
    refused: Counter = field(default_factory=Counter)
    violations: Counter = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)
    slowest: tuple[float, str] = (0.0, "")
    largest: tuple[int, str] = (0, "")

    def add(self, kind: str, place: str) -> None:
        self.violations[kind] += 1
        self.first.setdefault(kind, place)

    def __str__(self) -> str:
        lines = [
            f"{self.cases[name]:8,} {name}: {self.refused[name]:,} refused" for name in self.cases
        ]
        lines += [
            f"{count:8,} × {kind}  [{self.first[kind]}]"
            for kind, count in self.violations.most_common()
        ]
        lines.append(f"slowest {self.slowest[0]:.2f} s of CPU [{self.slowest[1]}]")
        lines.append(f"largest {self.largest[0]} MB [{self.largest[1]}]")
        total = sum(self.cases.values())
        lines.append(f"{total:,} cases, {sum(self.violations.values()):,} violations")
        return "\n".join(lines)


def run(
    generators: Mapping[str, Generator],
    numbers: Iterable[int],
    *,
    seed: int = 0,
    measured: bool = True,
    tell: Callable[[str], None] = lambda line: None,
) -> Report:
    """Runs the cases of these numbers, in turn from each generator; a number makes its case alone.

    Time and memory are judged where `measured`; `tell` hears of each kind of violation at once.
    """
    report = Report()
    names = list(generators)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number in numbers:
            name = names[number % len(names)]
            place = f"{name} {number}"
            case = generators[name](random.Random(f"{seed} {number}"))
            report.cases[name] += 1
            before, began = _memory(), time.process_time()
            kind = _violation(case, report, name)
            took, grown = time.process_time() - began, _peak() - before
            report.slowest = max(report.slowest, (took, place))
            report.largest = max(report.largest, (grown, place))
            kinds = [kind] if kind else []
            if measured and took > SECONDS:
                kinds.append(f"{name}: over {SECONDS:g} s")
            if measured and grown > MEGABYTES:
                kinds.append(f"{name}: over {MEGABYTES} MB")
            for kind in kinds:
                if kind not in report.first:
                    tell(f"{kind}  [{place}]")
                report.add(kind, place)
    return report


def _violation(case: Case, report: Report, name: str) -> str:
    """What is wrong with the outcome of a case; empty where nothing is."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # e.g. an imaginary part that is lost
            result = case.call()
    except InputError as error:
        report.refused[name] += 1
        message = str(error)
        if not 0 < len(message) <= LONGEST_MESSAGE or not message.isprintable():
            return f"{name}: a message of {len(message)} characters, or not printable"
        return ""
    except Exception as error:
        return f"{name}: {type(error).__name__}: {str(error)[:80]} ({_origin(error)})"
    try:
        right = bool(case.is_right(result))
    except Exception as error:
        return f"{name}: a result that can't be judged: {type(error).__name__}: {str(error)[:80]}"
    return "" if right else f"{name}: a wrong result"


def _origin(error: BaseException) -> str:
    """Where in the project an exception comes from."""
    trace, found = error.__traceback__, "?"
    while trace:
        path = trace.tb_frame.f_code.co_filename
        if "softmax_core" in path or "/pages/" in path:
            found = f"{path.rsplit('/', 1)[-1]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found


def _memory() -> int:
    """The memory of this process in MB, after the mark of its peak is taken back."""
    if sys.platform != "linux":
        return 0
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    return _status("VmRSS:")


def _peak() -> int:
    return _status("VmHWM:") if sys.platform == "linux" else 0


def _status(entry: str) -> int:
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) // 1024 for line in file if line.startswith(entry))
