"""One app per process, a database of its own per worker, a clean one per test, and the cast in it.

`--db=postgresql` runs the same tests on a real PostgreSQL.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import inspect, text

from app import configure_services, create_app
from config import Config
from gateways import mail, stripe
from kit import cache, passwords
from kit.db import Base, db
from kit.tenancy import every_tenant
from services import tenants
from tests import cast, catalogues, servers, stripe_sandbox
from tests.browser_client import Api, Browser
from web import counters

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
# The same function, made cheap: people sign in thousands of times here. tests/services/test_accounts.py looks at the
# strength that the shop really uses.
STRENGTH = passwords._hasher
passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
passwords._dummy = passwords._hasher.hash("nobody has this password")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--db", choices=("sqlite", "postgresql"), default="sqlite", help="the database to test on"
    )


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        catalogues.compile_all()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--db") == "sqlite":  # deselected, not skipped: the PostgreSQL part runs them
        chosen = [item for item in items if not item.get_closest_marker("postgres_only")]
        dropped = [item for item in items if item.get_closest_marker("postgres_only")]
        if dropped:
            config.hook.pytest_deselected(items=dropped)
            items[:] = chosen


@pytest.fixture(scope="session")
def dialect(request: pytest.FixtureRequest) -> str:
    return request.config.getoption("--db")


@pytest.fixture(scope="session")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    instance = tmp_path_factory.mktemp("instance")
    made = Config.from_env({"APP_ENV": "testing", "INSTANCE_DIR": str(instance)})
    return replace(made, rate_limits=False, page_cache=True)


def _fill(url: str, config: Config) -> None:
    """Migrate an empty database by the real migrations and invite the cast."""
    app = create_app(replace(config, database_url=url))
    with app.app_context():
        upgrade()
        cast.invite()
        db.session.remove()
        db.engine.dispose()


class Database:
    """Gives each test the same starting point."""

    def __init__(self, url: str, config: Config):
        self.url = url
        self.config = config

    def reset(self) -> None:
        raise NotImplementedError


class SqliteDatabase(Database):
    def __init__(self, config: Config):
        self.template = config.instance / "template.sqlite"
        _fill(f"sqlite:///{self.template}", config)
        with sqlite3.connect(self.template) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("PRAGMA journal_mode=DELETE")
        connection.close()
        self.path = config.instance / "test.sqlite"
        super().__init__(f"sqlite:///{self.path}", config)

    def reset(self) -> None:
        db.session.remove()
        db.engine.dispose()
        # Unlinked, never written over: a process of the last test that only now closes its connection would put
        # its pages into the new one, whereas SQLite leaves a file alone that was moved away under it.
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(self.template, self.path)


class PostgresDatabase(Database):
    def __init__(self, config: Config):
        server = servers.shared_postgresql()
        servers.make_template(server.url, "vitrine_template", lambda url: _fill(url, config))
        super().__init__(
            servers.create_from_template(server.url, f"vitrine_{WORKER}", "vitrine_template"), config
        )
        self.rows: dict[str, list[dict]] | None = None

    def reset(self) -> None:
        """Empty the tables and put the cast back: far quicker than a new copy of the template."""
        db.session.remove()
        tables = Base.metadata.sorted_tables
        with db.engine.begin() as connection:
            if self.rows is None:
                found = {t.name: [dict(r._mapping) for r in connection.execute(t.select())] for t in tables}
                self.rows = {name: rows for name, rows in found.items() if rows}
                self.extra = [
                    n for n in inspect(connection).get_table_names() if n.startswith("product_search")
                ]
                return
            names = [*self.extra, *(table.name for table in reversed(tables))]
            connection.exec_driver_sql("; ".join(f"DELETE FROM {name}" for name in names))
            for table in tables:
                if rows := self.rows.get(table.name):
                    connection.execute(table.insert(), rows)


@pytest.fixture(scope="session")
def database(dialect: str, config: Config) -> Database:
    return SqliteDatabase(config) if dialect == "sqlite" else PostgresDatabase(config)


@pytest.fixture(scope="session", autouse=True)
def _noted_counts_stay_noted() -> None:
    """What is written down every quarter of a minute would fall into some test's before and after."""
    counters.EVERY = float("inf")


@pytest.fixture(scope="session")
def the_app(database: Database, config: Config) -> Iterator[Flask]:
    app = create_app(replace(config, database_url=database.url))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app(the_app: Flask, database: Database) -> Iterator[Flask]:
    """The app, inside a context, on a clean database; no store is chosen."""
    configure_services(the_app.config["VITRINE"])  # some test made another app in this process
    with the_app.app_context():
        database.reset()
        cache.clear_all()
        if clear := the_app.extensions.get("vitrine_clear"):
            clear()  # page cache, buffers, limits
        yield the_app
        db.session.remove()


@pytest.fixture
def roast(app: Flask) -> Iterator[tenants.Store]:
    """Be in the store of Alice, Mia, Stan and Carla."""
    with tenants.in_store(cast.ROAST) as store:
        yield store


@pytest.fixture
def rival(app: Flask) -> Iterator[tenants.Store]:
    """Be in the other store. Not together with `roast`: use tenants.in_store(cast.RIVAL) in the test."""
    with tenants.in_store(cast.RIVAL) as store:
        yield store


@pytest.fixture
def api(app: Flask) -> Api:
    """`api.get("/api/…")` as nobody; `api.as_(cast.MIA).post(…)` with her token on her own host."""
    return Api(app)


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser without JavaScript: `browser.as_(cast.ALICE).get("/admin")`, `browser.htmx().post(…)`."""
    return Browser(app)


@pytest.fixture
def everything(app: Flask):
    """A function that reads the whole database: equal before and after a refusal, or something changed."""

    def snapshot() -> dict[str, list[tuple]]:
        with every_tenant():
            db.session.commit()
            return {
                table.name: sorted(map(repr, db.session.execute(text(f"SELECT * FROM {table.name}")).all()))
                for table in Base.metadata.sorted_tables
                if table.name not in {"refresh_families", "platform_refresh_families"}
            }

    return snapshot


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[stripe_sandbox.StripeSandbox]:
    """The local Stripe as a process. It sends nothing by itself: tests fetch its events and bring them in."""
    sandbox = stripe_sandbox.start(deliver=False)
    yield sandbox
    sandbox.stop()


@pytest.fixture
def sandbox(running_sandbox: stripe_sandbox.StripeSandbox, app: Flask, config: Config):
    """An empty Stripe that the app talks to."""
    running_sandbox.control("reset")
    stripe.configure(
        replace(config, stripe_api_base=running_sandbox.url, stripe_webhook_secrets=(stripe_sandbox.SECRET,))
    )
    yield running_sandbox
    stripe.configure(config)


@pytest.fixture(scope="session")
def mail_server() -> Iterator[servers.Mailbox]:
    box = servers.start_smtp()
    yield box
    box.stop()


@pytest.fixture
def mailbox(mail_server, config: Config, roast: tenants.Store):
    """Mails go through a real SMTP server; what it got is read from it."""
    mail_server.clear()
    mail.configure(replace(config, mail_url=mail_server.url, mail_from="no-reply@platform.test"))
    yield mail_server
    mail.configure(config)
