"""What the supervisor does, with programs of our own in the place of the app and of HAProxy."""

import ast
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from contextlib import suppress

import pytest

from deploy import serve
from tests.browser.harness import ROOT
from tests.serve.many import HAPROXY, needs_haproxy, ports_in_a_row, wait_for

SLEEPS = "import time; time.sleep(60)"
ENDS = "pass"
STAYS = f"import signal; signal.signal(15, signal.SIG_IGN); print('up', flush=True); {SLEEPS}"
ANSWERS = """
import http.server, sys
class Healthy(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Healthy).serve_forever()
"""


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def python(code, *arguments):
    return [sys.executable, "-c", code, *map(str, arguments)]


@pytest.fixture
def program():
    """program(code) -> a kept program; ended after the test."""
    made = []

    def make(code, clock=time.monotonic):
        made.append(serve.Program("it", python(code), os.environ, clock))
        return made[-1]

    yield make
    for each in made:
        each.process.kill()
        each.process.wait()


def test_it_needs_nothing_that_has_to_be_installed():
    tree = ast.parse((ROOT / "deploy" / "serve.py").read_text())
    names = [a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names]
    names += [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


def test_each_process_is_a_server_of_the_configuration():
    text = serve.configuration([8601, 8602, 8603], serve.TEMPLATE.read_text())
    servers = re.findall(r"^    server (\w+) 127\.0\.0\.1:(\d+)$", text, re.MULTILINE)
    assert servers == [("app1", "8601"), ("app2", "8602"), ("app3", "8603")]
    assert "server-template" not in text
    assert "resolvers" not in text
    assert re.findall(r"^\w+ \w+|^\w+$", text, re.MULTILINE)[-1] == "backend app"


@pytest.mark.parametrize("template", ["", "backend app\n    server one 127.0.0.1:1\n"])
def test_a_configuration_that_has_no_place_for_them_is_refused(template):
    with pytest.raises(SystemExit, match="one server-template"):
        serve.configuration([8601], template)


@needs_haproxy
@pytest.mark.parametrize("bind", [":8501", "127.0.0.1:8501", ":::8501 v4v6"])
def test_haproxy_accepts_the_configuration(tmp_path, bind):
    config = tmp_path / "haproxy.cfg"
    config.write_text(serve.configuration([8601, 8602], serve.TEMPLATE.read_text()))
    assert serve.checked_haproxy(config, serve.environment(os.environ, bind)) == HAPROXY


@needs_haproxy
def test_a_configuration_that_haproxy_refuses_is_shown(tmp_path):
    config = tmp_path / "haproxy.cfg"
    config.write_text(serve.configuration([8601], serve.TEMPLATE.read_text()))
    with pytest.raises(SystemExit, match="unable to stat SSL certificate"):
        serve.checked_haproxy(config, serve.environment(os.environ, ":1 ssl crt /not/there.pem"))


@needs_haproxy
@pytest.mark.skipif(not shutil.which("openssl"), reason="makes a certificate")
def test_with_a_certificate_browsers_speak_http_1(tmp_path):
    """Limits are by connection, and the socket of a page is an upgraded one."""
    config, pem, port = tmp_path / "haproxy.cfg", tmp_path / "host.pem", ports_in_a_row(1)
    config.write_text(serve.configuration([port + 1], serve.TEMPLATE.read_text()))
    make = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=localhost",
        "-keyout",
    ]
    subprocess.run([*make, pem, "-out", tmp_path / "c"], check=True, capture_output=True)
    pem.write_bytes(pem.read_bytes() + (tmp_path / "c").read_bytes())
    bind = f"127.0.0.1:{port} ssl crt {pem} alpn h2,http/1.1"
    proxy = subprocess.Popen([HAPROXY, "-db", "-f", config], env=serve.environment({}, bind))
    context = ssl.create_default_context(cafile=tmp_path / "c")
    context.check_hostname = False
    context.set_alpn_protocols(["h2", "http/1.1"])
    try:
        wait_for_port(port)
        with (
            socket.create_connection(("127.0.0.1", port)) as plain,
            context.wrap_socket(plain) as talk,
        ):
            assert talk.selected_alpn_protocol() == "http/1.1"
    finally:
        proxy.terminate()
        proxy.wait(10)


