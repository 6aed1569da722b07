"""The sandbox's state: one SQLite file, one lock, every request one transaction."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from . import clock

_TABLES = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    account TEXT NOT NULL,
    created INTEGER NOT NULL,
    due REAL,
    body TEXT NOT NULL,
    hidden TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX IF NOT EXISTS objects_listing ON objects (kind, account, created, seq);
CREATE INDEX IF NOT EXISTS objects_due ON objects (due) WHERE due IS NOT NULL;
CREATE INDEX IF NOT EXISTS objects_intent
    ON objects (kind, json_extract(body, '$.payment_intent'));
CREATE INDEX IF NOT EXISTS objects_charge ON objects (kind, json_extract(body, '$.charge'));
CREATE TABLE IF NOT EXISTS answers (
    account TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    request_id TEXT NOT NULL,
    body TEXT NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (account, key)
);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL,
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    spoil TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL,
    code INTEGER,
    note TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (status, due);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

DEFAULTS: dict[str, Any] = {
    "webhook_url": "",  # one address, or several separated by commas
    "webhook_secret": "whsec_sandbox",
    "deliver": True,  # False: events are lost, as when a network is down
    "hold": False,  # True: deliveries wait until the action `release`
    "copies": 1,  # how many times each event is sent
    "delay": 0,  # seconds before an event is sent
    "retry_delays": [1, 5, 20, 60, 300],
    "delayed_after": None,  # seconds until a delayed method pays; null: by button
    "refund_after": None,  # seconds a refund stays pending; null: succeeds at once
    "payout_after": 0,  # seconds until a payout is paid
    "settle_after": 0,  # seconds until a payment is available for payouts
    "latency": 0,  # seconds each API call takes
}


class Store:
    def __init__(self, path: str) -> None:
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.lock = threading.RLock()
        self._depth = 0
        self.db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=NORMAL")
        self.db.executescript(_TABLES)

    def close(self) -> None:
        with self.lock:
            self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Under the one lock; commits, or rolls back when anything is raised.

        An exception with a true `keep` (a declined card) commits before it goes on.
        """
        with self.lock:
            if self._depth:
                yield
                return
            self.db.execute("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield
            except BaseException as error:
                self.db.execute("COMMIT" if getattr(error, "keep", False) else "ROLLBACK")
                raise
            else:
                self.db.execute("COMMIT")
            finally:
                self._depth = 0

    # -- objects ---------------------------------------------------------------------

    def add(
        self,
        kind: str,
        account: str,
        body: dict[str, Any],
        *,
        id: str = "",
        due: float | None = None,
        hidden: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """`body` itself, stored. An object of the same id is replaced in place."""
        self.db.execute(
            "INSERT INTO objects (id, kind, account, created, due, body, hidden) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "account = excluded.account, created = excluded.created, due = excluded.due, "
            "body = excluded.body, hidden = excluded.hidden",
            (
                id or body["id"],
                kind,
                account,
                body.get("created") or clock.now(),
                due,
                json.dumps(body),
                json.dumps(hidden or {}),
            ),
        )
        return body

    def save(self, body: dict[str, Any]) -> dict[str, Any]:
        self.db.execute("UPDATE objects SET body = ? WHERE id = ?", (json.dumps(body), body["id"]))
        return body

    def get(self, kind: str, account: str | None, id: str) -> dict[str, Any] | None:
        """None when there is no such object, or another account's. `account=None`: any."""
        row = self.row(id)
        if row is None or row["kind"] != kind or account not in (None, row["account"]):
            return None
        body: dict[str, Any] = json.loads(row["body"])
        return body

    def row(self, id: str) -> sqlite3.Row | None:
        with self.lock:
            found: sqlite3.Row | None = self.db.execute(
                "SELECT * FROM objects WHERE id = ?", (id,)
            ).fetchone()
        return found

    def owner(self, id: str) -> str:
        row = self.row(id)
        return row["account"] if row else ""

    def remove(self, id: str) -> None:
        self.db.execute("DELETE FROM objects WHERE id = ?", (id,))

    def hidden(self, id: str) -> dict[str, Any]:
        row = self.row(id)
        found: dict[str, Any] = json.loads(row["hidden"]) if row else {}
        return found

    def hide(self, id: str, **values: Any) -> None:
        """Remember what Stripe knows but does not show, such as how a buyer pays."""
        merged = self.hidden(id) | values
        self.db.execute("UPDATE objects SET hidden = ? WHERE id = ?", (json.dumps(merged), id))

    def set_due(self, id: str, due: float | None) -> None:
        self.db.execute("UPDATE objects SET due = ? WHERE id = ?", (due, id))

    def due(self, at: float) -> list[sqlite3.Row]:
        return self.db.execute(
            "SELECT * FROM objects WHERE due <= ? ORDER BY due LIMIT 500", (at,)
        ).fetchall()

    def find(self, kind: str, account: str | None, **equal: Any) -> list[dict[str, Any]]:
        """All objects whose top fields equal these, oldest first."""
        where = ["kind = ?"]
        values: list[Any] = [kind]
        if account is not None:
            where.append("account = ?")
            values.append(account)
        for name, value in equal.items():
            where.append(f"json_extract(body, '$.{name}') = ?")
            values.append(value)
        rows = self.db.execute(
            f"SELECT body FROM objects WHERE {' AND '.join(where)} ORDER BY created, seq", values
        )
        return [json.loads(row["body"]) for row in rows]

    # -- settings --------------------------------------------------------------------

    def settings(self) -> dict[str, Any]:
        with self.lock:
            rows = self.db.execute("SELECT name, value FROM settings").fetchall()
        return DEFAULTS | {row["name"]: json.loads(row["value"]) for row in rows}

    def setting(self, name: str) -> Any:
        return self.settings()[name]

    def set(self, **values: Any) -> None:
        for name, value in values.items():
            if name not in DEFAULTS:
                raise KeyError(name)
            self.db.execute(
                "INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, json.dumps(value)),
            )

    def clear(self) -> None:
        """Forget everything except the settings."""
        for table in ("objects", "answers", "deliveries"):
            self.db.execute(f"DELETE FROM {table}")
