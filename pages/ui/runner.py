"""Runs of a visitor's script: paid for in seconds of CPU, and of widgets whose values are of the
kind that they send.

Who has used up what a session may take waits in the thread of their own session, before the next
run; what is sent meanwhile becomes one run. Nobody else waits.
"""

import time

from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime import app_session
from streamlit.runtime.scriptrunner import RerunData, ScriptRunner
from streamlit.runtime.state import SessionState

from pages.ui.session import session


class MeteredRunner(ScriptRunner):
    """Streamlit's `ScriptRunner`, one of which runs at a time in a session."""

    def _run_script(self, rerun_data: RerunData) -> None:
        leave_out_other_kinds(rerun_data, self._session_state._state)
        purse = session().cpu
        time.sleep(purse.spend(0))
        began = time.thread_time()
        try:
            super()._run_script(rerun_data)
        finally:
            purse.spend(time.thread_time() - began)


def install() -> None:
    """From now on Streamlit makes runners of this kind."""
    app_session.ScriptRunner = MeteredRunner


def leave_out_other_kinds(rerun_data: RerunData, state: SessionState) -> None:
    """Takes out of a message what is of another kind than its widget sends: Streamlit would raise.

    No value at all is of every kind: so a field is empty.
    """
    if rerun_data.widget_states is None:
        return
    widgets, known = rerun_data.widget_states.widgets, state._new_widget_state.widget_metadata
    kept = [w for w in widgets if w.id not in known or _is(w, known[w.id].value_type)]
    if len(kept) < len(widgets):
        del widgets[:]
        widgets.extend(kept)


def _is(widget: WidgetState, kind: str) -> bool:
    return widget.WhichOneof("value") in (None, kind)
