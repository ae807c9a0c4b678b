"""compose.yaml, kubernetes.yaml and the Dockerfile against what they refer to."""

import ipaddress
import json
import re
import shutil
import socketserver
import struct
import subprocess
import sys
import threading
import tomllib
import urllib.request
from contextlib import ExitStack, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import yaml

from tests.attacks.visitor import Visitor
from tests.browser.harness import ROOT, free_port
from tests.serve.many import HAPROXY, needs_haproxy, wait_for

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
KUBERNETES = list(yaml.safe_load_all((ROOT / "deploy" / "kubernetes.yaml").read_text()))
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMMAND = json.loads(re.search(r"^CMD (.*)$", DOCKERFILE, re.MULTILINE)[1])
COPIED = [
    (source, line.split()[-1])
    for line in re.findall(r"^COPY (.+)$", DOCKERFILE, re.MULTILINE)
    for source in line.split()[:-1]
]
PORT = int(COMMAND[-1].removeprefix("--server.port="))


def of_kind(kind, name):
    (found,) = [k for k in KUBERNETES if (k["kind"], k["metadata"]["name"]) == (kind, name)]
    return found


def container(name):
    (found,) = of_kind("Deployment", name)["spec"]["template"]["spec"]["containers"]
    return found


def variables(name):
    return {each["name"]: each["value"] for each in container(name)["env"]}


def test_the_image_has_what_the_app_imports_and_no_more():
    copied = {source for source, _ in COPIED}
    folders = {".streamlit", "assets", "pages", "softmax_core"}
    assert copied == {"requirements.txt", "app.py", "pyproject.toml"} | folders
    assert all((ROOT / each).exists() for each in copied)
    wanted = {line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line[0] == "!"}
    assert wanted == copied
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    version = re.search(r"^FROM python:3\.(\d+)", DOCKERFILE, re.MULTILINE)[1]
    assert int(version) >= int(project["requires-python"].removeprefix(">=3."))


def test_what_compose_refers_to_is_there():
    assert set(SERVICES) == {"database", "app", "proxy"}
    for service in SERVICES.values():
        assert set(service.get("depends_on", {})) <= set(SERVICES)
        assert all(SERVICES[each].get("healthcheck") for each in service.get("depends_on", {}))
        assert set(service["networks"]) <= set(COMPOSE["networks"])
    (mounted,) = SERVICES["proxy"]["volumes"]
    assert (ROOT / mounted.split(":")[0]).is_file()
    (kept,) = SERVICES["database"]["volumes"]
    assert kept.split(":")[0] in COMPOSE["volumes"]
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text()))
    assert all(f"{name}=%s" in (ROOT / "deploy" / "containers.md").read_text() for name in asked)


def test_ports_and_names_agree():
    proxy = SERVICES["proxy"]["environment"]
    assert proxy["APP"] == f"app:{PORT}"
    assert f":{PORT}/_stcore/health" in SERVICES["app"]["healthcheck"]["test"][-1]
    assert SERVICES["proxy"]["ports"][0].split(":")[1] == proxy["BIND"].removeprefix(":")
    database = SERVICES["database"]["environment"]
    url = SERVICES["app"]["environment"]["DATABASE_URL"]
    assert url == (
        f"postgresql://{database['POSTGRES_USER']}:${{PASSWORD}}@database/{database['POSTGRES_DB']}"
    )


def test_the_app_believes_the_proxy_of_compose_and_nobody_else():
    (network,) = COMPOSE["networks"]["inside"]["ipam"]["config"]
    address = SERVICES["proxy"]["networks"]["inside"]["ipv4_address"]
    assert SERVICES["app"]["environment"]["FORWARDED_ALLOW_IPS"] == address
    inside = ipaddress.ip_network(network["subnet"])
    others = ipaddress.ip_network(network["ip_range"])
    assert ipaddress.ip_address(address) in inside
    assert others.subnet_of(inside)
    assert ipaddress.ip_address(address) not in others


def test_kubernetes_names_and_ports_agree():
    for name in ("app", "proxy"):
        labels = of_kind("Deployment", name)["spec"]["template"]["metadata"]["labels"]
        assert of_kind("Deployment", name)["spec"]["selector"]["matchLabels"] == labels
        assert of_kind("Service", name)["spec"]["selector"] == labels
    policy = of_kind("NetworkPolicy", "app")["spec"]
    assert policy["podSelector"]["matchLabels"] == {"app": "app"}
    assert policy["ingress"][0]["from"] == [{"podSelector": {"matchLabels": {"app": "proxy"}}}]
    assert of_kind("Service", "app")["spec"]["clusterIP"] == "None"
    assert variables("proxy")["APP"] == f"app.default.svc.cluster.local:{PORT}"
    ports = {
        container("app")["ports"][0]["containerPort"],
        policy["ingress"][0]["ports"][0]["port"],
    }
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        asked = container("app")[probe]["httpGet"]
        assert asked["path"] == "/_stcore/health"
        ports.add(asked["port"])
    assert ports == {PORT}
    listens = int(variables("proxy")["BIND"].removeprefix(":"))
    assert of_kind("Service", "proxy")["spec"]["ports"][0]["targetPort"] == listens
    assert container("proxy")["image"] == SERVICES["proxy"]["image"]
    assert ipaddress.ip_network(variables("app")["FORWARDED_ALLOW_IPS"]).is_private


