"""A file that was asked for is there when the browser comes for it, and not for ever."""

from pathlib import PurePosixPath

import pytest
from streamlit.runtime import media_file_manager
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from pages.ui import downloads


@pytest.fixture
def files(monkeypatch):
    monkeypatch.setattr(MediaFileManager, "execute_deferred", downloads.make)
    monkeypatch.setattr(media_file_manager, "_get_session_id", lambda: "one")
    downloads.install()
    return MediaFileManager(MemoryMediaFileStorage("/media"))


def there(files, address):
    """Whether it is, after others' runs have ended."""
    for _ in range(3):
        files.remove_orphaned_files()
    return PurePosixPath(address).stem in files._file_metadata


def test_a_file_outlives_the_runs_of_others_until_its_session_goes_on(files):
    button = files.add_deferred(lambda: b"abc", None, "1.2", "a.txt")
    address = files.execute_deferred(button)
    assert there(files, address)
    again = files.execute_deferred(button)
    assert there(files, again)
    files.clear_session_refs("one")
    assert not there(files, again)
    assert not files._deferred_callables


def test_each_button_keeps_its_last_file(files):
    texts = iter(["first", "second", "other"])
    button = files.add_deferred(lambda: next(texts), None, "1.2", "a.txt")
    first, second = files.execute_deferred(button), files.execute_deferred(button)
    other = files.execute_deferred(files.add_deferred(lambda: next(texts), None, "1.3", "b.txt"))
    assert [there(files, address) for address in (first, second, other)] == [False, True, True]


def test_a_session_that_has_gone_keeps_nothing(files):
    def make():
        files.clear_session_refs("one")
        return b"abc"

    address = files.execute_deferred(files.add_deferred(make, None, "1.2", "a.txt"))
    assert not there(files, address)
    assert not files._files_by_session_and_coord
