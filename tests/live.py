"""The whole product as it runs: a web server, the worker and the Stripe sandbox, each a process of its own.

    with live.running(port) as shop: browser.goto(shop.url("/"))

The test's own process has the same database open (`shop.app`), to fill it and to look into it.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade

from app import create_app
from config import Config
from kit.db import db, transaction
from models.payments import StripeAccount
from services import tenants
from services.tenants import Store
from tests import cast, stripe_sandbox
from tests.servers.process import free_port
from tests.stripe_sandbox import StripeSandbox

ROOT = Path(__file__).resolve().parent.parent
ACCOUNT = "acct_roast0000000001"


@dataclass
class Live:
    port: int
    folder: Path
    app: Flask
    sandbox: StripeSandbox
    processes: list[subprocess.Popen[bytes]]

    def url(self, path: str = "/", store: str = "roast") -> str:
        return f"http://{store}.localhost:{self.port}{path}"

    @contextlib.contextmanager
    def store(self, tenant_id: object = cast.ROAST) -> Iterator[Store]:
        """Be in a store of the running product; what is written here is seen there."""
        with self.app.app_context():
            try:
                with tenants.in_store(tenant_id) as store:
                    yield store
            finally:
                db.session.remove()

    def mails(self) -> list[str]:
        """What was sent so far, oldest first."""
        box = self.folder / "mail"
        return [path.read_text() for path in sorted(box.glob("*")) if path.is_file()] if box.is_dir() else []

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")


@contextlib.contextmanager
def running(port: int | None = None, **settings: str) -> Iterator[Live]:
    folder = Path(tempfile.mkdtemp(prefix="vitrine-live-"))
    port, sandbox_port = port or free_port(), free_port()
    env = {
        "APP_ENV": "testing", "INSTANCE_DIR": str(folder), "PORT": str(port), "SANDBOX_PORT": str(sandbox_port),
        "PUBLIC_URL": f"http://localhost:{port}", "RATE_LIMITS": "0", **settings,
    }  # fmt: skip
    app = create_app(Config.from_env(env))
    _fill(app)
    sandbox = stripe_sandbox.start(
        sandbox_port,
        webhook_url=f"http://localhost:{port}/api/webhooks/stripe",
        webhook_secret=app.config["VITRINE"].stripe_webhook_secrets[0],
        state=str(folder / "stripe.sqlite"),
    )
    sandbox.control("import", accounts=[{"id": ACCOUNT, "charges_enabled": True, "payouts_enabled": True}])
    shop = Live(port, folder, app, sandbox, [])
    try:
        web = ("-m", "gunicorn", "wsgi:app", "-b", f"127.0.0.1:{port}", "-w", "1", "--threads", "6",
               "--graceful-timeout", "2")  # fmt: skip
        shop.processes.append(_start("web", web, env, folder))
        shop.processes.append(_start("worker", ("-m", "jobs.worker"), env, folder))
        _wait(shop)
        yield shop
    finally:
        for process in shop.processes:
            process.terminate()
        for process in shop.processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()
        sandbox.stop()
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        shutil.rmtree(folder, ignore_errors=True)


def _fill(app: Flask) -> None:
    """The cast's two stores, the first of them connected to Stripe."""
    with app.app_context():
        upgrade()
        cast.invite()
        with tenants.in_store(cast.ROAST), transaction():
            db.session.add(StripeAccount(account_id=ACCOUNT, charges_enabled=True, payouts_enabled=True,
                                         details_submitted=True, requirements=[]))  # fmt: skip
            row = tenants.row()
            row.payment_methods = {**row.payment_methods, "card": {"enabled": True}}
        db.session.remove()


def _start(name: str, command: tuple[str, ...], env: dict[str, str], folder: Path) -> subprocess.Popen[bytes]:
    log = (folder / f"{name}.log").open("wb")
    with log:
        return subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env={**os.environ, **env}, stdout=log, stderr=log
        )


def _wait(shop: Live, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if shop.processes[0].poll() is not None:
            break
        with contextlib.suppress(OSError, urllib.error.URLError):
            urllib.request.urlopen(f"http://127.0.0.1:{shop.port}/healthz", timeout=2).close()
            return
        time.sleep(0.1)
    raise RuntimeError("the web server did not start:\n" + shop.log("web")[-3000:])
