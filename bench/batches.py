"""python -m bench.batches: an import of 10,000 rows with 200 bad ones, and its undoing, on both databases.

Prints how long each step took and how much of that this process worked (the rest is the database's, and waiting), and
fails where a good row is not in, a bad one is not named by its line with a reason, or a byte of the catalogue is not
afterwards what it was before.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import func, select

from app import create_app
from bench.fill import Filler
from kit.actor import SYSTEM
from kit.db import db, transaction
from kit.tenancy import every_tenant
from models.batches import BatchStatus, RowState
from models.catalog import Product
from models.tenants import Tenant
from services import batches, tenants
from services.catalog import importing
from tests import servers, whole_catalogue

BAD_EVERY = 50


def a_file(rows: int) -> str:
    lines = ["sku,name,price,stock_quantity,categories,tags,is_active"]
    for n in range(rows):
        price = "free" if n % BAD_EVERY == 0 else f"{n % 900}.50"
        lines.append(f"N-{n},New thing {n},{price},{n % 7},Room {n % 5} > Shelf {n % 3},tag {n % 9},1")
    return "\n".join(lines)


class Clock:
    """Seconds of each step: on the wall, and of this process."""

    def __init__(self) -> None:
        self.took: dict[str, str] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        wall, cpu = time.monotonic(), time.process_time()
        yield
        self.took[name] = f"{time.monotonic() - wall:.1f} s (CPU {time.process_time() - cpu:.1f} s)"


def work(ident, *ends: BatchStatus) -> None:
    while batches.get_batch(ident).status not in ends:
        batches.run(str(ident))


def insist_that_bad_rows_are_named(ident, rows: int) -> None:
    batch = batches.get_batch(ident)
    failed = batches.list_rows(batch, state=RowState.FAILED, page_size=rows).items
    named = {row.line: row.message for row in failed}
    assert list(named) == [n + 2 for n in range(0, rows, BAD_EVERY)], sorted(named)  # the heading is line 1
    assert all(message.startswith("Price: ") and len(message) > 10 for message in named.values()), named
    given_back = "".join(importing.bad_lines(batch)).splitlines()
    assert len(given_back) == len(named) + 1 and given_back[1].startswith("N-0,New thing 0,free,"), (
        given_back[:2]
    )


def measure(rows: int, products: int) -> dict[str, str]:
    """Inside the app."""
    upgrade()
    Filler(products).fill()
    with every_tenant(), transaction():
        tenant = db.session.scalars(select(Tenant)).one()
        tenant.plan, store = "scale", tenant.id  # without a limit
    with tenants.in_store(store):
        clock, count = Clock(), select(func.count()).select_from(Product)
        before, catalogue = db.session.scalar(count), whole_catalogue.digests()
        with clock.step("upload and mapping"):
            ident = importing.upload(a_file(rows).encode(), "bench.csv", actor=SYSTEM).id
            importing.choose_columns(ident, importing.get_upload(ident).guesses, clear=False, actor=SYSTEM)
        with clock.step("dry run"):
            work(ident, BatchStatus.CHECKED)
        batches.start_prepared(ident, actor=SYSTEM)
        with clock.step("import"):
            work(ident, BatchStatus.DONE)
        batch, bad = batches.get_batch(ident), -(-rows // BAD_EVERY)
        assert (batch.changed, batch.failed) == (rows - bad, bad), (batch.changed, batch.failed)
        assert db.session.scalar(count) == before + rows - bad
        insist_that_bad_rows_are_named(ident, rows)
        batches.undo(ident, actor=SYSTEM)
        with clock.step("undo"):
            work(ident, BatchStatus.UNDONE)
        batch = batches.get_batch(ident)
        assert (batch.undone, batch.kept) == (rows - bad, 0), (batch.undone, batch.kept)
        after = whole_catalogue.digests()
        assert after == catalogue, [name for name in after if after[name] != catalogue[name]]
        return clock.took | {"bad rows named": str(bad), "tables as they were": str(len(after))}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.batches", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument(
        "--products", type=int, default=1_000, help="that are there before (default: %(default)s)"
    )
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        with create_app().app_context():
            print(json.dumps(measure(options.rows, options.products)))
        return
    for name in ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{Path(folder) / 'bench.sqlite'}"
            if name == "postgresql":
                url = servers.create_from_template(
                    servers.shared_postgresql().url, "bench_batches", "template0"
                )
            env = {
                **os.environ,
                "APP_ENV": "testing",
                "INSTANCE_DIR": folder,
                "DATABASE_URL": url,
                "DEMO": "0",
            }
            command = [sys.executable, "-m", "bench.batches", "--inside", "--rows", str(options.rows),
                       "--products", str(options.products)]  # fmt: skip
            done = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True)
            print(name, done.stdout.strip().splitlines()[-1])


if __name__ == "__main__":
    main()
