"""What shoppers do, as clients of the JSON API do it."""

import http.client
import json
import random
from collections.abc import Callable

HOST = "bench.localhost"
ADDRESS = {"first_name": "Ana", "last_name": "Silva", "line1": "Rua Nova 1", "city": "Lisboa",
           "postal_code": "1100-001", "country": "PT"}  # fmt: skip


class Shopper:
    """One guest with one kept connection and one cart."""

    def __init__(self, port: int, product_ids: list[str]):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.products = product_ids
        self.session: str | None = None
        self.random = random.Random(id(self))

    def call(self, method: str, path: str, body: dict | None = None) -> dict:
        headers = {"Host": HOST, "Content-Type": "application/json"}
        if self.session:
            headers["X-Session-ID"] = self.session
        self.connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        self.session = answer.getheader("X-Session-ID") or self.session
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {text[:300]!r}")
        return json.loads(text) if text else {}

    def add(self) -> dict:
        return self.call(
            "POST", "/api/cart/items", {"product_id": self.random.choice(self.products), "quantity": 1}
        )

    def order(self) -> None:
        """A whole guest order: a new cart, a thing in it, placed with bank transfer."""
        self.session = None
        self.add()
        options = self.call(
            "GET", "/api/shipping/calculate?country=PT&postal_code=1100-001&weight=0.500&total=20.00"
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
                shopper.session = None
            shopper.add()

        return step

    return make


def ordering(port: int, product_ids: list[str]) -> Callable[[], Callable[[], object]]:
    return lambda: Shopper(port, product_ids).order
