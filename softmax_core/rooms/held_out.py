"""Honest figures for a room: held out by contributor, and what is missing before it can be trained.

Drawings by one hand are alike. A model that was trained on some of a person's drawings and judged
on others of the same person would look better than it is on a stranger's.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softmax_core.errors import LabelError

FEWEST = 3  # drawings of a class
PEOPLE = 2  # contributors, one of them held out
NAMED = 10  # classes that lack as much


def split_by_contributor(
    contributors: Sequence[str], labels: ArrayLike, *, share: float = 0.25, seed: int = 0
) -> NDArray[np.bool_]:
    """Which drawings (N,) are held out: all of some contributors', about `share` of them all.

    Contributors are taken at random until the share is reached; one is passed over where training
    would be left without a class, or where it would be left with less than half of all drawings.
    All false where there is nobody to hold out. Raises `LabelError` for other lengths.
    """
    people, labels = np.asarray(contributors), np.asarray(labels)
    if people.shape != labels.shape or people.ndim != 1:
        raise LabelError(f"{len(people)} contributors do not fit {len(labels)} labels")
    held = np.zeros(len(people), bool)
    everybody = np.unique(people)
    for person in np.random.default_rng(seed).permutation(everybody):
        more = held | (people == person)
        if held.mean() >= share:
            break
        left = labels[~more]
        if len(left) >= len(labels) / 2 and len(np.unique(left)) == len(np.unique(labels)):
            held = more
    return held


def missing(
    counts: Mapping[int, int], classes: Sequence[str], people: int, fewest: int = FEWEST
) -> list[str]:
    """What a room lacks before it can be trained, in words; empty where it lacks nothing."""
    if not any(counts.values()):
        return ["no drawings yet"]
    words = []
    for number in range(fewest):
        names = [name for k, name in enumerate(classes) if counts.get(k, 0) == number]
        if names:
            some = _listed(names)
            words.append(f"{fewest - number} more of {some}" if number else f"no {some} yet")
    if people < PEOPLE:
        words.append("drawings by another person, to be judged on")
    return words


def _listed(names: Sequence[str]) -> str:
    """Names, the first of many."""
    others = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {others} others" if others > 0 else "")
