"""The control page: what happened, and buttons to make things happen."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, current_app, redirect, render_template, request
from werkzeug.wrappers import Response

from . import actions, flows
from .control import sandbox
from .errors import StripeError
from .instruments import CARDS
from .objects import ledger

blueprint = Blueprint("console", __name__)
_SHOWN = 25
_SECTIONS = {
    "sessions": "checkout.session",
    "intents": "payment_intent",
    "charges": "charge",
    "refunds": "refund",
    "disputes": "dispute",
    "payouts": "payout",
    "events": "event",
}
_NUMBERS = ("copies", "delay", "settle_after", "payout_after", "latency")
_OPTIONAL_NUMBERS = ("delayed_after", "refund_after")


def moment(at: float | None) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S") if at else "–"


@blueprint.get("/")
def index() -> str:
    account = request.args.get("account", "")
    store = sandbox().store
    with store.transaction():
        flows.sweep(sandbox())
        found: dict[str, Any] = {name: _latest(kind, account) for name, kind in _SECTIONS.items()}
        accounts = store.find("account", None)[::-1]
        balances = {body["id"]: ledger.sums(sandbox(), body["id"]) for body in accounts[:50]}
        balances[""] = ledger.sums(sandbox(), "")
        deliveries = _deliveries(found["events"])
        settings = store.settings()
        held = store.db.execute("SELECT count(*) FROM deliveries WHERE status = 'held'").fetchone()
    return render_template(
        "console.html",
        **found,
        accounts=accounts,
        account=account,
        balances=balances,
        deliveries=deliveries,
        settings=settings,
        held=held[0],
        cards=CARDS.values(),
        done=request.args.get("done", ""),
        failed=request.args.get("failed", ""),
    )


def _latest(kind: str, account: str) -> list[dict[str, Any]]:
    """The newest of a kind, of one account or of all, with whose they are."""
    chosen = "AND account = ?" if account else ""
    rows = (
        sandbox()
        .store.db.execute(
            f"SELECT id, account FROM objects WHERE kind = ? {chosen} "
            "ORDER BY created DESC, seq DESC LIMIT ?",
            (kind, account, _SHOWN) if account else (kind, _SHOWN),
        )
        .fetchall()
    )
    return [(sandbox().store.get(kind, None, row["id"]) or {}) | {"_account": row["account"]} for row in rows]


def _deliveries(events: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Event id → its delivery attempts."""
    found: dict[str, list[Any]] = {event["id"]: [] for event in events}
    marks = ",".join("?" * len(found))
    rows = sandbox().store.db.execute(
        f"SELECT * FROM deliveries WHERE event IN ({marks}) ORDER BY id", list(found)
    )
    for row in rows:
        found[row["event"]].append(row)
    return found


@blueprint.post("/action/<name>")
def act(name: str) -> Response:
    given: dict[str, Any] = {key: value for key, value in request.form.items() if value}
    back = given.pop("back_account", "")
    section = given.pop("section", "")
    query = {"account": back} if back else {}
    try:
        if name == "settings":
            given = _settings()
        actions.run(sandbox(), name, given)
        query["done"] = name.replace("_", " ")
    except (StripeError, ValueError) as refused:
        query["failed"] = str(refused)
    current_app.extensions["deliverer"].wake()
    return redirect(f"/?{urlencode(query)}#{section}", 303)


def _settings() -> dict[str, Any]:
    form = request.form
    found: dict[str, Any] = {"deliver": "deliver" in form, "hold": "hold" in form}
    for name in _NUMBERS:
        found[name] = _number(form.get(name, ""), 0)
    found["copies"] = max(1, int(found["copies"]))
    for name in _OPTIONAL_NUMBERS:
        found[name] = _number(form.get(name, ""), None)
    found["webhook_url"] = form.get("webhook_url", "").strip()
    secret = form.get("webhook_secret", "").strip()
    return found | ({"webhook_secret": secret} if secret else {})


def _number(text: str, default: float | None) -> float | None:
    if not text.strip():
        return default
    value = float(text)
    if not 0 <= value <= 10_000_000:
        raise ValueError("Seconds and counts must be between 0 and 10,000,000.")
    return int(value) if value == int(value) else value
