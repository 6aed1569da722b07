"""Ready-made objects put in as if they had happened here: the demo stores' past.

Each list takes partial objects: what is given replaces what the sandbox would make up.
No events are made. Importing the same ids again replaces them.
"""

from typing import Any

from . import clock
from .core import Sandbox
from .errors import StripeError, invalid, missing_object, missing_param
from .instruments import Instrument, named
from .objects import accounts, charges, intents, lines, refunds, sessions

KINDS = ("accounts", "payment_intents", "charges", "refunds", "sessions")
Given = dict[str, Any]


def run(sandbox: Sandbox, given: dict[str, list[Given]]) -> dict[str, int]:
    """Import; how many of each. One wrong object and nothing is imported."""
    unknown = set(given) - set(KINDS)
    if unknown:
        raise invalid(f"Can import only {', '.join(KINDS)}", min(unknown))
    makers = {
        "accounts": _account,
        "payment_intents": _intent,
        "charges": _charge,
        "refunds": _refund,
        "sessions": _session,
    }
    counts = {}
    with sandbox.store.transaction():
        for kind in KINDS:
            for item in given.get(kind, []):
                if "id" not in item:
                    raise missing_param(f"{kind}[id]")
                makers[kind](sandbox, dict(item))
            counts[kind] = len(given.get(kind, []))
    return counts


def _merge(sandbox: Sandbox, kind: str, built: Given, item: Given) -> Given:
    body = built | {key: value for key, value in item.items() if key != "account"}
    problems = sandbox.facts.object_problems(kind, body)
    if problems:
        raise StripeError(f"{kind} {body['id']}: {'; '.join(problems[:5])}", param=kind)
    return body


def _account(sandbox: Sandbox, item: Given) -> None:
    """Onboarded unless `charges_enabled` says otherwise."""
    built = accounts.build(item, item["id"])
    if item.get("charges_enabled", True):
        accounts.complete(built)
    profile = built["business_profile"] | (item.pop("business_profile", None) or {})
    item.pop("capabilities", None)
    item.pop("controller", None)
    body = _merge(sandbox, "account", built | {"business_profile": profile}, item)
    sandbox.store.add("account", "", body)


def _require_account(sandbox: Sandbox, item: Given) -> str:
    account: str = item.get("account", "")
    if account and sandbox.store.get("account", None, account) is None:
        raise missing_object("account", account, "account")
    return account


def _intent(sandbox: Sandbox, item: Given) -> None:
    """Succeeded unless `status` says otherwise; `latest_charge` is made by its charge."""
    account = _require_account(sandbox, item)
    status = item.setdefault("status", "succeeded")
    instrument = _instrument(item)
    built = intents.build(item["amount"], item.get("currency", "eur"), item)
    built["client_secret"] = f"{item['id']}_secret_imported"
    if status == "succeeded":
        built["amount_received"] = item["amount"]
    if status == "canceled":
        built["canceled_at"] = item.get("created", clock.now())
    session = item.pop("session", None)
    body = _merge(sandbox, "payment_intent", built, item)
    hidden = {"instrument": _name(instrument)} | ({"session": session} if session else {})
    sandbox.store.add("payment_intent", account, body, hidden=hidden)


def _instrument(item: Given) -> Instrument:
    """From the extra field `method` (a card number, "multibanco", …), which is no field
    of Stripe's."""
    name = item.pop("method", "4242424242424242")
    found = named(str(name))
    if found is None:
        raise invalid(f"The sandbox has no payment method {name}.", "method")
    return found


def _name(instrument: Instrument) -> str:
    return instrument.number if instrument.method == "card" else instrument.method


def _charge(sandbox: Sandbox, item: Given) -> None:
    """Of a `payment_intent` imported before or with it."""
    intent = sandbox.store.get("payment_intent", None, item.get("payment_intent", ""))
    if intent is None:
        raise missing_object("payment_intent", item.get("payment_intent", ""), "payment_intent")
    account = sandbox.store.owner(intent["id"])
    instrument = _instrument(item)
    created = item.setdefault("created", intent["created"])
    body = _merge(sandbox, "charge", charges.build(intent, instrument), item)
    sandbox.store.add("charge", account, body, hidden={"instrument": _name(instrument)})
    if body["status"] == "succeeded" and body["captured"]:
        charges.book(sandbox, account, body, created)
    sandbox.store.save(body)
    sandbox.store.save(intent | {"latest_charge": body["id"]})


def _refund(sandbox: Sandbox, item: Given) -> None:
    """Of a `charge` imported before or with it, whose refunded amount grows by it."""
    charge = sandbox.store.get("charge", None, item.get("charge", ""))
    if charge is None:
        raise missing_object("charge", item.get("charge", ""), "charge")
    account = sandbox.store.owner(charge["id"])
    item.setdefault("created", charge["created"])
    body = _merge(sandbox, "refund", refunds.build(charge, item["amount"]), item)
    sandbox.store.add("refund", account, body)
    if body["status"] == "succeeded":
        refunds.book(sandbox, account, body, created=body["created"])
    done = sum(
        other["amount"]
        for other in sandbox.store.find("refund", account, charge=charge["id"])
        if other["status"] not in ("failed", "canceled")
    )
    if done > charge["amount_captured"]:
        raise invalid(f"The refunds of {charge['id']} are more than it took.", "refunds")
    charge |= {"amount_refunded": done, "refunded": done == charge["amount_captured"]}
    sandbox.store.save(charge)


def _session(sandbox: Sandbox, item: Given) -> None:
    """Complete and paid unless `status` and `payment_status` say otherwise. `line_items` are
    given as `{name, unit_amount, quantity}`."""
    account = _require_account(sandbox, item)
    total = item["amount_total"]
    status = item.setdefault("status", "complete")
    item.setdefault("payment_status", "paid" if status == "complete" else "unpaid")
    created = item.setdefault("created", clock.now())
    item.setdefault("expires_at", created + sessions.LONGEST)
    built = sessions.build(total, item.get("currency", "eur"), item)
    if status == "open":
        built["url"] = f"{sandbox.host_url}/pay/{item['id']}"
    currency = item.get("currency", "eur")
    shown = [
        lines.show(line["name"], line["unit_amount"], line.get("quantity", 1), currency)
        for line in item.pop("line_items", [])
    ]
    body = _merge(sandbox, "checkout.session", built, item)
    due = body["expires_at"] if status == "open" else None
    sandbox.store.add("checkout.session", account, body, due=due, hidden={"lines": shown})
    if body["payment_intent"] and sandbox.store.row(body["payment_intent"]):
        sandbox.store.hide(body["payment_intent"], session=body["id"])
