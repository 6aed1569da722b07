"""CPU time and queries per request in one process: what the served figures rest on, steady on a busy machine.

    python -m bench.cpu --products 60,10000 --db sqlite [--profile "listing, kept"]

Each figure is the CPU time of one call of the application, the least over several batches, as a ratio of a bare Flask
hello called the same way. What the database server spends is not in it.
"""

import argparse
import cProfile
import io
import json
import os
import pstats
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import flows
from bench.hello import app as hello

Step = Callable[[], object]
PAUSES = 9  # batches per figure; the least counts


class Caller:
    """Calls an application as a server would, without a server."""

    def __init__(self, wsgi: Callable[..., Any], host: str = flows.HOST):
        self.wsgi, self.host = wsgi, host
        self.status, self.headers = "", {}

    def environ(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
        path, _mark, query = path.partition("?")
        made = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "127.0.0.1",
                "SERVER_PORT": "8000", "HTTP_HOST": self.host, "SERVER_PROTOCOL": "HTTP/1.1",
                "REMOTE_ADDR": "127.0.0.1",
                "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body),
                "wsgi.errors": io.StringIO(), "wsgi.multithread": True, "wsgi.multiprocess": True,
                "wsgi.run_once": False}  # fmt: skip
        if body:
            made |= {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body))}
        return made | {"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers.items()}

    def call(self, method: str, path: str, body: dict | None = None, **headers: str) -> bytes:
        raw = json.dumps(body).encode() if body is not None else b""
        answer = self.wsgi(self.environ(method, path, raw, headers), self._start)
        try:
            found = b"".join(answer)
        finally:
            if close := getattr(answer, "close", None):
                close()
        if int(self.status[:3]) >= 400:
            raise SystemExit(f"{method} {path}: {self.status} {found[:500]!r}")
        return found

    def _start(self, status: str, headers: list[tuple[str, str]], error: Any = None) -> None:
        self.status, self.headers = status, dict(headers)

    def get(self, path: str, **headers: str) -> Step:
        return lambda: self.call("GET", path, **headers)


class Shopper(flows.Shopper):
    """The same shopper without a connection."""

    def __init__(self, caller: Caller, product_ids: list[str]):
        self.caller, self.products, self.session = caller, product_ids, ""
        self.random = random.Random(1)

    def call(self, method: str, path: str, body: dict | None = None) -> bytes:
        headers = {"X_Session_Id": self.session} if self.session else {}
        text = self.caller.call(method, path, body, **headers)
        self.session = self.caller.headers.get("X-Session-ID") or self.session
        return text


def cpu_of(step: Step, seconds: float = 0.25) -> float:
    """Seconds of CPU per step."""
    began = time.process_time()
    step()
    batch = max(1, round(seconds / max(1e-6, time.process_time() - began)))
    best = 1e9
    for _ in range(PAUSES):
        began = time.process_time()
        for _ in range(batch):
            step()
        best = min(best, (time.process_time() - began) / batch)
    return best


def steps(caller: Caller) -> dict[str, tuple[Step, bool]]:
    """What is measured, and whether pages may be kept for it."""
    products = json.loads(caller.call("GET", "/api/products?page_size=100"))["items"]
    simple = [p["id"] for p in products if not p["variants"]]
    varied = next(p["slug"] for p in products if p["variants"])
    caller.call("GET", "/products")
    etag = caller.headers["ETag"]
    adding, ordering, filled = (Shopper(caller, simple) for _ in range(3))
    for _ in range(5):
        filled.add()
    n = iter(range(10**9))

    def add() -> None:
        if next(n) % 20 == 0:  # a cart of a human size
            adding.session = ""
        adding.add()

    return {
        "listing, kept": (caller.get("/products"), True),
        "product page, kept": (caller.get(f"/products/{varied}"), True),
        "listing, 304": (caller.get("/products", If_None_Match=etag), True),
        "listing, kept, visitor's cart": (caller.get("/products", Cookie=f"cart={filled.session}"), True),
        "listing, counts warm": (caller.get("/products"), False),
        "listing, filtered": (caller.get("/products?option=colour:navy&in_stock=1&sort=price"), False),
        "category": (caller.get("/categories/category-3"), False),
        "product page": (caller.get(f"/products/{varied}"), False),
        "search": (caller.get("/search?q=serra+lamp"), False),
        "API list of 20, kept": (caller.get("/api/products?page_size=20"), True),
        "API list of 20": (caller.get("/api/products?page_size=20"), False),
        "API product": (caller.get(f"/api/products/{varied}"), True),
        "cart page of 5": (caller.get("/cart", Cookie=f"cart={filled.session}"), True),
        "add to cart": (add, True),
        "guest order": (ordering.order, True),
    }


def measure(url: str, folder: Path, only: str, profile: bool) -> dict[str, tuple[float, float, int]]:
    """(seconds, ratio to hello, queries of one step) by what was measured."""
    from bench.__main__ import environment

    os.environ.update(environment(url, folder, page_cache=True))
    from dataclasses import replace

    from app import create_app
    from tests.queries import count_queries

    app = create_app()
    caller, yardstick = Caller(app.wsgi_app), cpu_of(Caller(hello.wsgi_app).get("/"))
    figures = {}
    for name, (step, keeps) in steps(caller).items():
        if only and only != name:
            continue
        app.config["VITRINE"] = replace(app.config["VITRINE"], page_cache=keeps)
        step()
        with count_queries() as queries:
            step()
        if profile:
            for query in queries:
                print("--", query.replace("\n", " ")[:300])
            _profile(step)
        yardstick = min(yardstick, cpu_of(Caller(hello.wsgi_app).get("/"), 0.1))
        took = cpu_of(step)
        figures[name] = took, yardstick / took, len(queries)
    return figures


def _profile(step: Step) -> None:
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(200):
        step()
    profiler.disable()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(45)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.cpu", description=__doc__)
    parser.add_argument("--products", type=int, default=60)
    parser.add_argument("--url", help="a database that is filled already (default: a new one on SQLite)")
    parser.add_argument("--only", default="", help="measure this alone")
    parser.add_argument(
        "--profile", action="store_true", help="also print the queries, and where the time goes"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vitrine-bench-") as top:
        url = options.url
        if not url:
            from bench.__main__ import prepare

            url = f"sqlite:///{top}/bench.sqlite"
            prepare(url, Path(top), options.products)
        figures = measure(url, Path(top), options.only, options.profile)
    table = Table("what", "µs", "ratio to hello", "queries")
    for name, (took, ratio, queries) in figures.items():
        table.add_row(name, f"{took * 1e6:.0f}", f"{ratio:.4f}", str(queries))
    Console().print(table)


if __name__ == "__main__":
    main()
