"""The proxy's configuration, in a real nginx before the app, where one is installed."""

import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from tests.attacks.visitor import Visitor
from tests.browser.harness import free_port, serving

CONF = Path(__file__).parents[2] / "deploy" / "nginx.conf"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed"),
    pytest.mark.xdist_group("attacks"),
]


@pytest.fixture(scope="module")
def proxy(tmp_path_factory):
    """The address of an nginx with the shipped configuration: other ports, another folder."""
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    with serving() as app:
        conf = CONF.read_text().replace("listen 80;", f"listen 127.0.0.1:{port};")
        conf = conf.replace("127.0.0.1:8501", app.removeprefix("http://"))
        paths = "".join(
            f"{name}_temp_path {folder}/{name};"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        conf = conf.replace("http {", f"http {{ access_log off; {paths}", 1)
        path = folder / "nginx.conf"
        path.write_text(f"daemon off; pid {folder}/pid; error_log {folder}/log;\n{conf}")
        process = subprocess.Popen([NGINX, "-p", folder, "-c", path], stderr=subprocess.DEVNULL)
        try:
            for _ in range(100):
                with closing(socket.socket()) as probe:
                    if not probe.connect_ex(("127.0.0.1", port)):
                        break
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


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


def test_what_is_not_for_visitors_is_not_there(proxy):
    assert status(f"{proxy}/_stcore/metrics")[0] == 404
    assert status(f"{proxy}/_stcore/agent/openapi.json")[0] == 404


def test_bodies_are_bounded(proxy):
    assert status(f"{proxy}/", data=bytes(7_000_000), method="PUT")[0] == 413


def test_an_address_may_not_open_connections_without_end(proxy):
    opened = []
    with pytest.raises(InvalidStatus) as refused:
        for _ in range(200):
            opened.append(Visitor(proxy))
    assert refused.value.response.status_code == 429
    assert 50 <= len(opened) < 200
    for visitor in opened:
        visitor.cut()
