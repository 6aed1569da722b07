"""What shoppers do, as clients of the JSON API do it."""

import json
import random
import re
import socket
from collections.abc import Callable

HOST = "bench.localhost"
SESSION, LENGTH = re.compile(rb"(?i)\r\nX-Session-ID: (\S+)"), re.compile(rb"(?i)\r\nContent-Length: (\d+)")
ADDRESS = {"first_name": "Ana", "last_name": "Silva", "line1": "Rua Nova 1", "city": "Lisboa",
           "postal_code": "1100-001", "country": "PT"}  # fmt: skip


class Shopper:
    """One guest with one kept connection and one cart. Speaks HTTP by hand: what the client costs is taken from the
    server, which shares the machine."""

    def __init__(self, port: int, product_ids: list[str]):
        self.port = port
        self._connect()
        self.products = product_ids
        self.session = ""
        self.random = random.Random(id(self))

    def _connect(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call(self, method: str, path: str, body: dict | None = None) -> bytes:
        sent = json.dumps(body).encode() if body is not None else b""
        head = f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
        if self.session:
            head += f"X-Session-ID: {self.session}\r\n"
        self.socket.sendall(f"{head}Content-Length: {len(sent)}\r\n\r\n".encode() + sent)
        status, headers, text = self._answer()
        if found := SESSION.search(headers):
            self.session = found[1].decode()
        if b"\r\nConnection: close" in headers:
            self._connect()
        if status >= 300:
            raise SystemExit(f"{method} {path}: {status} {text[:300]!r}")
        return text

    def _answer(self) -> tuple[int, bytes, bytes]:
        got = b""
        while (end := got.find(b"\r\n\r\n")) < 0:
            got += self._more()
        headers, text = got[: end + 2], got[end + 4 :]
        length = LENGTH.search(headers)
        if length is None:
            raise SystemExit(f"an answer of unknown length: {headers!r}")
        while len(text) < int(length[1]):
            text += self._more()
        return int(headers[9:12]), headers, text

    def _more(self) -> bytes:
        part = self.socket.recv(65_536)
        if not part:
            raise SystemExit("the server has closed the connection")
        return part

    def add(self) -> bytes:
        return self.call(
            "POST", "/api/cart/items", {"product_id": self.random.choice(self.products), "quantity": 1}
        )

    def order(self) -> None:
        """A whole guest order: a new cart, a thing in it, placed with bank transfer."""
        self.session = ""
        self.add()
        options = json.loads(
            self.call(
                "GET", "/api/shipping/calculate?country=PT&postal_code=1100-001&weight=0.500&total=20.00"
            )
        )
        self.call("POST", "/api/orders/checkout", {
            "email": f"guest{self.random.randrange(10**9)}@bench.test", "shipping_address": ADDRESS,
            "shipping_method_id": options["items"][0]["id"], "payment_method": "bank_transfer",
        })  # fmt: skip


def adding(port: int, product_ids: list[str]) -> Callable[[], Callable[[], object]]:
    def make() -> Callable[[], object]:
        shopper = Shopper(port, product_ids)
        n = 0

        def step() -> None:
            nonlocal n
            n += 1
            if n % 20 == 0:  # a cart of a human size
                shopper.session = ""
            shopper.add()

        return step

    return make


def ordering(port: int, product_ids: list[str]) -> Callable[[], Callable[[], object]]:
    return lambda: Shopper(port, product_ids).order
