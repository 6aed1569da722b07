"""What strangers' addresses can make us ask for: the public net, a little of it, and not for long."""

import socket
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from gateways import pictures
from gateways.pictures import NotFetched, fetch, is_public


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
    ],
)  # fmt: skip
def test_addresses_that_are_not_of_the_public_net(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_addresses_of_the_public_net(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://pics.test/a.png", "file:///etc/passwd", "//pics.test/a.png", "pics.test/a.png", "", "https://",
        "http://pics.test:8080/a.png", "http://pics.test:22/", "http://user:word@pics.test/a.png", "http://[::1/",
        "http://127.0.0.1/", "http://2130706433/", "http://[::ffff:127.0.0.1]/", "http://pics.test:99999/",
    ],
)  # fmt: skip
def test_what_is_not_asked_for_at_all(url, monkeypatch):
    monkeypatch.setattr(pictures, "_pool", lambda *a: pytest.fail("it was asked for"))
    with pytest.raises(NotFetched) as error:
        fetch(url, limit=10)
    assert error.value.reason in ("forbidden", "unreachable")


def test_a_name_with_one_address_of_ours_among_others_is_refused(monkeypatch):
    found = [(socket.AF_INET, 1, 6, "", (address, 80)) for address in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **kw: found)
    with pytest.raises(NotFetched) as error:
        fetch("http://pics.test/a.png", limit=10)
    assert error.value.reason == "forbidden"


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/inside":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/latest/meta-data")
        elif self.path == "/round":
            self.send_response(302)
            self.send_header("Location", "/round")
        elif self.path.startswith("/drops"):
            self.wfile.write(b"HTTP/1.0 200 OK\r\n" + (b"\r\n" if self.path == "/drops" else b"X: "))
            with suppress(OSError):
                for _drop in range(50):
                    self.wfile.write(b"x")
                    time.sleep(0.1)
            return
        elif self.path == "/nonsense":
            self.send_response(302)
            self.send_header("Location", "http://[")
        elif self.path == "/moved":
            self.send_response(301)
            self.send_header("Location", "/a.png?x=1")
        else:
            self.send_response(404 if self.path == "/none" else 200)
            self.end_headers()
            self.wfile.write(self.headers["Host"].encode() + b" " + self.path.encode())
            return
        self.end_headers()

    def log_message(self, *args) -> None:
        pass


@pytest.fixture
def site(monkeypatch):
    """`pics.test` leads to a little server of this machine, which counts as public here; all else is as it is."""
    server = HTTPServer(("127.0.0.1", 0), _Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setitem(pictures.PORTS, "http", server.server_port)
    look_up, public = pictures._look_up, pictures.is_public
    monkeypatch.setattr(
        pictures,
        "_look_up",
        lambda host, port: iter(["127.0.0.1"]) if host == "pics.test" else look_up(host, port),
    )
    monkeypatch.setattr(pictures, "is_public", lambda address: address == "127.0.0.1" or public(address))
    yield "http://pics.test"
    server.shutdown()
    server.server_close()


def test_what_is_there_comes_by_its_name(site):
    assert fetch(f"{site}/a.png?x=1", limit=100) == b"pics.test /a.png?x=1"
    assert fetch(f"{site}/moved", limit=100) == b"pics.test /a.png?x=1"


@pytest.mark.parametrize(
    ("path", "limit", "reason"),
    [
        ("/inside", 100, "forbidden"),
        ("/round", 100, "unreachable"),
        ("/nonsense", 100, "unreachable"),
        ("/none", 100, "missing"),
        ("/a.png", 5, "too-large"),
    ],
)
def test_what_does_not_come(site, path, limit, reason):
    with pytest.raises(NotFetched) as error:
        fetch(site + path, limit=limit)
    assert error.value.reason == reason


def test_who_dawdles_is_left(site, monkeypatch):
    monkeypatch.setattr(pictures, "SECONDS", -1.0)
    with pytest.raises(NotFetched) as error:
        fetch(f"{site}/a.png", limit=100)
    assert error.value.reason == "too-slow"


@pytest.mark.parametrize("path", ["/drops", "/drops-of-headers"])
def test_who_sends_drop_by_drop_is_cut_off(site, monkeypatch, path):
    monkeypatch.setattr(pictures, "SECONDS", 0.5)
    began = time.monotonic()
    with pytest.raises(NotFetched) as error:
        fetch(site + path, limit=100)
    assert error.value.reason == "too-slow" and time.monotonic() - began < 3
