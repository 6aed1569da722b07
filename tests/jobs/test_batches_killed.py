"""A real worker is killed in the middle of an import: what was done stays done, the rest is done once, and all of it
can be taken back."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from kit.db import db
from models.audit import AuditEntry
from models.batches import Batch, BatchStatus
from models.catalog import Product
from services import batches, tenants
from services.catalog import importing
from tests import cast
from tests.importing import MIA, existing_shelf, upload
from tests.whole_catalogue import catalogue

ROOT = Path(__file__).resolve().parents[2]
ROWS, EVERY = 120, 20  # a bad row among so many


def a_file() -> str:
    lines = ["sku,name,price,stock_quantity,categories,tags"]
    for n in range(ROWS):
        price = "free" if n % EVERY == 0 else f"{n}.50"
        lines.append(f"K-{n},Thing {n},{price},{n % 7},Room {n % 5} > Shelf {n % 3},tag {n % 4}")
    return "\n".join(lines)


class Workers:
    def __init__(self, folder: Path, url: str):
        instance = str(folder / "instance")
        self.env = os.environ | {"APP_ENV": "testing", "INSTANCE_DIR": instance, "DATABASE_URL": url}
        self.log = folder / "log"
        self.started: list[subprocess.Popen] = []

    def start(self) -> subprocess.Popen:
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "jobs.worker", "--lease", "1"]
            process = subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=log, stderr=log)
        self.started.append(process)
        return process

    def until(self, true: Callable[[], bool], seconds: float = 120) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, self.log.read_text()[-4000:]
            time.sleep(0.05)


@pytest.fixture
def workers(tmp_path, database):
    made = Workers(tmp_path, database.url)
    yield made
    for process in made.started:
        if process.poll() is None:
            process.kill()
            process.wait(5)


def look(ident) -> Batch:
    db.session.remove()
    return batches.get_batch(ident)


def test_a_killed_import_goes_on_where_it_was_and_is_undone_to_the_last_byte(app, workers):
    with tenants.in_store(cast.ROAST):
        existing_shelf()
        before = catalogue()
        ident = upload(a_file()).id
        importing.choose_columns(ident, importing.get_upload(ident).guesses, clear=False, actor=MIA)
        batches.run(str(ident))
        batches.start_prepared(ident, actor=MIA)
        worker = workers.start()
        workers.until(lambda: 0 < look(ident).worked < ROWS)
        worker.send_signal(signal.SIGKILL)
        assert worker.wait(5) == -signal.SIGKILL
        half = look(ident)
        assert half.status is BatchStatus.RUNNING and 0 < half.worked < ROWS
        again = [workers.start(), workers.start()]  # two, so that they meet
        workers.until(lambda: look(ident).status is BatchStatus.DONE)
        finished, bad = look(ident), -(-ROWS // EVERY)
        assert (finished.changed, finished.failed) == (ROWS - bad, bad)
        skus = list(db.session.scalars(select(Product.sku).where(Product.sku.startswith("K-"))))
        assert len(skus) == len(set(skus)) == ROWS - bad
        made = select(AuditEntry).where(AuditEntry.action == "create", AuditEntry.resource_type == "product")
        assert len(db.session.scalars(made).all()) == ROWS - bad + 2
        batches.undo(ident, actor=MIA)
        workers.until(lambda: look(ident).status is BatchStatus.UNDONE)
        assert look(ident).undone == ROWS - bad
        assert catalogue() == before
        for process in again:
            process.terminate()
        assert [process.wait(15) for process in again] == [0, 0]
