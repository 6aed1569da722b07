"""What the control page's buttons and the control API do, by name."""

from collections.abc import Callable
from inspect import signature
from typing import Any

from . import clock, flows
from .core import Sandbox
from .errors import StripeError, invalid, missing_object
from .instruments import Instrument, card, named
from .objects import accounts, attempts, disputes, intents, payouts, refunds, sessions
from .store import DEFAULTS
from .webhooks import IN_ORDER, SPOILS, queue

Answer = dict[str, Any]


def pay(sandbox: Sandbox, **given: Any) -> Answer:
    """Pay a session (`session_id`) or an intent (`payment_intent`).

    `card`: a test card number, or `method`: "multibanco", "mb_way", "sepa_debit"; the
    default is 4242…. `authenticate` (true/false) goes through the extra step of a card
    that asks for one. `email`, `name`: the buyer's.
    """
    instrument = _instrument(given)
    if "payment_intent" in given:
        return _pay_intent(sandbox, given, instrument)
    id = given.get("session_id", "")
    buyer: dict[str, Any] = {key: given[key] for key in ("email", "name", "phone") if key in given}
    session = flows.pay_session(sandbox, id, instrument, buyer)
    intent = _intent_of(sandbox, session)
    if intent and given.get("authenticate") is not None and intent["next_action"]:
        intent = flows.authenticate(sandbox, intent["id"], bool(given["authenticate"]))
        session = sandbox.store.get("checkout.session", None, id) or session
    return _outcome(session, intent)


def _instrument(given: dict[str, Any]) -> Instrument:
    if "method" in given and given["method"] != "card":
        found = named(str(given["method"]))
        if found is None:
            raise invalid(f"The sandbox has no payment method {given['method']}.", "method")
        return found
    return (
        named(str(given["card"])) or card(str(given["card"])) if "card" in given else card("4242424242424242")
    )


def _intent_of(sandbox: Sandbox, session: Answer) -> Answer | None:
    return sandbox.store.get("payment_intent", None, session["payment_intent"] or "")


def _outcome(session: Answer | None, intent: Answer | None) -> Answer:
    error = intent["last_payment_error"] if intent else None
    redirect = None
    if session and session["status"] == "complete":
        redirect = success_url(session)
    return {
        "session": session,
        "payment_intent": intent,
        "status": session["status"] if session else (intent or {}).get("status"),
        "payment_status": session["payment_status"] if session else None,
        "error": error,
        "next_action": intent["next_action"] if intent else None,
        "redirect": redirect,
    }


def success_url(session: Answer) -> str:
    url: str = session["success_url"] or ""
    return url.replace("{CHECKOUT_SESSION_ID}", session["id"])


def _pay_intent(sandbox: Sandbox, given: dict[str, Any], instrument: Instrument) -> Answer:
    id = given["payment_intent"]
    body = sandbox.store.get("payment_intent", None, id)
    if body is None:
        raise missing_object("payment_intent", id)
    intents.require_status(
        body, ("requires_payment_method", "requires_confirmation", "requires_action"), "confirm"
    )
    account = sandbox.store.owner(id)
    body = attempts.start(sandbox, account, body, instrument, given.get("return_url"))
    flows.after_attempt(sandbox, account, body)
    if given.get("authenticate") is not None and body["next_action"]:
        body = flows.authenticate(sandbox, id, bool(given["authenticate"]))
    return _outcome(None, body)


def resend(sandbox: Sandbox, event: str, **given: Any) -> Answer:
    """Send an event again: `copies`, `delay` in seconds, `spoil` signature|body|old, or
    `reversed` = N: it and the N - 1 before it of its account, newest first."""
    found = sandbox.store.get("event", None, event)
    if found is None:
        raise missing_object("event", event)
    spoil = given.get("spoil", "")
    if spoil not in SPOILS:
        raise invalid(f"spoil must be one of {', '.join(SPOILS[1:])}", "spoil")
    count = int(given.get("reversed", 1))
    events = [found]
    if count > 1:
        row = sandbox.store.row(event)
        assert row is not None
        earlier = sandbox.store.db.execute(
            "SELECT id FROM objects WHERE kind = 'event' AND account = ? AND seq < ? "
            "ORDER BY seq DESC LIMIT ?",
            (row["account"], row["seq"], count - 1),
        )
        events += [sandbox.get("event", row["account"], old["id"]) for old in earlier]
    queued = 0
    for place, item in enumerate(events):
        queued += queue(
            sandbox,
            item,
            copies=int(given.get("copies", 1)),
            delay=float(given.get("delay", 0)) - 0.001 * (len(events) - place),
            note=IN_ORDER if count > 1 else "",
            spoil=spoil,
        )
    return {"queued": queued, "events": [item["id"] for item in events]}


def release(sandbox: Sandbox, **given: Any) -> Answer:
    """Send what `hold` kept back; `order`: "normal" or "reversed"."""
    backwards = given.get("order") == "reversed"
    rows = sandbox.store.db.execute(
        f"SELECT id FROM deliveries WHERE status = 'held' ORDER BY id {'DESC' if backwards else ''}"
    ).fetchall()
    for place, row in enumerate(rows):
        sandbox.store.db.execute(
            "UPDATE deliveries SET status = 'pending', due = ?, note = ? WHERE id = ?",
            (clock.precise() - 0.001 * (len(rows) - place), IN_ORDER, row["id"]),
        )
    return {"queued": len(rows)}


