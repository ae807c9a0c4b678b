"""Files that are made when they are asked for stay until they are fetched.

Streamlit forgets such a file with the second run that ends on the server, whoever's it is: among
many visitors before the browser comes for it. Here it belongs to the session that asked, until
that session asks at the same place again, shows a whole page, or ends.
"""

from pathlib import PurePosixPath

from streamlit.runtime.media_file_manager import MediaFileManager

make = MediaFileManager.execute_deferred


def made(self: MediaFileManager, file_id: str) -> str:
    """What Streamlit's own does: makes the file of that button, and returns its address."""
    about = self._deferred_callables.get(file_id)
    address = make(self, file_id)
    with self._lock:
        if about and about["session_id"] in self._files_by_session_and_coord:
            files = self._files_by_session_and_coord[about["session_id"]]
            files[f"made at {about['coordinates']}"] = PurePosixPath(address).stem
    return address


def install() -> None:
    """From now on files are made so."""
    MediaFileManager.execute_deferred = made
