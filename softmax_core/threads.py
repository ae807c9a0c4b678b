"""Work on many samples, on several cores: NumPy computes without holding Python's lock."""

import os
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

Item = TypeVar("Item")
Result = TypeVar("Result")

SHARE = 4  # items for each thread, at least: to wake one for fewer takes longer than it saves

THREADS = os.cpu_count() or 1


def spread(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """[function(item) for item in items], on several cores.

    The results come in the order of the items, so that what is summed of them does not depend
    on the number of cores.
    """
    results: list[Any] = [None] * len(items)
    places = iter(range(len(items)))  # whoever is free takes the next one

    def work() -> None:
        for place in places:
            results[place] = function(items[place])

    helpers = [_pool().submit(work) for _ in range(1, min(THREADS, len(items) // SHARE))]
    try:
        work()
    finally:
        for helper in helpers:
            if not helper.cancel():  # one that has not woken yet is not waited for
                helper.result()
    return results


@cache
def _pool() -> "ThreadPoolExecutor":
    from concurrent.futures import ThreadPoolExecutor  # not at import: it takes a while

    return ThreadPoolExecutor(THREADS, thread_name_prefix="softmax_core")


# A forked process has none of its parent's threads.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)
