"""Pictures fetched from addresses that people gave us. Whatever is inside of our own network is out of their reach.

A name is asked for once, all it leads to must be public, and the connection goes to that very address: a name that
says something else a moment later gains nothing. Each redirect is looked at in the same way.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import IPv6Network, ip_address
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from kit.db import is_writing

PORTS = {"http": 80, "https": 443}
_TRANSLATED = IPv6Network("64:ff9b::/96")  # leads to any address of IPv4
REDIRECTS_MAX = 3
SECONDS = 20.0  # for all of it
_PAUSE = 5.0  # between two pieces of it
_PIECE = 64 * 1024
_HEADERS = {"User-Agent": "Vitrine picture import", "Accept": "image/*"}


class NotFetched(Exception):
    """`reason`: one of unreachable, forbidden, missing, too-large, too-slow."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


def fetch(url: str, *, limit: int) -> bytes:
    """What is there, of `limit` bytes at most. Whether it is a picture is for the caller to find out."""
    if is_writing():
        raise RuntimeError("pictures are not fetched inside a transaction")
    until = time.monotonic() + SECONDS
    for _step in range(REDIRECTS_MAX + 1):
        found, further = _get(url, limit, until)
        if found is not None:
            return found
        url = further
    raise NotFetched("unreachable")


def _get(url: str, limit: int, until: float) -> tuple[bytes | None, str]:
    """(what is there, "") or (None, where it is instead)."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise NotFetched("forbidden") from error
    if parts.scheme not in PORTS or not host or parts.username or port not in (None, PORTS[parts.scheme]):
        raise NotFetched("forbidden")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        with _pool(parts, _address_of(host, PORTS[parts.scheme])) as pool, _cut_off(pool, until):
            answer = pool.urlopen(
                "GET", path, headers=_HEADERS | {"Host": host}, redirect=False, retries=False,
                preload_content=False, assert_same_host=False,
            )  # fmt: skip
            with answer:
                found, further = _read(answer, limit, until)
                return found, urljoin(url, further)
    except (HTTPError, OSError, ValueError) as error:  # … also where it leads to what is no address
        raise NotFetched("too-slow" if time.monotonic() > until else "unreachable") from error


@contextmanager
def _cut_off(pool: Any, until: float) -> Iterator[None]:
    """Who sends an answer drop by drop is never silent for long, and would keep a worker for days: the line is cut."""
    lines: list[socket.socket] = []
    make, is_over = pool.ConnectionCls, threading.Event()

    def noted(**asked: Any) -> Any:
        connection = make(**asked)
        connect = connection.connect

        def connected() -> None:
            connect()
            lines.append(connection.sock)

        connection.connect = connected
        return connection

    def watch() -> None:
        is_over.wait(max(0.0, until - time.monotonic()))
        while not is_over.wait(0.1):
            for line in lines:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)

    pool.ConnectionCls = noted
    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        is_over.set()


def _pool(parts: SplitResult, address: str) -> Any:
    """To the address, in the name of the host."""
    timeout = urllib3.Timeout(connect=_PAUSE, read=_PAUSE)
    if parts.scheme == "http":
        return urllib3.HTTPConnectionPool(address, PORTS["http"], timeout=timeout)
    return urllib3.HTTPSConnectionPool(
        address, PORTS["https"], timeout=timeout, server_hostname=parts.hostname, assert_hostname=parts.hostname,
        cert_reqs="CERT_REQUIRED",
    )  # fmt: skip


def _read(answer: Any, limit: int, until: float) -> tuple[bytes | None, str]:
    if answer.status in (301, 302, 303, 307, 308) and (further := answer.headers.get("Location")):
        return None, further
    if answer.status != 200:
        raise NotFetched("missing")
    pieces, size = [], 0
    for piece in answer.stream(_PIECE, decode_content=True):
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise NotFetched("too-large")
    if time.monotonic() > until:  # it may have been cut off: that is no whole picture
        raise NotFetched("too-slow")
    return b"".join(pieces), ""


def _address_of(host: str, port: int) -> str:
    """The first of the name's addresses; refused where any of them is not of the public net."""
    found = list(_look_up(host, port))
    if not found or not all(map(is_public, found)):
        raise NotFetched("forbidden" if found else "unreachable")
    return found[0]


def _look_up(host: str, port: int) -> Iterator[str]:
    for _family, _kind, _protocol, _name, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        yield str(where[0])


def is_public(address: str) -> bool:
    """No network of ours or of nobody's, no address of the machine itself, also not written as one of IPv6."""
    found = ip_address(address.partition("%")[0])
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    if inner is not None and not inner.is_global:
        return False
    if found.version == 6 and found in _TRANSLATED:
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved
