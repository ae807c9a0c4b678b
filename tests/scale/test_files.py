"""Packed files: what is written comes back, and what is wrong is said before it is used."""

import errno
import json
import os
import resource
import signal
import zlib
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softmax_core.errors import FileError, InputError, LabelError
from softmax_core.scale import Header, files, open_packed, verify, write_packed
from softmax_core.scale.files import MAGIC, MOST_DIGITS, open_all, replacing
from tests.scale.conftest import columns

HEADER = Header(("a", "b", "c"), "pen", "made for a test")


def some(count, classes=3, seed=0):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 2**64, count, dtype=np.uint64)
    return codes, rng.integers(0, classes, count).astype(np.uint8)


@settings(max_examples=30)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=6), st.integers(1, 50))
def test_what_is_written_comes_back_whatever_its_pieces(tmp_path_factory, sizes, rows):
    path = tmp_path_factory.mktemp("files") / "a"
    codes, labels = some(sum(sizes))
    ends = np.cumsum(sizes)[:-1]
    pieces = zip(np.split(codes, ends), np.split(labels, ends), strict=True)
    file = write_packed(path, HEADER, sum(sizes), pieces, rows=rows)
    assert (file.header, len(file), file.blocks) == (HEADER, sum(sizes), -(-sum(sizes) // rows))
    assert path.stat().st_size == file.start + 9 * len(file)
    back, names = columns(file)
    np.testing.assert_array_equal(back, codes)
    np.testing.assert_array_equal(names, labels)
    assert verify(file) == len(file)


def test_the_bytes_are_as_described(tmp_path):
    """Written out by hand, so that files of today can be read in a year."""
    path = tmp_path / "a"
    codes, labels = np.array([1, 2**63], np.uint64), np.array([2, 0], np.uint8)
    file = write_packed(path, HEADER, 2, [(codes, labels)])
    data = path.read_bytes()
    assert data[:8] == b"\x93digits\n" == MAGIC
    length = int.from_bytes(data[8:12], "big")
    assert json.loads(data[12 : 12 + length]) == {
        "version": 1,
        "byte_order": "big",
        "classes": ["a", "b", "c"],
        "preparation": "pen",
        "source": "made for a test",
        "count": 2,
        "rows": 65536,
    }
    block = bytes.fromhex("0000000000000001 8000000000000000 02 00")
    assert data[-18:] == block
    assert data[12 + length :][:4] == zlib.crc32(block).to_bytes(4, "big")
    assert data[16 + length :][:4] == zlib.crc32(data[: 16 + length]).to_bytes(4, "big")
    assert file.identity == zlib.crc32(data[: 16 + length])


def test_nothing_is_overwritten_unasked(tmp_path):
    path = tmp_path / "a"
    write_packed(path, HEADER, 5, [some(5)])
    before = path.read_bytes()
    with pytest.raises(FileError, match="not overwritten"):
        write_packed(path, HEADER, 7, [some(7)])
    assert path.read_bytes() == before
    assert len(write_packed(path, HEADER, 7, [some(7)], overwrite=True)) == 7


def test_what_a_link_leads_to_is_written(tmp_path):
    (tmp_path / "link").symlink_to("a")
    for count in (5, 7):
        write_packed(tmp_path / "link", HEADER, count, [some(count)], overwrite=True)
        assert (tmp_path / "link").is_symlink()
        assert len(open_packed(tmp_path / "a")) == count


@pytest.mark.parametrize("place", [".", "/", "folder", "pipe", "no/folder", "a" * 300, "a/b"])
def test_where_no_file_can_be_is_said(tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    write_packed("a", HEADER, 5, [some(5)])
    with pytest.raises(FileError, match="can't be written"):
        write_packed(place, HEADER, 5, [some(5)], overwrite=True)
    assert {path.name for path in tmp_path.iterdir()} == {"folder", "pipe", "a"}


def test_more_than_the_disk_has_room_for_is_not_begun(tmp_path):
    with pytest.raises(FileError, match=r"bytes, and [0-9,]+ are free"):
        write_packed(tmp_path / "a", HEADER, MOST_DIGITS, iter(()))


@pytest.mark.parametrize(
    "given",
    [
        {"count": 6},
        {"count": 4},
        {"count": 0},
        {"count": 5, "rows": 0},
        {"count": 5, "labels": 3},
    ],
    ids=str,
)
def test_a_file_that_can_not_be_made_leaves_none(tmp_path, given):
    codes, labels = some(5)
    labels[2] = given.pop("labels", 0)
    with pytest.raises((FileError, LabelError)):
        write_packed(tmp_path / "a", HEADER, digits=[(codes, labels)], **given)
    assert list(tmp_path.iterdir()) == []


@contextmanager
def full_disk(room):
    """Files of this process end after so many bytes, as on a disk without space."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def test_on_a_full_disk_the_last_file_stays(tmp_path):
    path = tmp_path / "a"
    write_packed(path, HEADER, 5, [some(5)])
    before = path.read_bytes()
    with full_disk(10_000), pytest.raises(FileError, match="can't be written"):
        write_packed(path, HEADER, 50_000, [some(50_000)], overwrite=True)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_what_fails_at_the_very_end_changes_nothing(tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, "fsync", full)
    with (
        pytest.raises(FileError, match="No space left"),
        replacing(path, overwrite=True) as file,
    ):
        file.write(b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["a"]
    assert path.read_bytes() == b"old"


# --- damage: five blocks of 100 digits, the last of 50 ------------------------------------------


@pytest.fixture
def damaged(tmp_path, packed):
    """damaged(change): the path of a file whose bytes `change` has altered."""
    file = packed(450)

    def altered(change):
        data = bytearray(file.path.read_bytes())
        path = tmp_path / "damaged"
        path.write_bytes(change(data, file.start))
        return path

    return altered


def flipped(at):
    def change(data, start):
        data[start + at] ^= 1
        return data

    return change


def test_a_flipped_bit_is_found_and_its_block_and_rows_named(damaged):
    for at, named in ((0, "block 0 of 5 .rows 0 to 99."), (9 * 250, "block 2 .* 200 to 299")):
        file = open_packed(damaged(flipped(at)))
        with pytest.raises(FileError, match=f"{named}.* is damaged"):
            verify(file)


def test_a_file_that_is_cut_off_says_where(damaged):
    cut = damaged(lambda data, start: data[: start + 9 * 130])
    with pytest.raises(FileError, match="cut off after block 1 of 5, row 130 of 450"):
        open_packed(cut)
    with pytest.raises(FileError, match="cut off after block 0 of 5, row 0 of 450"):
        open_packed(damaged(lambda data, start: data[: start - 10]))
    with pytest.raises(FileError, match="goes on after its last row"):
        open_packed(damaged(lambda data, start: data + b"x"))


def test_a_label_of_no_class_is_named_with_its_row(damaged):
    def change(data, start):
        block = slice(start + 900, start + 1800)
        data[start + 900 + 800 + 7] = 10
        table = start - 4 - 4 * 5
        data[table + 4 : table + 8] = zlib.crc32(data[block]).to_bytes(4, "big")
        data[start - 4 : start] = zlib.crc32(data[: start - 4]).to_bytes(4, "big")
        return data

    file = open_packed(damaged(change))
    with pytest.raises(FileError, match=r"block 1 .* has the label 10 in row 107; .* are 0..9"):
        verify(file)


def headed(**changes):
    """Another header, its checksum right."""

    def change(data, start):
        length = int.from_bytes(data[8:12], "big")
        about = json.loads(data[12 : 12 + length])
        for name, value in changes.items():
            if value is None:
                del about[name]
            else:
                about[name] = value
        text = json.dumps(about).encode()
        table = data[12 + length : start - 4]
        head = MAGIC + len(text).to_bytes(4, "big") + text + table
        return head + zlib.crc32(head).to_bytes(4, "big") + data[start:]

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data, start: b"", "is empty"),
        (lambda data, start: b"PK\3\4" + data, "begins with b'PK.*expected|no packed file"),
        (lambda data, start: data[:8] + b"\xff" * 4 + data[12:], "header of 4,294,967,295 bytes"),
        (lambda data, start: data[:30], "not JSON"),
        (lambda data, start: data[:12] + b"\xff" + data[13:], "not JSON"),
        (flipped(-8), "header of .* is damaged"),
        (flipped(-1), "header of .* is damaged"),
        (headed(version=2), "of version 2; this program reads 1"),
        (headed(version=True), "of version True; this"),
        (headed(version=None), "of version None; this"),
        (headed(byte_order="little"), "byte order 'little'; this program reads 'big'"),
        (headed(classes=["a"]), "2 to 100 classes, got 1"),
        (headed(classes="ab" * 200), "2 to 100 classes"),
        (headed(classes=None), "does not say its classes"),
        (headed(preparation="oven"), "no preparation 'oven'"),
        (headed(source="a\nb"), "a line of at most"),
        (headed(count=0), "number of digits is an integer from 1"),
        (headed(count=10**30), "number of digits is an integer from 1"),
        (headed(count=10**12), "is cut off"),
        (headed(rows=10**9), "rows of a block is an integer"),
        (headed(rows=150), "is cut off|goes on"),
    ],
)
def test_files_of_another_kind_are_refused_before_they_are_read(damaged, change, said):
    with pytest.raises(FileError, match=said):
        open_packed(damaged(change))


def test_files_that_do_not_go_together_are_named(tmp_path, packed, monkeypatch):
    monkeypatch.setitem(files.PREPARATIONS, "nist", files.PREPARATIONS["pen"])
    one = packed(10)
    two = write_packed(tmp_path / "b", HEADER, 5, [some(5)])
    with pytest.raises(FileError, match=r"b has the classes a b c, but .*a has 0 1 2 3"):
        open_all([one.path, two.path])
    other = Header(one.header.classes, "nist", "elsewhere")
    three = write_packed(tmp_path / "c", other, 5, [some(5)])
    with pytest.raises(FileError, match=r"c has the preparation nist, but .*a has pen"):
        open_all([one.path, three.path])
    with pytest.raises(FileError, match="no file of digits"):
        open_all([])
    for nothing in (tmp_path, tmp_path / "none", "a\0b"):
        with pytest.raises(FileError, match="there is no file"):
            open_all([nothing])


def test_a_file_that_changes_while_it_is_used_is_not_read_any_further(packed):
    file = packed(450)
    with file.path.open("r+b") as opened:
        opened.truncate(file.path.stat().st_size - 30)
    with pytest.raises(FileError, match="has changed"):
        file.read(0, file.buffer())
    file.path.unlink()
    with pytest.raises(FileError, match=r"block 0 .* can't be read: No such file"):
        file.read(0, file.buffer())


def test_every_error_is_the_librarys_own():
    assert issubclass(FileError, InputError)
