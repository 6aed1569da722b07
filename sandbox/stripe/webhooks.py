"""Events to the outside: signed as Stripe signs, sent in the background, tried again."""

import hashlib
import hmac
import json
import sqlite3
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from . import clock
from .core import Sandbox, WrongAnswer, log
from .flows import sweep

_TIMEOUT = 10
# The note on deliveries that must arrive one after the other.
IN_ORDER = "in order"
SPOILS = ("", "signature", "body", "old")


def sign(body: bytes, secret: str, at: int) -> str:
    """The `Stripe-Signature` header for these raw bytes."""
    signed = f"{at}.".encode() + body
    return f"t={at},v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


def addresses(sandbox: Sandbox, event: dict[str, Any]) -> list[tuple[str, str]]:
    """(url, secret) of everyone who wants `event`."""
    settings = sandbox.store.settings()
    found = [
        (url.strip(), settings["webhook_secret"]) for url in settings["webhook_url"].split(",") if url.strip()
    ]
    account = event.get("account", "")
    for body in sandbox.store.find("webhook_endpoint", None, status="enabled"):
        hidden = sandbox.store.hidden(body["id"])
        owner = sandbox.store.owner(body["id"])
        # A Connect endpoint hears of connected accounts, any other of its own account.
        mine = bool(account) if hidden["connect"] else owner == account
        wanted = {"*", event["type"]} & set(body["enabled_events"])
        if mine and wanted:
            found.append((body["url"], hidden["secret"]))
    return found


def queue(
    sandbox: Sandbox,
    event: dict[str, Any],
    *,
    copies: int = 1,
    delay: float = 0,
    spoil: str = "",
    status: str = "pending",
    note: str = "",
) -> int:
    """Line up deliveries of `event`, in the caller's transaction; how many."""
    count = 0
    for url, secret in addresses(sandbox, event):
        for _ in range(copies):
            sandbox.store.db.execute(
                "INSERT INTO deliveries (event, url, secret, spoil, status, due, note) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (event["id"], url, secret, spoil, status, clock.precise() + delay, note),
            )
            count += 1
    return count


class Deliverer:
    """Background threads: one that waits for what is due, a few that send."""

    def __init__(self, sandbox: Sandbox, senders: int = 4) -> None:
        self.sandbox = sandbox
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._senders = ThreadPoolExecutor(senders, thread_name_prefix="webhook")
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
        sandbox.on_emit = self.on_emit

    def start(self) -> None:
        with self.sandbox.store.transaction():
            # What was on its way when the sandbox stopped is tried again.
            self.sandbox.store.db.execute("UPDATE deliveries SET status = 'pending' WHERE status = 'sending'")
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        self._senders.shutdown(wait=True, cancel_futures=True)

    def wake(self) -> None:
        self._wake.set()

    def on_emit(self, event: dict[str, Any], account: str) -> None:
        settings = self.sandbox.store.settings()
        status = "held" if settings["hold"] else "pending"
        if not settings["deliver"]:
            status = "lost"
        queue(
            self.sandbox,
            event,
            copies=settings["copies"],
            delay=settings["delay"],
            status=status,
        )
        self._wake.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                wait = self._work()
            except (sqlite3.Error, WrongAnswer):
                if self._stop.is_set():
                    return
                log.exception("The background work failed; it goes on in 5 s")
                wait = 5.0
            self._wake.wait(wait)

    def _work(self) -> float:
        """Start what is due; the seconds until something else is."""
        store = self.sandbox.store
        now = clock.precise()
        with store.transaction():
            sweep(self.sandbox)
            rows = store.db.execute(
                "SELECT * FROM deliveries WHERE status = 'pending' AND due <= ? ORDER BY due, id LIMIT 100",
                (now,),
            ).fetchall()
            for row in rows:
                store.db.execute("UPDATE deliveries SET status = 'sending' WHERE id = ?", (row["id"],))
            soonest = store.db.execute(
                "SELECT min(due) FROM (SELECT min(due) AS due FROM deliveries WHERE status = "
                "'pending' UNION ALL SELECT min(due) FROM objects WHERE due IS NOT NULL)"
            ).fetchone()[0]
        for row in rows:
            if row["note"] != IN_ORDER:
                self._senders.submit(self._send, dict(row))
        in_order = [dict(row) for row in rows if row["note"] == IN_ORDER]
        if in_order:
            self._senders.submit(self._send_in_order, in_order)
        if soonest is None:
            return 60.0
        return float(min(60.0, max(0.02, soonest - clock.precise())))

    def _send_in_order(self, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            self._send(row)

    def _send(self, row: dict[str, Any]) -> None:
        try:
            event = self.sandbox.store.get("event", None, row["event"])
            if event is None:
                return
            code, note = post(event, row)
            self._note(row, code, note)
        except sqlite3.ProgrammingError:
            return  # The sandbox was closed while the receiver was thinking.
        except Exception:
            log.exception("Delivery %s failed in the sandbox itself", row["id"])

    def _note(self, row: dict[str, Any], code: int | None, note: str) -> None:
        good = code is not None and 200 <= code < 300
        attempt = row["attempt"] + 1
        store = self.sandbox.store
        with store.transaction():
            delays = store.setting("retry_delays")
            due = row["due"]
            if good:
                status = "delivered"
            elif row["spoil"] or attempt > len(delays):
                status = "failed"
            else:
                status, due = "pending", clock.precise() + delays[attempt - 1]
            store.db.execute(
                "UPDATE deliveries SET status = ?, attempt = ?, due = ?, code = ?, note = ? WHERE id = ?",
                (status, attempt, due, code, note[:500], row["id"]),
            )
        if status == "pending":
            self._wake.set()


def post(event: dict[str, Any], row: dict[str, Any]) -> tuple[int | None, str]:
    """Send once; the receiver's status, or None and why there was none."""
    body = json.dumps(event, indent=2).encode()
    at = clock.now() - (3600 if row["spoil"] == "old" else 0)
    signature = sign(body, row["secret"], at)
    if row["spoil"] == "signature":
        signature = f"t={at},v1={'0' * 64}"
    if row["spoil"] == "body":
        body = body.replace(b'"livemode": false', b'"livemode": true', 1) + b" "
    if not row["url"].startswith(("http://", "https://")):
        return None, "Not a web address"
    request = urllib.request.Request(  # noqa: S310
        row["url"],
        data=body,
        headers={
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature,
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        },
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
            return answer.status, answer.read(200).decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(200).decode("utf-8", "replace")
    except (OSError, ValueError) as error:
        return None, str(error)
