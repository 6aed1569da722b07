"""python -m bench.batches: an import of 10,000 rows with 200 bad ones, and its undoing, on both databases.

Prints how long each step took, and fails where a row is not what it should be.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import func, select

from app import create_app
from bench.fill import Filler
from kit.actor import SYSTEM
from kit.db import db, transaction
from kit.tenancy import every_tenant
from models.batches import BatchStatus
from models.catalog import Product
from models.tenants import Tenant
from services import batches, tenants
from services.catalog import importing
from tests import servers

BAD_EVERY = 50


def a_file(rows: int) -> str:
    lines = ["sku,name,price,stock_quantity,categories,tags,is_active"]
    for n in range(rows):
        price = "free" if n % BAD_EVERY == 0 else f"{n % 900}.50"
        lines.append(f"N-{n},New thing {n},{price},{n % 7},Room {n % 5} > Shelf {n % 3},tag {n % 9},1")
    return "\n".join(lines)


def work(ident, *ends: BatchStatus) -> float:
    began = time.monotonic()
    while batches.get_batch(ident).status not in ends:
        batches.run(str(ident))
    return round(time.monotonic() - began, 1)


def measure(rows: int, products: int) -> dict[str, float]:
    """Inside the app: seconds of each step."""
    upgrade()
    Filler(products).fill()
    with every_tenant(), transaction():
        tenant = db.session.scalars(select(Tenant)).one()
        tenant.plan, store = "scale", tenant.id  # without a limit
    with tenants.in_store(store):
        took, count = {}, select(func.count()).select_from(Product)
        before = db.session.scalar(count)
        began = time.monotonic()
        ident = importing.upload(a_file(rows).encode(), "bench.csv", actor=SYSTEM).id
        importing.choose_columns(ident, importing.get_upload(ident).guesses, clear=False, actor=SYSTEM)
        took["upload and mapping"] = round(time.monotonic() - began, 1)
        took["dry run"] = work(ident, BatchStatus.CHECKED)
        batches.start_prepared(ident, actor=SYSTEM)
        took["import"] = work(ident, BatchStatus.DONE)
        batch, bad = batches.get_batch(ident), -(-rows // BAD_EVERY)
        assert (batch.changed, batch.failed) == (rows - bad, bad), (batch.changed, batch.failed)
        assert db.session.scalar(count) == before + rows - bad
        batches.undo(ident, actor=SYSTEM)
        took["undo"] = work(ident, BatchStatus.UNDONE)
        assert batches.get_batch(ident).undone == rows - bad and db.session.scalar(count) == before
        return took


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
