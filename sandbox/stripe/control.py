"""The JSON control API under /_control, for tests and for filling in a demo's past."""

import json
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from . import actions, importing
from .core import Sandbox, WrongAnswer, log
from .errors import StripeError

blueprint = Blueprint("control", __name__, url_prefix="/_control")
_KINDS = {
    "accounts": "account",
    "sessions": "checkout.session",
    "payment_intents": "payment_intent",
    "charges": "charge",
    "refunds": "refund",
    "disputes": "dispute",
    "payouts": "payout",
    "balance_transactions": "balance_transaction",
    "application_fees": "application_fee",
}


def sandbox() -> Sandbox:
    found: Sandbox = current_app.extensions["sandbox"]
    return found


@blueprint.get("/state")
def state() -> Response:
    """Every object by kind, and the settings; `?kind=charges` for one kind only."""
    wanted = request.args.get("kind")
    store = sandbox().store
    with store.lock:
        kinds = {wanted: _KINDS[wanted]} if wanted in _KINDS else _KINDS
        found: dict[str, Any] = {
            name: [_owned(body) for body in store.find(kind, None)] for name, kind in kinds.items()
        }
        found["settings"] = store.settings()
    return jsonify(found)


def _owned(body: dict[str, Any]) -> dict[str, Any]:
    """With the account it belongs to, which Stripe's objects do not say."""
    return body | {"_account": sandbox().store.owner(body["id"])}


@blueprint.get("/events")
def events() -> Response:
    """Oldest first; `?type=` and `?account=` select."""
    equal = {"type": request.args["type"]} if "type" in request.args else {}
    store = sandbox().store
    with store.lock:
        found = store.find("event", request.args.get("account"), **equal)
    return jsonify({"events": found})


@blueprint.get("/deliveries")
def deliveries() -> Response:
    """Oldest first; status is pending, sending, delivered, failed, held or lost."""
    store = sandbox().store
    with store.lock:
        rows = store.db.execute("SELECT * FROM deliveries ORDER BY id").fetchall()
        found = []
        for row in rows:
            event = store.get("event", None, row["event"]) or {}
            shown = {key: row[key] for key in row.keys() if key != "secret"}  # noqa: SIM118
            found.append(shown | {"type": event.get("type")})
    return jsonify({"deliveries": found})


@blueprint.get("/health")
def health() -> Response:
    return jsonify({"ok": True, "version": sandbox().facts.version})


@blueprint.post("/import")
def import_() -> Response:
    return jsonify(importing.run(sandbox(), _body()))


@blueprint.post("/<name>")
def act(name: str) -> Response:
    return jsonify(actions.run(sandbox(), name, _body()))


def _body() -> dict[str, Any]:
    raw = request.get_data() or b"{}"
    try:
        found = json.loads(raw)
    except ValueError as error:
        raise StripeError("The body must be JSON.") from error
    if not isinstance(found, dict):
        raise StripeError("The body must be a JSON object.")
    return found


@blueprint.after_request
def wake(response: Response) -> Response:
    current_app.extensions["deliverer"].wake()
    return response


@blueprint.errorhandler(StripeError)
def refused(error: StripeError) -> tuple[Response, int]:
    return jsonify({"error": error.error}), error.status


@blueprint.errorhandler(WrongAnswer)
def wrong(error: WrongAnswer) -> tuple[Response, int]:
    log.error("The sandbox made a wrong object: %s", error)
    return jsonify({"error": {"type": "api_error", "message": str(error)}}), 500


@blueprint.errorhandler(KeyError)
@blueprint.errorhandler(TypeError)
@blueprint.errorhandler(ValueError)
@blueprint.errorhandler(AttributeError)
def malformed(error: Exception) -> tuple[Response, int]:
    """Unlike Stripe's API this one has no schema: what does not fit fails where it is used."""
    log.warning("%s: %r", request.path, error, exc_info=error)
    return jsonify({"error": {"type": "invalid_request_error", "message": repr(error)}}), 400
