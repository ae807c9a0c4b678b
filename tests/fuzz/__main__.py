"""`python -m tests.fuzz [CASES] [FIRST] [SEED]`: so many cases, from that number on."""

import sys

from tests.fuzz import library, outside
from tests.fuzz.harness import run

CASES = 200_000
GENERATORS = {**library.GENERATORS, **outside.GENERATORS}


def main(arguments: list[str]) -> None:
    cases, first, seed = [*map(int, arguments), *(CASES, 0, 0)[len(arguments) :]]
    numbers = range(first, first + cases)
    report = run(GENERATORS, numbers, seed=seed, tell=lambda line: print(line, flush=True))
    print(report)
    sys.exit(1 if report.violations else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