def wait_for_port(port):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with suppress(OSError):
            return socket.create_connection(("127.0.0.1", port), timeout=1).close()
        time.sleep(0.05)
    raise TimeoutError(port)


def test_without_haproxy_it_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr(serve.shutil, "which", lambda *_, **__: None)
    with pytest.raises(SystemExit, match="apt install haproxy"):
        serve.checked_haproxy(tmp_path, {})


def test_all_processes_share_a_secret_and_believe_this_machine_alone():
    made = serve.environment({"FORWARDED_ALLOW_IPS": "*", "HOME": "/h"}, ":1")
    assert len(made["STREAMLIT_SERVER_COOKIE_SECRET"]) == 64
    assert made["FORWARDED_ALLOW_IPS"] == "127.0.0.1"
    assert made["HOME"] == "/h"
    other = serve.environment({}, ":1")
    assert other["STREAMLIT_SERVER_COOKIE_SECRET"] != made["STREAMLIT_SERVER_COOKIE_SECRET"]
    given = serve.environment({"STREAMLIT_SERVER_COOKIE_SECRET": "mine"}, ":1")
    assert given["STREAMLIT_SERVER_COOKIE_SECRET"] == "mine"


def test_what_ends_is_started_again_the_later_the_sooner_it_ended(program):
    clock, pauses = Clock(), []
    it = program(ENDS, clock)
    for _ in range(8):
        it.process.wait()
        before = it.process
        it.look()
        pauses.append(it.pause)
        clock.now += it.pause - 0.01
        it.look()
        assert it.process is before
        clock.now += 0.02
        it.look()
        assert it.process is not before
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]
    it.process.wait()
    clock.now += serve.SETTLED
    it.look()
    assert it.pause == 0


def test_what_is_killed_after_a_while_is_started_again_at_once(program):
    clock = Clock()
    it = program(SLEEPS, clock)
    it.look()
    clock.now += serve.SETTLED
    before = it.process
    before.kill()
    before.wait()
    it.look()
    assert it.process.pid != before.pid
    assert it.ended is None


def test_what_does_not_end_by_itself_is_killed(monkeypatch, capfd):
    monkeypatch.setattr(serve, "GRACE", 0.3)
    programs = [
        serve.Program(str(n), python(code), os.environ) for n, code in enumerate((STAYS, SLEEPS))
    ]
    while "up" not in capfd.readouterr().out:
        time.sleep(0.02)
    serve.end_all(programs)
    assert [each.ended for each in programs] == [-signal.SIGKILL, -signal.SIGTERM]


def test_a_port_that_is_taken_is_named(monkeypatch):
    monkeypatch.setattr(serve, "Program", None)  # nothing is started
    first = ports_in_a_row(3)
    for taken in (first, first + 2):
        with (
            socket.create_server(("127.0.0.1", taken)),
            pytest.raises(SystemExit, match=f"port {taken}"),
        ):
            serve.serve(2, f"127.0.0.1:{first}", first + 1, threading.Event())


@pytest.mark.parametrize(
    ("bind", "said"),
    [(":99999", "no port 99999"), (":8602", "port 8602 is a process's own: 8601 to 8602 are")],
)
def test_a_port_that_can_not_be_the_public_one_is_named(monkeypatch, bind, said):
    monkeypatch.setattr(serve, "Program", None)  # nothing is started
    monkeypatch.setattr(serve.socket.socket, "bind", lambda *_: None)
    with pytest.raises(SystemExit, match=said):
        serve.serve(2, bind, 8601, threading.Event())


def test_who_leaves_before_everything_has_started_starts_no_proxy(stand_ins, capfd):
    leave, first = threading.Event(), ports_in_a_row(2)
    leave.set()
    serve.serve(1, f":{first}", first + 1, leave)
    assert "behind" not in capfd.readouterr().out


@pytest.mark.parametrize("wrong", ["0", "65", "-1", "two", "²", "9" * 99])
def test_a_number_of_processes_that_can_not_be_is_refused(wrong, capsys):
    with pytest.raises(SystemExit):
        serve.main(["--processes", wrong])
    assert "a number from 1 to 64 is needed" in capsys.readouterr().err