def dispute(sandbox: Sandbox, charge: str, **given: Any) -> Answer:
    body = sandbox.store.get("charge", None, charge)
    if body is None:
        raise missing_object("charge", charge)
    owner = sandbox.store.owner(charge)
    return disputes.open_(sandbox, owner, body, given.get("reason", "fraudulent"))


def win_dispute(sandbox: Sandbox, dispute: str, **given: Any) -> Answer:
    return disputes.decide(sandbox, sandbox.store.owner(dispute), dispute, won=True)


def lose_dispute(sandbox: Sandbox, dispute: str, **given: Any) -> Answer:
    return disputes.decide(sandbox, sandbox.store.owner(dispute), dispute, won=False)


def refund(sandbox: Sandbox, charge: str, **given: Any) -> Answer:
    """A refund made in Stripe's dashboard."""
    params: dict[str, Any] = {"charge": charge}
    if given.get("amount"):
        params["amount"] = int(given["amount"])
    return refunds.create(sandbox, sandbox.store.owner(charge), params)


def fail_refund(sandbox: Sandbox, refund: str, **given: Any) -> Answer:
    refunds.settle(sandbox, refund, fails=True)
    return sandbox.get("refund", sandbox.store.owner(refund), refund)


def settle_refund(sandbox: Sandbox, refund: str, **given: Any) -> Answer:
    refunds.settle(sandbox, refund, fails=False)
    return sandbox.get("refund", sandbox.store.owner(refund), refund)


def unknown_charge(sandbox: Sandbox, **given: Any) -> Answer:
    return flows.unknown_charge(
        sandbox,
        given.get("account", ""),
        int(given.get("amount", 1999)),
        given.get("currency", "eur"),
        metadata=given.get("metadata") or {},
    )


def complete_payment(sandbox: Sandbox, payment_intent: str, **given: Any) -> Answer:
    return flows.settle(sandbox, payment_intent, succeeds=True)


def fail_payment(sandbox: Sandbox, payment_intent: str, **given: Any) -> Answer:
    return flows.settle(sandbox, payment_intent, succeeds=False)


def fail_payout(sandbox: Sandbox, payout: str, **given: Any) -> Answer:
    payouts.fail(sandbox, payout)
    return sandbox.get("payout", sandbox.store.owner(payout), payout)


def authenticate(sandbox: Sandbox, payment_intent: str, **given: Any) -> Answer:
    return flows.authenticate(sandbox, payment_intent, bool(given.get("succeeds", True)))


def expire_session(sandbox: Sandbox, session_id: str, **given: Any) -> Answer:
    return sessions.expire(sandbox, sandbox.store.owner(session_id), {}, session_id)


def onboard(sandbox: Sandbox, account: str, **given: Any) -> Answer:
    """Complete an account's onboarding, or with `restrict` ask it for more."""
    body = sandbox.store.get("account", None, account)
    if body is None:
        raise missing_object("account", account)
    before = {name: body[name] for name in ("charges_enabled", "details_submitted", "payouts_enabled")}
    changed = accounts.restrict(body) if given.get("restrict") else accounts.complete(body)
    accounts.announce(sandbox, changed, before)
    return changed


def settings(sandbox: Sandbox, **given: Any) -> Answer:
    """Change settings (see `store.DEFAULTS`); all of them afterwards."""
    unknown = set(given) - set(DEFAULTS)
    if unknown:
        raise invalid(f"No such setting: {', '.join(sorted(unknown))}", min(unknown))
    for url in str(given.get("webhook_url", "")).split(","):
        if url.strip():
            accounts.require_url(url.strip(), "webhook_url")
    sandbox.store.set(**given)
    return sandbox.store.settings()


def reset(sandbox: Sandbox, **given: Any) -> Answer:
    """Forget every object, event and delivery; settings stay."""
    sandbox.store.clear()
    return {"reset": True}


ACTIONS: dict[str, Callable[..., Answer]] = {
    action.__name__: action
    for action in (
        pay, resend, release, dispute, win_dispute, lose_dispute, refund, fail_refund,
        settle_refund, unknown_charge, complete_payment, fail_payment, fail_payout, authenticate,
        expire_session, onboard, settings, reset,
    )
}  # fmt: skip


def run(sandbox: Sandbox, name: str, given: dict[str, Any]) -> Answer:
    """Do one action in one transaction; refusals are StripeErrors."""
    action = ACTIONS.get(name)
    if action is None:
        raise StripeError(f"No such action: {name}. Known: {', '.join(ACTIONS)}", status=404)
    try:
        signature(action).bind(sandbox, **given)
    except TypeError as error:
        raise invalid(f"{name}: {error}") from error
    with sandbox.store.transaction():
        flows.sweep(sandbox)
        return action(sandbox, **given)
