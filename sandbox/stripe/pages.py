"""The pages a buyer or a seller meets at Stripe: pay, confirm, voucher, onboarding."""

from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from flask import Blueprint, current_app, redirect, render_template, request
from werkzeug.wrappers import Response

from . import actions, clock, flows
from .control import sandbox
from .errors import StripeError
from .instruments import DELAYED, Instrument, card, named
from .objects import accounts

blueprint = Blueprint("pages", __name__)
Page = Response | str | tuple[str, int]


@blueprint.after_request
def wake(response: Any) -> Any:
    current_app.extensions["deliverer"].wake()
    return response


def _missing() -> Page:
    return render_template("message.html", title="Not found", text="No such page here."), 404


def _store_name(account: str) -> str:
    body = sandbox().store.get("account", None, account) if account else None
    if body is None:
        return "Platform"
    name = (body["business_profile"] or {}).get("name") or body["email"] or account
    return str(name)


# -- paying --------------------------------------------------------------------------


@blueprint.get("/pay/<id>")
def pay(id: str) -> Page:
    return _pay_page(id)


def _pay_page(id: str, error: str = "", status: int = 200) -> Page:
    store = sandbox().store
    with store.transaction():
        flows.sweep(sandbox())
        session = store.get("checkout.session", None, id)
        if session is None:
            return _missing()
        account = store.owner(id)
        lines = store.hidden(id).get("lines", [])
        intent = store.get("payment_intent", account, session["payment_intent"] or "")
    if not error and intent and intent["last_payment_error"]:
        error = intent["last_payment_error"]["message"]
    page = render_template(
        "pay.html",
        session=session,
        lines=lines,
        store=_store_name(account),
        error=error,
        delayed={k: v for k, v in DELAYED.items() if k in session["payment_method_types"]},
        takes_cards="card" in session["payment_method_types"],
        given=request.form,
        success_url=actions.success_url(session),
    )
    return page, status


@blueprint.post("/pay/<id>")
def do_pay(id: str) -> Page:
    method = request.form.get("method", "card")
    instrument: Instrument | None
    if method == "card":
        instrument = card(request.form.get("number", ""))
    else:
        instrument = named(method)
    buyer = {name: request.form.get(name, "").strip() for name in ("email", "name")}
    try:
        with sandbox().store.transaction():
            flows.sweep(sandbox())
            session = flows.pay_session(sandbox(), id, instrument, buyer)
            intent = sandbox().store.get("payment_intent", None, session["payment_intent"] or "")
    except StripeError as refused:
        return _missing() if refused.status == 404 else _pay_page(id, str(refused), 409)
    if session["status"] == "complete":
        return redirect(actions.success_url(session), 303)
    if intent and (intent["next_action"] or {}).get("type") == "redirect_to_url":
        return redirect(f"/authenticate/{intent['id']}", 303)
    return _pay_page(id, status=402)


@blueprint.get("/authenticate/<id>")
def authenticate(id: str) -> Page:
    intent = sandbox().store.get("payment_intent", None, id)
    if intent is None:
        return _missing()
    waiting = (intent["next_action"] or {}).get("type") == "redirect_to_url"
    if not waiting:
        return _after_authentication(intent)
    return render_template("authenticate.html", intent=intent, store=_store_name(sandbox().store.owner(id)))


@blueprint.post("/authenticate/<id>")
def do_authenticate(id: str) -> Page:
    try:
        with sandbox().store.transaction():
            intent = flows.authenticate(sandbox(), id, request.form.get("answer") == "confirm")
    except StripeError as refused:
        if refused.status == 404:
            return _missing()
        return render_template("message.html", title="Nothing to confirm", text=str(refused)), 409
    return _after_authentication(intent)


def _after_authentication(intent: dict[str, Any]) -> Page:
    """On to the shop; back to the payment page when the buyer must try again."""
    hidden = sandbox().store.hidden(intent["id"])
    session = sandbox().store.get("checkout.session", None, hidden.get("session") or "")
    if session and session["status"] == "open":
        return redirect(f"/pay/{session['id']}", 303)
    if session:
        return redirect(actions.success_url(session), 303)
    if not hidden.get("return_url"):
        text = f"The payment is {intent['status'].replace('_', ' ')}. You can close this page."
        return render_template("message.html", title="Done", text=text)
    good = intent["status"] in ("succeeded", "requires_capture", "processing")
    query = urlencode(
        {
            "payment_intent": intent["id"],
            "payment_intent_client_secret": intent["client_secret"],
            "redirect_status": "succeeded" if good else "failed",
        }
    )
    parts = urlsplit(hidden["return_url"])
    joined = f"{parts.query}&{query}" if parts.query else query
    return redirect(urlunsplit(parts._replace(query=joined)), 303)


@blueprint.get("/voucher/<id>")
def voucher(id: str) -> Page:
    intent = sandbox().store.get("payment_intent", None, id)
    if intent is None:
        return _missing()
    details = (intent["next_action"] or {}).get("multibanco_display_details")
    return render_template(
        "voucher.html",
        intent=intent,
        details=details,
        store=_store_name(sandbox().store.owner(id)),
    )


@blueprint.post("/voucher/<id>")
def do_voucher(id: str) -> Page:
    try:
        with sandbox().store.transaction():
            flows.settle(sandbox(), id, request.form.get("answer") == "pay")
    except StripeError as refused:
        if refused.status == 404:
            return _missing()
        return render_template("message.html", title="Not possible", text=str(refused)), 409
    return redirect(f"/voucher/{id}", 303)


# -- onboarding ----------------------------------------------------------------------


@blueprint.get("/onboard/<id>")
def onboard(id: str) -> Page:
    link = _link(id)
    if link is None:
        return _missing()
    if link["used"] or link["expires_at"] <= clock.now():
        return redirect(link["refresh_url"], 303)
    account = sandbox().store.get("account", None, link["account"])
    return render_template("onboard.html", account=account, name=_store_name(link["account"]))


def _link(id: str) -> dict[str, Any] | None:
    body = sandbox().store.get("account_link", None, id)
    return {"used": False, **body, **sandbox().store.hidden(id)} if body else None


@blueprint.post("/onboard/<id>")
def do_onboard(id: str) -> Page:
    link = _link(id)
    if link is None:
        return _missing()
    if link["used"] or link["expires_at"] <= clock.now():
        return redirect(link["refresh_url"], 303)
    store = sandbox().store
    with store.transaction():
        store.hide(id, used=True)
        body = sandbox().get("account", "", link["account"])
        before = {name: body[name] for name in ("charges_enabled", "details_submitted")}
        name = request.form.get("business_name", "").strip()
        if name:
            body["business_profile"]["name"] = name[:100]
            body["settings"]["dashboard"]["display_name"] = name[:100]
        if request.form.get("answer") == "complete":
            accounts.complete(body)
        accounts.announce(sandbox(), body, before)
    return redirect(link["return_url"], 303)
