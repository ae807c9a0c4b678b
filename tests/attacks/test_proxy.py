"""Both proxies' configurations, each in the real program before the app, where it is installed."""

import http.client
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from websockets.exceptions import InvalidStatus

from deploy.serve import TEMPLATE, configuration
from tests.attacks.visitor import Visitor
from tests.browser.harness import free_port, serving
from tests.serve.many import HAPROXY

CONF = Path(__file__).parents[2] / "deploy" / "nginx.conf"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("attacks")]


def nginx(folder, port, app):
    """The command of an nginx with the shipped configuration: other ports, another folder."""
    conf = CONF.read_text().replace("listen 80;", f"listen 127.0.0.1:{port};")
    conf = conf.replace("127.0.0.1:8501", f"127.0.0.1:{app}").replace("/var/tmp", str(folder))
    paths = "".join(
        f"{name}_temp_path {folder}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    conf = conf.replace("http {", f"http {{ access_log off; {paths}", 1)
    path = folder / "nginx.conf"
    path.write_text(f"daemon off; pid {folder}/pid; error_log {folder}/log;\n{conf}")
    return [NGINX, "-p", folder, "-c", path], {}


def haproxy(folder, port, app):
    """The command of an HAProxy with the configuration of `make serve`."""
    path = folder / "haproxy.cfg"
    path.write_text(configuration([app], TEMPLATE.read_text()))
    return [HAPROXY, "-db", "-f", path], {"BIND": f"127.0.0.1:{port}"}


def proxies():
    for command, program in ((nginx, NGINX), (haproxy, HAPROXY)):
        name = command.__name__
        missing = pytest.mark.skipif(program is None, reason=f"{name} is not installed")
        yield pytest.param(command, id=name, marks=missing)


@contextmanager
def running(command, folder, app):
    """The address of a proxy before a port of this machine."""
    port = free_port()
    line, environment = command(folder, port, app)
    process = subprocess.Popen(line, env=environment, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            assert process.poll() is None, "the proxy has ended"
            with closing(socket.socket()) as probe:
                if not probe.connect_ex(("127.0.0.1", port)):
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module", params=proxies())
def proxy(request, tmp_path_factory):
    """The address of a proxy before the app."""
    with serving() as app:
        port = int(app.rpartition(":")[2])
        with running(request.param, tmp_path_factory.mktemp("proxy"), port) as address:
            yield address


@pytest.fixture(params=proxies())
def mirror(request, tmp_path):
    """The address of a proxy before a program that answers with the headers that it was sent."""

    class Mirror(BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps(self.headers.items()).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    server.handle_error = lambda *_: None  # a look at its health does not wait for the answer
    Thread(target=server.serve_forever, daemon=True).start()
    with running(request.param, tmp_path, server.server_port) as address:
        yield address
    server.shutdown()
    server.server_close()


def status(address, **options):
    try:
        request = urllib.request.Request(address, **options)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.headers


def test_pages_drawings_and_files_pass(proxy):
    code, headers = status(proxy)
    assert code == 200
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "Server" not in headers or "/" not in headers["Server"]
    with Visitor(proxy) as visitor:
        visitor.open()
        visitor.draw([[(100.0, 60.0), (100.0, 260.0)]])
        assert visitor.put("a.png", bytes(100_000))
        assert not visitor.errors


@pytest.mark.parametrize(
    "path", ["/_stcore/metrics", "/_stcore/agent/openapi.json", "/_stcore/%6detrics"]
)
def test_what_is_not_for_visitors_is_not_there(proxy, path):
    assert status(proxy + path)[0] == 404


def test_bodies_are_bounded(proxy):
    client = http.client.HTTPConnection(proxy.removeprefix("http://"), timeout=20)
    client.putrequest("PUT", "/")
    client.putheader("content-length", "10000000")
    client.endheaders()
    assert client.getresponse().status == 413
    client.close()


def test_a_link_with_a_drawing_and_weights_passes(proxy):
    assert status(f"{proxy}/?weights={'a' * 8_000}")[0] == 200


def test_a_class_of_phones_may_ask_its_room(proxy):
    """150 phones ask 125 times a second; here 800 questions and then files, as fast as it goes."""
    client = http.client.HTTPConnection(proxy.removeprefix("http://"), timeout=20)
    refused = []
    for path in ["/room/-"] * 800 + ["/static/js/none.js"] * 2_000:
        client.request("GET", path)
        answer = client.getresponse()
        answer.read()
        refused += [path] if answer.status == 429 else []
    client.close()
    assert refused == []


def test_an_address_may_not_open_connections_without_end(proxy):
    opened = []
    with pytest.raises(InvalidStatus) as refused:
        for _ in range(300):
            opened.append(Visitor(proxy))
    assert refused.value.response.status_code == 429
    assert 50 <= len(opened) < 250
    for visitor in opened:
        visitor.cut()


def test_the_address_of_a_visitor_is_what_the_proxy_sees(mirror):
    said = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
    with urllib.request.urlopen(urllib.request.Request(mirror, headers=said), timeout=20) as answer:
        seen = [(name.lower(), value) for name, value in json.load(answer)]
    assert [value for name, value in seen if name == "x-forwarded-for"] == ["127.0.0.1"]
    assert [value for name, value in seen if name == "x-forwarded-proto"] == ["http"]
