"""What ten thousand stores on one PostgreSQL cost against two: finding the store of a host, a page of a shop, the
platform's list.

    python -m bench.stores [--stores 10000] [--few 2] [--times 40]

Databases on the same throw-away server, asked in turn in one run, so that whatever else the machine does slows all.
Figures are medians. What lists stores is held against a database with just a page of them, as two rows are drawn
faster than a hundred. Promised: no line but the search is slower than 1.5 times.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

PROMISED = 1.5
PAGE = 100  # stores on the longest page
SCANS = "API: stores, by word"  # looks at every store, and is told only
BREATH = 0.05  # seconds
PRODUCTS = 60  # of the store whose pages are asked for
SHELF = 5  # products of each other store
EMAIL, PASSWORD = "pat@bench.test", "Demo-Pass-1"
SHOP = "bench"


# --- the side that is measured: a process of its own for each database ----------------------------------------------


def fill(stores: int) -> None:
    """The store of the bench whole, and the others by a few INSERT … SELECT: an admin, some products, a domain."""
    from flask_migrate import upgrade
    from sqlalchemy import text

    from bench.fill import Filler
    from kit.db import Base, db
    from services import platform

    upgrade()
    filler = Filler(PRODUCTS)
    filler.fill()
    platform.ensure_first_sysadmin(EMAIL, PASSWORD)
    db.session.remove()
    tables = Base.metadata.tables

    def copied(table: str, source: str, **instead: str) -> str:
        names = [column.name for column in tables[table].c]
        values = ", ".join(instead.get(name, f"s.{name}") for name in names)
        return f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {source}"

    template = {"template": filler.tenant_id}
    with db.engine.begin() as connection:
        for statement in (
            copied("tenants", "tenants s, generate_series(1, :more) n WHERE s.id = :template", id="gen_random_uuid()",
                   slug="'store-' || n", name="'Store ' || n", contact_email="'hello@store-' || n || '.test'",
                   created_at="s.created_at - n * interval '1 minute'"),
            copied("users", "platform_users p, tenants t CROSS JOIN LATERAL (SELECT p.*) s WHERE t.id <> :template",
                   id="gen_random_uuid()", tenant_id="t.id", email="t.contact_email", email_key="t.contact_email",
                   role="'admin'", note="''", erased_at="NULL", **_plain_users(tables)),
            copied("products", "tenants t CROSS JOIN (SELECT * FROM products WHERE tenant_id = :template "
                   f"ORDER BY id LIMIT {SHELF}) s WHERE t.id <> :template", id="gen_random_uuid()", tenant_id="t.id"),
            copied("tenant_domains", "tenants s WHERE s.id <> :template AND s.slug LIKE '%0'", id="gen_random_uuid()",
                   tenant_id="s.id", host="s.slug || '.shops.test'", verified_at="s.created_at", is_primary="true",
                   **_plain_domains(tables)),
        ):  # fmt: skip
            connection.execute(text(statement), {**template, "more": stores - 1})
        connection.exec_driver_sql("ANALYZE")


def _defaults(table: Any, known: set[str]) -> dict[str, str]:
    """Columns that the source has not: NULL, or what stands for nothing."""
    found = {}
    for column in table.c:
        if column.name in known:
            continue
        kind = str(column.type).upper()
        empty = "'{}'" if "JSON" in kind else "false" if "BOOL" in kind else "0" if "INT" in kind else "''"
        found[column.name] = "NULL" if column.nullable else empty
    return found


def _plain_users(tables: Any) -> dict[str, str]:
    known = {column.name for column in tables["platform_users"].c}
    told = {"tenant_id", "note", "erased_at"}
    return _defaults(tables["users"], known | told)


def _plain_domains(tables: Any) -> dict[str, str]:
    return _defaults(
        tables["tenant_domains"], {"id", "tenant_id", "host", "verified_at", "is_primary", "created_at"}
    )


def questions(app: Any) -> dict[str, Callable[[], Any]]:
    """What is asked, each once. What a process keeps in memory is as in a server that has been running for a while,
    but where the name says otherwise."""
    from kit import cache
    from kit.db import db
    from services import platform, tenants

    client = app.test_client()
    hosts = [f"{store.slug}.localhost" for store in platform.list_all()]
    db.session.remove()
    chance = random.Random(1)
    known = chance.sample(hosts, min(len(hosts), 500))
    for host in known:
        tenants.find_by_host(host)
    token = client.post(
        "/api/auth/login", base_url="http://localhost", json={"email": EMAIL, "password": PASSWORD}
    )
    bearer = {"Authorization": f"Bearer {token.json['access_token']}"}
    came = client.post("/platform/login", base_url="http://localhost", data={"email": EMAIL, "password": PASSWORD},
                       headers={"Sec-Fetch-Site": "same-origin"})  # fmt: skip
    if came.status_code != 303:
        raise SystemExit(f"signing in answered {came.status_code}")

    def get(path: str, host: str = "localhost", **headers: str) -> None:
        answer = client.get(path, base_url=f"http://{host}", headers=headers)
        if answer.status_code != 200:
            raise SystemExit(f"{host}{path} answered {answer.status_code}")

    def shop(path: str, *, afresh: bool = False) -> Callable[[], None]:
        visitor = app.test_client(use_cookies=False)

        def ask() -> None:
            if afresh:
                app.extensions["vitrine_clear"]()
            answer = visitor.get(path, base_url=f"http://{SHOP}.localhost")
            if answer.status_code != 200:
                raise SystemExit(f"{path} answered {answer.status_code}")

        return ask

    def look(host: Callable[[], str], *, afresh: bool = False) -> Callable[[], None]:
        def ask() -> None:
            if afresh:
                cache.clear_all()
            if tenants.find_by_host(host()) is None:
                raise SystemExit("a store was not found")

        return ask

    return {
        "host lookup, the same host": look(lambda: hosts[0]),
        "host lookup, hosts seen before": look(lambda: chance.choice(known)),
        "host lookup, first look at a host": look(lambda: chance.choice(hosts), afresh=True),
        "listing, kept": shop("/products"),
        "listing, made": shop("/products", afresh=True),
        "home page, made": shop("/", afresh=True),
        "API: stores": lambda: get("/api/sysadmin/tenants?page_size=20", **bearer),
        "API: stores, by word": lambda: get("/api/sysadmin/tenants?page_size=20&search=bench", **bearer),
        "console: stores": lambda: get("/platform/stores"),
        "landing page": lambda: get("/"),
        "console: dashboard": lambda: get("/platform/dashboard"),
    }


def serve() -> None:
    """Reads `fill N`, or the name of a question; answers a line of JSON."""
    from app import create_app

    app = create_app()
    told = sys.stdout
    with app.app_context():
        asked: dict[str, Callable[[], Any]] = {}
        for line in sys.stdin:
            word, _space, rest = line.strip().partition(" ")
            answer: Any = None
            if word == "fill":
                fill(int(rest))
                asked = questions(app)
                answer = list(asked)
            else:
                answer = in_one_breath(asked[line.strip()])
            print(json.dumps(answer), file=told, flush=True)


def in_one_breath(ask: Callable[[], Any]) -> float:
    """Milliseconds of one; what is quick is asked until it can be measured."""
    began, times = time.perf_counter(), 0
    while times < 3 or time.perf_counter() - began < BREATH:
        ask()
        times += 1
    return (time.perf_counter() - began) / times * 1000


# --- the side that asks -----------------------------------------------------------------------------------------------


class Side:
    """One database with so many stores, and the process that answers from it."""

    def __init__(self, process: subprocess.Popen):
        self.process = process

    def ask(self, line: str) -> Any:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"the process ended at {line!r}")
        return json.loads(answer)


@contextmanager
def side(stores: int, server: Any, folder: Path) -> Iterator[Side]:
    from bench.__main__ import environment
    from tests import servers

    name = f"bench_stores_{stores}"
    servers.make_template(server.url, name, lambda url: None)
    folder = folder / name
    folder.mkdir()
    env = {**os.environ, **environment(servers.database_url(server.url, name), folder, page_cache=True)}
    process = subprocess.Popen([sys.executable, "-m", "bench.stores", "--serve"], env=env, text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        yield Side(process)
    finally:
        process.terminate()
        process.wait()


def compare(few: Side, many: Side, name: str, times: int) -> tuple[float, float, float]:
    """Milliseconds of both, and how many times slower the larger is: the median over pairs asked one after another."""
    for one in (few, many):
        one.ask(name)
    pairs = [(few.ask(name), many.ask(name)) for _ in range(times)]
    ratio = statistics.median(large / small for small, large in pairs)
    return statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs), ratio


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.stores",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--stores", type=int, default=10_000, help="in the large database (default %(default)s)"
    )
    parser.add_argument("--few", type=int, default=2, help="in the small one (default %(default)s)")
    parser.add_argument(
        "--times", type=int, default=40, help="pairs of answers per line (default %(default)s)"
    )
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve()
        return 0
    from tests import servers

    console, figures = Console(width=120), {}
    with tempfile.TemporaryDirectory(prefix="vitrine-bench-") as top, ExitStack() as stack:
        server = servers.shared_postgresql()
        sides = {}
        for number in dict.fromkeys((options.few, PAGE, options.stores)):
            began = time.perf_counter()
            sides[number] = stack.enter_context(side(number, server, Path(top)))
            names = sides[number].ask(f"fill {number}")
            console.print(f"{number} stores made in {time.perf_counter() - began:.1f} s")
        for name in names:
            number = PAGE if name.startswith(("API", "console", "landing")) else options.few
            figures[name] = number, *compare(sides[number], sides[options.stores], name, options.times)
    table = Table("what", "against", "there", f"with {options.stores} stores", "times")
    for name, (number, small, large, ratio) in figures.items():
        late = "[red]" if ratio > PROMISED and name != SCANS else ""
        table.add_row(name, f"{number} stores", f"{small:.2f} ms", f"{large:.2f} ms", f"{late}{ratio:.2f}")
    console.print(table)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    return int(any(ratio > PROMISED for name, (*_, ratio) in figures.items() if name != SCANS))


if __name__ == "__main__":
    sys.exit(main())
