"""The back office with a large catalogue: the product list, search as one types, and ten thousand prices at once.

    python -m bench.backoffice --products 1000,10000 --db sqlite,postgresql [--only list|bulk]

Pages are called in one process without a server; the figures are of the machine as it is now. Promised: the list and
the search 250 ms at p95, ten thousand prices 10 s, and afterwards undone exactly.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

HOST, PASSWORD = "http://bench.localhost", "Demo-Pass-1"
LIST_MS, BULK_SECONDS, BULK_ROWS = 250.0, 10.0, 10_000
PAGES = {
    "list, newest first": "/admin/products?view=all",
    "list, by name": "/admin/products?view=all&sort=name&size=100",
    "list, by price, page 20": "/admin/products?view=all&sort=price&dir=desc&page=20",
    "list, by stock": "/admin/products?view=all&sort=stock",
    "list, by category": "/admin/products?view=all&sort=category",
    "list, drafts": "/admin/products?view=draft",
    "list, on sale, from 50": "/admin/products?extra=sale&price_min=50",
    "type: s": "/admin/products?q=s",
    "type: se": "/admin/products?q=se",
    "type: ser": "/admin/products?q=ser",
    "type: serra la": "/admin/products?q=serra+la",
    "type: serra lamp": "/admin/products?q=serra+lamp",
    "type: B-0001": "/admin/products?q=B-0001",
    "type: a slip": "/admin/products?q=lmap",
}


def percentile(times: list[float], part: float) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, round(part * (len(ordered) - 1)))]


def manager() -> Any:
    """Somebody who may, in the store of the bench."""
    from sqlalchemy import select

    from kit.actor import Actor, Role
    from kit.db import db, transaction
    from kit.passwords import hash_password
    from models.accounts import User

    user = db.session.scalar(select(User).where(User.email_key == "mia@bench.test"))
    if user is None:  # a store that was kept has her already
        user = User(email="mia@bench.test", email_key="mia@bench.test", role=Role.MANAGER, first_name="Mia",
                    password_hash=hash_password(PASSWORD))  # fmt: skip
        with transaction():
            db.session.add(user)
    return Actor("user", id=user.id, role=Role.MANAGER, name="Mia", email=user.email)


def measure_list(app: Any, actor: Any, times: int) -> dict[str, tuple[float, float, float, int]]:
    """(first, p50, p95 in ms, queries) by page. The first answer has its numbers to count."""
    from tests.queries import count_queries

    found = {}
    client, headers = app.test_client(), {"Sec-Fetch-Site": "same-origin"}
    signed_in = client.post(
        "/login", base_url=HOST, data={"email": actor.email, "password": PASSWORD}, headers=headers
    )
    if signed_in.status_code != 303:
        raise SystemExit(f"signing in answered {signed_in.status_code}")
    for name, path in PAGES.items():

        def once(path: str = path) -> float:
            began = time.perf_counter()
            answer = client.get(path, base_url=HOST, headers={"HX-Request": "true"})
            if answer.status_code != 200:
                raise SystemExit(f"{path} answered {answer.status_code}")
            return (time.perf_counter() - began) * 1000

        first = once()
        took = [once() for _ in range(times)]
        with count_queries() as queries:
            once()
        found[name] = first, percentile(took, 0.5), percentile(took, 0.95), len(queries)
    return found


def measure_bulk(actor: Any, rows: int) -> tuple[int, dict[str, float], dict[str, float]]:
    """How many prices were changed, and the seconds of the dry run, the work and the undoing: on the wall, and of this
    process."""
    from services import batches
    from services.catalog import bulk, staff_list
    from services.catalog.staff_list import StaffFilter
    from tests import whole_catalogue

    before = whole_catalogue.digests()
    took: dict[str, float] = {}
    cpu: dict[str, float] = {}

    def timed(name: str, act: Callable[[], Any]) -> Any:
        began, worked = time.perf_counter(), time.process_time()
        result = act()
        took[name], cpu[name] = time.perf_counter() - began, time.process_time() - worked
        return result

    things = staff_list.list_chosen(StaffFilter(), limit=rows)
    sent = {"how": "percent", "percent": "-10", "rounding": "ninety_nine", "with_sale": True}
    ident = timed("prepare", lambda: bulk.prepare("price", sent, things, actor=actor).id)
    timed("dry run", lambda: _work(ident))
    batches.start_prepared(ident, actor=actor)
    timed("change", lambda: _work(ident))
    changed = batches.get_batch(ident).changed
    batches.undo(ident, actor=actor)
    timed("undo", lambda: _work(ident))
    done = batches.get_batch(ident)
    if done.undone != changed or not changed:
        raise SystemExit(f"{changed} were changed and {done.undone} undone")
    after = whole_catalogue.digests()
    if after != before:
        differing = [name for name in after if after[name] != before[name]]
        raise SystemExit(f"not what they were before: {', '.join(differing)}")
    return changed, took, cpu


def _work(ident: Any) -> None:
    from services import batches

    while batches.get_batch(ident).is_moving:
        batches.run(str(ident))


def run(only: str, rows: int, times: int) -> None:
    """In a process of its own, on the database of its environment."""
    from flask_migrate import upgrade

    from app import create_app
    from bench.fill import Filler
    from services import tenants

    app, number = create_app(), int(os.environ["BENCH_PRODUCTS"])
    console = Console(width=140)
    with app.app_context():
        upgrade()
        filler = Filler(number)
        filler.fill()
        with tenants.in_store(filler.tenant_id):
            actor = manager()
        table = Table(
            "what", "first", "p50", "p95", "queries", title=f"{number} products, {os.environ['BENCH_DB']}"
        )
        if only != "bulk":
            for name, (first, half, most, queries) in measure_list(app, actor, times).items():
                late = "[red]" if most > LIST_MS else ""
                table.add_row(name, f"{first:.0f} ms", f"{half:.0f} ms", f"{late}{most:.0f} ms", str(queries))
            console.print(table)
        if only != "list":
            with tenants.in_store(filler.tenant_id):
                count, took, cpu = measure_bulk(actor, rows)
            most = BULK_SECONDS * count / BULK_ROWS
            too_late = {name for name in ("change", "undo") if took[name] > most}
            said = [f"{'[red]' if name in too_late else ''}{name} {s:.2f} s (CPU {cpu[name]:.2f})"
                    for name, s in took.items()]  # fmt: skip
            console.print(f"{count} prices changed: {', '.join(said)}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.backoffice", description=__doc__)
    parser.add_argument("--products", default="1000,10000", help="sizes of the store, with commas")
    parser.add_argument("--db", default="sqlite", help="sqlite, postgresql or both")
    parser.add_argument("--rows", type=int, default=BULK_ROWS, help="how many prices are changed at once")
    parser.add_argument("--times", type=int, default=30, help="answers per page")
    parser.add_argument("--only", choices=("list", "bulk"), default="")
    options = parser.parse_args()
    if os.environ.get("BENCH_PRODUCTS"):
        return run(options.only, options.rows, options.times)
    from bench.__main__ import _database, environment

    for database in options.db.split(","):
        for number in (int(n) for n in options.products.split(",")):
            with tempfile.TemporaryDirectory(prefix="vitrine-bench-") as top:
                url = _database(database, Path(top), number, False)
                env = {**os.environ, **environment(url, Path(top), page_cache=True), "BENCH_DB": database,
                       "BENCH_PRODUCTS": str(number)}  # fmt: skip
                subprocess.run([sys.executable, "-m", "bench.backoffice", *sys.argv[1:]], env=env, check=True)
    return None


if __name__ == "__main__":
    main()
