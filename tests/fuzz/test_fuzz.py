"""A short run of the hostile inputs; `make fuzz` is the long one, which judges time and memory."""

from tests.fuzz.__main__ import GENERATORS
from tests.fuzz.harness import Case, run


def test_hostile_inputs_meet_the_library_s_own_errors_or_give_right_results():
    report = run(GENERATORS, range(150 * len(GENERATORS)), measured=False)
    assert not report.violations, str(report)
    assert all(0 < report.refused[name] < report.cases[name] for name in GENERATORS), str(report)


def test_the_harness_sees_what_it_is_for():
    wrong = {
        "raises": lambda random: Case(lambda: 1 / 0),
        "lies": lambda random: Case(lambda: 1, lambda result: result == 2),
        "hoards": lambda random: Case(lambda: len(bytearray(300_000_000))),
    }
    report = run(wrong, range(3))
    assert {kind.split(":")[0] for kind in report.violations} == set(wrong)