@pytest.fixture
def stand_ins(tmp_path, monkeypatch):
    """Small programs in the place of HAProxy and of the app."""
    haproxy = tmp_path / "haproxy"
    haproxy.write_text(
        f"#!{sys.executable}\nimport sys, time\n'-c' in sys.argv or time.sleep(60)\n"
    )
    haproxy.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(serve, "app", lambda port: python(ANSWERS, port))
    return tmp_path


def test_everything_starts_stays_and_ends(stand_ins, monkeypatch, capfd):
    made, make, leave, first = [], serve.Program, threading.Event(), ports_in_a_row(3)
    monkeypatch.setattr(serve, "Program", lambda *given: made.append(make(*given)) or made[-1])
    thread = threading.Thread(target=serve.serve, args=(2, f":{first}", first + 1, leave))
    thread.start()
    while len(made) < 3:
        assert thread.is_alive()
        time.sleep(0.05)
    assert [each.name for each in made] == ["process 1", "process 2", "HAProxy"]
    for each in (made[0], made[2]):
        before = each.process
        each.began -= serve.SETTLED
        before.kill()
        while each.process is before:
            time.sleep(0.05)
    wait_for(f"http://127.0.0.1:{first + 1}/")
    leave.set()
    thread.join(30)
    assert not thread.is_alive()
    assert all(each.ended is not None for each in made)
    said = capfd.readouterr().out
    assert "process 1 has ended (-9); it starts again in 0 s" in said
    assert "HAProxy has ended (-9)" in said
    for port in (first, first + 1, first + 2):
        serve.must_be_free(port)


def test_a_process_that_can_not_begin_ends_everything(stand_ins, monkeypatch):
    first, made, make = ports_in_a_row(3), [], serve.Program
    monkeypatch.setattr(
        serve, "app", lambda port: python("exit(port)" if port == first + 2 else ANSWERS, port)
    )
    monkeypatch.setattr(serve, "Program", lambda *given: made.append(make(*given)) or made[-1])
    with pytest.raises(SystemExit, match=r"process 2 has ended \(1\) before it could be asked"):
        serve.serve(2, f":{first}", first + 1, threading.Event())
    assert len(made) == 2
    assert all(each.ended is not None for each in made)


def supervisor(first, before=""):
    """A supervisor of stand-ins that says that everything has started."""
    code = f"import signal; from deploy import serve; {before}"
    code += f"serve.app = lambda port: {python(ANSWERS)!r} + [str(port)]; "
    code += f"serve.main(['--processes', '1', '--bind', ':{first}', '--first', '{first + 1}'])"
    process = subprocess.Popen(python(code), cwd=ROOT, stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if "1 process behind" in line:
            break
    return process


@pytest.mark.parametrize(
    "signal_", [signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP], ids=lambda s: s.name
)
def test_a_signal_ends_it(stand_ins, signal_):
    first = ports_in_a_row(2)
    process = supervisor(first, "signal.signal(signal.SIGHUP, signal.SIG_DFL); ")
    process.send_signal(signal_)
    assert process.wait(30) == 0
    process.stdout.close()
    serve.must_be_free(first + 1)


def test_nohup_keeps_it_when_its_terminal_is_closed(stand_ins):
    first = ports_in_a_row(2)
    process = supervisor(first, "signal.signal(signal.SIGHUP, signal.SIG_IGN); ")
    process.send_signal(signal.SIGHUP)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1)
    process.terminate()
    assert process.wait(30) == 0
    process.stdout.close()


def test_where_rooms_are_kept_is_said_where_nobody_said_it(stand_ins, monkeypatch, capfd):
    leave = threading.Event()
    leave.set()
    for url, words in (("", "rooms.db"), ("sqlite:///r.db", "")):
        monkeypatch.setenv("DATABASE_URL", url) if url else monkeypatch.delenv(
            "DATABASE_URL", False
        )
        first = ports_in_a_row(2)
        serve.serve(1, f":{first}", first + 1, leave)
        said = capfd.readouterr().out
        assert words in said
        assert ("PostgreSQL" in said) == (not url)
