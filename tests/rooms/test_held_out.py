"""Who is held out, and what is missing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softmax_core.errors import LabelError
from softmax_core.rooms import missing, split_by_contributor

rows = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 3)), min_size=1, max_size=60)


@given(rows, st.integers(0, 5))
def test_a_contributor_is_held_out_whole_and_no_class_is_lost(rows, seed):
    people, labels = zip(*rows, strict=True)
    held = split_by_contributor(people, labels, seed=seed)
    assert not {p for p, h in zip(people, held, strict=True) if h} & {
        p for p, h in zip(people, held, strict=True) if not h
    }
    left = {k for k, h in zip(labels, held, strict=True) if not h}
    assert left == set(labels) and held.mean() <= 0.5
    assert (held == split_by_contributor(people, labels, seed=seed)).all()


def test_about_a_quarter_is_held_out_of_many():
    people = np.repeat(np.arange(40).astype(str), 10)
    labels = np.tile(np.arange(10), 40)
    assert 0.25 <= split_by_contributor(people, labels).mean() <= 0.3


def test_nobody_is_held_out_where_one_person_drew_all():
    assert not split_by_contributor(["a"] * 9, [0, 1, 2] * 3).any()
    with pytest.raises(LabelError):
        split_by_contributor(["a"], [0, 1])


def test_what_is_missing_is_named():
    assert missing({0: 5, 1: 3, 2: 9}, "abc", 2) == []
    assert missing({0: 0, 1: 2, 3: 1}, "abcd", 1) == [
        "no a, c yet",
        "2 more of d",
        "1 more of b",
        "drawings by another person, to be judged on",
    ]
    assert missing({0: 0, 1: 0}, "ab", 0) == ["no drawings yet"]
    many = [str(k) for k in range(20)]
    assert missing({19: 3}, many, 2) == ["no 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 9 others yet"]
