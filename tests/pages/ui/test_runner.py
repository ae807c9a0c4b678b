"""What the runs of a session may take, and what does not reach them."""

import time

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime import app_session
from streamlit.runtime.scriptrunner import RerunData, ScriptRunner
from streamlit.runtime.state import SafeSessionState, SessionState
from streamlit.runtime.state.common import WidgetMetadata

from pages.ui import runner
from pages.ui.purse import Purse
from pages.ui.runner import MeteredRunner, install, leave_out_other_kinds
from pages.ui.session import Session


def test_a_purse_pays_at_once_what_it_holds_then_by_the_second():
    now = [0.0]
    purse = Purse(3, 2, clock=lambda: now[0])
    assert [purse.spend(1) for _ in range(5)] == [0, 0, 0, 0.5, 1.0]
    now[0] = 1.0
    assert purse.spend(1) == 0.5
    now[0] = 100.0
    assert [purse.spend(1) for _ in range(4)] == [0, 0, 0, 0.5]


def test_what_a_purse_can_t_pay_is_not_taken():
    now = [0.0]
    purse = Purse(3, 2, clock=lambda: now[0])
    assert [purse.affords(2), purse.affords(2), purse.affords(1)] == [True, False, True]
    now[0] = 1.0
    assert purse.affords(2)


def test_who_has_used_up_the_seconds_of_a_session_waits(monkeypatch):
    waited, visitor = [], Session()
    visitor.cpu = Purse(0.03, 0.5)

    def run(self, rerun_data):
        began = time.thread_time()
        while time.thread_time() < began + 0.05:
            pass
        raise ValueError("a run that fails is paid for too")

    def ready():
        made = MeteredRunner.__new__(MeteredRunner)
        made._session_state = SafeSessionState(SessionState(), lambda: None)
        return made

    monkeypatch.setattr(ScriptRunner, "_run_script", run)
    monkeypatch.setattr(runner, "session", lambda: visitor)
    monkeypatch.setattr(runner.time, "sleep", waited.append)
    for _ in range(2):
        with pytest.raises(ValueError, match="paid for"):
            ready()._run_script(RerunData())
    assert waited[0] == 0
    assert 0 < waited[1] <= 0.05 / 0.5


def test_streamlit_makes_such_runners(monkeypatch):
    monkeypatch.setattr(app_session, "ScriptRunner", ScriptRunner)
    install()
    assert app_session.ScriptRunner is MeteredRunner


def test_a_value_of_another_kind_than_its_widget_sends_is_left_out():
    state = SessionState()
    for name, kind in (("a", "string_value"), ("b", "double_array_value"), ("c", "bool_value")):
        about = WidgetMetadata(name, lambda value: value, lambda value: value, kind)
        state._new_widget_state.set_widget_metadata(about)
    sent = WidgetStates()
    sent.widgets.append(WidgetState(id="a", string_value="x"))
    sent.widgets.append(WidgetState(id="b", string_value="x"))
    sent.widgets.append(WidgetState(id="c"))
    sent.widgets.append(WidgetState(id="not yet there", int_value=3))
    data = RerunData(widget_states=sent)
    leave_out_other_kinds(data, state)
    assert [widget.id for widget in data.widget_states.widgets] == ["a", "c", "not yet there"]
    leave_out_other_kinds(RerunData(), state)