@pytest.mark.parametrize("page", ["server.md", "containers.md"])
def test_what_the_pages_link_to_is_there(page):
    text = (ROOT / "deploy" / page).read_text()
    links = re.findall(r"\]\((?!https?:)([^)]+)\)", text)
    assert links
    assert all((ROOT / "deploy" / link).exists() for link in links)


@needs_haproxy
@pytest.mark.parametrize(
    "environment", [SERVICES["proxy"]["environment"], variables("proxy")], ids=["compose", "k8s"]
)
def test_haproxy_accepts_its_configuration_as_it_is_mounted(environment):
    command = [HAPROXY, "-c", "-f", ROOT / "deploy" / "haproxy.cfg"]
    check = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert check.returncode == 0, check.stderr
    assert "WARNING" not in check.stderr


@pytest.mark.slow
def test_the_app_runs_from_what_the_image_has(tmp_path):
    """The Dockerfile's files in an empty folder, and its command."""
    for source, target in COPIED:
        source, target = ROOT / source, tmp_path / target
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target / source.name if target.is_dir() else target)
    port = free_port()
    command = [c.replace(str(PORT), str(port)).replace("0.0.0.0", "127.0.0.1") for c in COMMAND]
    address = f"http://127.0.0.1:{port}"
    app = subprocess.Popen([sys.executable, "-m", *command], cwd=tmp_path)
    try:
        wait_for(f"{address}/_stcore/health")
        for page in ("", "train", "weights", "gradient", "evaluate", "workshop", "about"):
            with Visitor(address, page) as visitor:
                assert not visitor.open().errors
    finally:
        app.terminate()
        with suppress(subprocess.TimeoutExpired):
            app.wait(10)
        app.kill()


class Names(socketserver.BaseRequestHandler):
    """A DNS server in small: each name has the addresses of `server.addresses`."""

    def handle(self):
        question, reply = self.request
        name = question[12 : question.index(0, 12) + 5]
        number = len(self.server.addresses) if name[-4:-2] == b"\0\1" else 0
        answers = [
            b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4" + ipaddress.ip_address(each).packed
            for each in self.server.addresses[:number]
        ]
        counts = struct.pack("!HHHH", 1, number, 0, 0)
        told = question[:2] + b"\x81\x80" + counts + name + b"".join(answers)
        reply.sendto(told, self.client_address)


class Process(BaseHTTPRequestHandler):
    """Says at which address it was asked."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.server_address[0].encode())

    def log_message(self, *_):
        pass


@needs_haproxy
def test_haproxy_finds_the_processes_by_name_and_browsers_stay(tmp_path):
    port, public, threads = free_port(), free_port(), []
    with ExitStack() as stack:
        names = stack.enter_context(socketserver.UDPServer(("127.0.0.1", 0), Names))
        names.addresses = ["127.0.0.2", "127.0.0.3"]
        processes = [ThreadingHTTPServer((each, port), Process) for each in names.addresses]
        for server in (names, *map(stack.enter_context, processes)):
            threads.append(threading.Thread(target=server.serve_forever, daemon=True))
            threads[-1].start()
            stack.callback(server.shutdown)
        config = tmp_path / "haproxy.cfg"
        text = (ROOT / "deploy" / "haproxy.cfg").read_text()
        assert text.count("parse-resolv-conf") == 1
        nameserver = f"nameserver ours 127.0.0.1:{names.server_address[1]}"
        config.write_text(text.replace("parse-resolv-conf", nameserver))
        proxy = subprocess.Popen(
            [HAPROXY, "-db", "-f", config],
            env={"BIND": f"127.0.0.1:{public}", "APP": f"app:{port}"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        stack.callback(proxy.wait)
        stack.callback(proxy.terminate)
        address = f"http://127.0.0.1:{public}"
        wait_for(address)
        came = {}
        while len(came) < 2:
            with urllib.request.urlopen(address) as answer:
                came[answer.headers["set-cookie"].split(";")[0]] = answer.read()
        assert sorted(came.values()) == [b"127.0.0.2", b"127.0.0.3"]
        for cookie, place in [*came.items()] * 5:
            request = urllib.request.Request(address, headers={"cookie": cookie})
            with urllib.request.urlopen(request) as answer:
                assert answer.read() == place
                assert "set-cookie" not in answer.headers
