"""The commands for whoever runs the server."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from softmax_core.rooms import Rooms
from softmax_core.rooms.__main__ import DAY, main
from tests.rooms.conftest import SECRET, THREE

ROOT = Path(__file__).parents[2]


@pytest.fixture
def rooms(url, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", url)
    return Rooms(url)


def test_rooms_are_listed_exported_and_deleted(rooms, capsys):
    who, _ = rooms.create("Class 5b", ["a", "b"])
    rooms.contribute(who.code, label=0, strokes=THREE, secret=SECRET)
    assert main(["list"]) == 0
    line = capsys.readouterr().out
    assert who.code in line and "Class 5b" in line and "1 drawings" in line
    assert main(["export", who.code.lower()]) == 0
    head, drawing = capsys.readouterr().out.splitlines()
    assert json.loads(head)["classes"] == ["a", "b"] and json.loads(drawing)["strokes"] == THREE
    assert main(["export", who.code, "--csv"]) == 0
    assert capsys.readouterr().out.startswith("class,p11")
    assert main(["delete", who.code]) == 0 and rooms.all_rooms() == []
    assert main(["delete", who.code]) == 1
    assert "no room" in capsys.readouterr().err


def test_old_rooms_are_purged(url, monkeypatch, capsys):
    rooms = Rooms(url)
    new, _ = rooms.create("new", ["a", "b"])
    old, _ = Rooms(url, now=lambda: rooms.now() - 31 * DAY).create("old", ["a", "b"])
    assert main(["--database", url, "purge", "--older-than", "30"]) == 0
    assert capsys.readouterr().out == f"deleted {old.code}\n"
    assert [room.code for room in rooms.all_rooms()] == [new.code]


@pytest.mark.parametrize("days", ["-1", "nan", "inf", "x"])
def test_purge_takes_days_that_have_passed(rooms, days):
    who, _ = rooms.create("new", ["a", "b"])
    with pytest.raises(SystemExit):
        main(["purge", f"--older-than={days}"])
    assert [room.code for room in rooms.all_rooms()] == [who.code]


def test_bad_arguments_are_said(rooms, capsys):
    for arguments in ([], ["purge"], ["purge", "--older-than", "soon"], ["export"], ["burn"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2 and "usage" in capsys.readouterr().err
    for arguments in (["export", "<b>"], ["delete", "AAAAAA"], ["--database", "x", "list"]):
        assert main(arguments) == 1
        said = capsys.readouterr()
        assert said.out == "" and len(said.err.splitlines()) == 1


@pytest.mark.slow
def test_any_terminal_shows_any_title_and_may_stop_reading(tmp_path):
    address = f"sqlite:///{tmp_path}/rooms.db"
    Rooms(address).create("☐ △ ○", ["☐", "△"])
    command = [sys.executable, "-m", "softmax_core.rooms", "--database", address, "list"]
    where = {"env": {**os.environ, "PYTHONIOENCODING": "ascii"}, "cwd": ROOT}
    done = subprocess.run(command, capture_output=True, **where)
    assert "☐ △ ○".encode() in done.stdout and done.stderr == b""
    reads, writes = os.pipe()
    os.close(reads)
    done = subprocess.run(command, stdout=writes, stderr=subprocess.PIPE, **where)
    os.close(writes)
    assert (done.returncode, done.stderr) == (0, b"")
