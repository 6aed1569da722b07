"""Connected accounts, their onboarding links and their dashboards' login links."""

from typing import Any
from urllib.parse import urlsplit

from .. import clock, ids, listing
from ..core import Sandbox, merge_metadata
from ..errors import StripeError, invalid, missing_param

_DUE = [
    "business_profile.url",
    "business_type",
    "external_account",
    "representative.dob.day",
    "representative.first_name",
    "representative.last_name",
    "tos_acceptance.date",
]
_CURRENCIES = {"GB": "gbp", "US": "usd", "CH": "chf", "PL": "pln", "SE": "sek", "DK": "dkk"}
_CAPABILITIES = ("card_payments", "transfers")
LINK_LIFE = 300


def build(params: dict[str, Any], id: str = "") -> dict[str, Any]:
    """A fresh account, not yet onboarded, not stored."""
    id = id or "acct_" + ids.text(16)
    country = params.get("country", "PT")
    profile = params.get("business_profile") or {}
    name = profile.get("name") or params.get("email") or id
    body: dict[str, Any] = {
        "id": id,
        "object": "account",
        "business_profile": {
            "annual_revenue": None,
            "estimated_worker_count": None,
            "mcc": profile.get("mcc"),
            "name": profile.get("name"),
            "product_description": profile.get("product_description"),
            "support_address": profile.get("support_address"),
            "support_email": profile.get("support_email"),
            "support_phone": profile.get("support_phone"),
            "support_url": profile.get("support_url"),
            "url": profile.get("url"),
        },
        "business_type": params.get("business_type"),
        "capabilities": dict.fromkeys(params.get("capabilities") or _CAPABILITIES, "inactive"),
        "charges_enabled": False,
        "controller": _controller(params),
        "country": country,
        "created": clock.now(),
        "default_currency": params.get("default_currency") or _CURRENCIES.get(country, "eur"),
        "details_submitted": False,
        "email": params.get("email"),
        "external_accounts": {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": f"/v1/accounts/{id}/external_accounts",
        },
        "future_requirements": _requirements([]),
        "metadata": params.get("metadata") or {},
        "payouts_enabled": False,
        "requirements": _requirements(_DUE, "requirements.past_due"),
        "settings": _settings(name),
        "tos_acceptance": {"date": None, "ip": None, "user_agent": None},
        "type": params.get("type") or ("none" if "controller" in params else "standard"),
    }
    return body


def _controller(params: dict[str, Any]) -> dict[str, Any]:
    """From `controller`, or what the older `type` stands for."""
    kind = params.get("type", "standard")
    given = params.get("controller") or {}
    standard = kind == "standard"
    return {
        "type": "application",
        "is_controller": True,
        "fees": {
            "payer": (given.get("fees") or {}).get("payer", "account" if standard else f"application_{kind}")
        },
        "losses": {
            "payments": (given.get("losses") or {}).get("payments", "stripe" if standard else "application")
        },
        "requirement_collection": given.get(
            "requirement_collection", "application" if kind == "custom" else "stripe"
        ),
        "stripe_dashboard": {
            "type": (given.get("stripe_dashboard") or {}).get(
                "type", {"standard": "full", "express": "express", "custom": "none"}[kind]
            )
        },
    }


def _requirements(due: list[str], disabled: str | None = None) -> dict[str, Any]:
    return {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": list(due),
        "disabled_reason": disabled,
        "errors": [],
        "eventually_due": list(due),
        "past_due": list(due),
        "pending_verification": [],
    }


def _settings(name: str) -> dict[str, Any]:
    return {
        "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
        "card_payments": {
            "decline_on": {"avs_failure": False, "cvc_failure": False},
            "statement_descriptor_prefix": None,
        },
        "dashboard": {"display_name": name, "timezone": "Etc/UTC"},
        "payments": {"statement_descriptor": None},
        "payouts": {
            "debit_negative_balances": True,
            "schedule": {"delay_days": 2, "interval": "manual"},
            "statement_descriptor": None,
        },
    }


def create(sandbox: Sandbox, account: str, params: dict[str, Any]) -> dict[str, Any]:
    if "type" in params and "controller" in params:
        raise invalid("You may not provide both `type` and `controller`.", "type")
    body = build(params)
    sandbox.store.add("account", "", body)
    return body


def complete(body: dict[str, Any]) -> dict[str, Any]:
    """Everything Stripe asks for has been given."""
    body |= {
        "business_type": body["business_type"] or "company",
        "capabilities": dict.fromkeys(body["capabilities"], "active"),
        "charges_enabled": True,
        "details_submitted": True,
        "payouts_enabled": True,
        "requirements": _requirements([]),
    }
    body["tos_acceptance"]["date"] = clock.now()
    return body


def restrict(body: dict[str, Any]) -> dict[str, Any]:
    """Stripe wants more: no charges and no payouts until it is given."""
    body |= {
        "capabilities": dict.fromkeys(body["capabilities"], "inactive"),
        "charges_enabled": False,
        "payouts_enabled": False,
        "requirements": _requirements(["individual.verification.document"], "requirements.past_due"),
    }
    return body


def announce(sandbox: Sandbox, body: dict[str, Any], previous: dict[str, Any]) -> None:
    sandbox.store.save(body)
    sandbox.emit(body["id"], "account.updated", body, previous)


def update(sandbox: Sandbox, account: str, params: dict[str, Any], id: str) -> dict[str, Any]:
    body = _find(sandbox, id)
    before = {"metadata": body["metadata"]}
    merge_metadata(body, params)
    for name in ("email", "business_type", "default_currency"):
        if name in params:
            body[name] = params[name]
    for name, value in (params.get("business_profile") or {}).items():
        if name in body["business_profile"]:
            body["business_profile"][name] = value
    for name in params.get("capabilities") or {}:
        state = "active" if body["charges_enabled"] else "inactive"
        body["capabilities"].setdefault(name, state)
    announce(sandbox, body, before)
    return body


def _find(sandbox: Sandbox, id: str) -> dict[str, Any]:
    found = sandbox.store.get("account", None, id)
    if found is None:
        raise StripeError(
            f"The provided key does not have access to account '{id}' (or that account does "
            "not exist). Application access may have been revoked.",
            status=403,
            code="account_invalid",
        )
    return found


def retrieve(sandbox: Sandbox, account: str, params: dict[str, Any], id: str) -> dict[str, Any]:
    return _find(sandbox, id)


def current(sandbox: Sandbox, account: str, params: dict[str, Any]) -> dict[str, Any]:
    """The account the request speaks for; without one, the platform's own."""
    if account:
        return _find(sandbox, account)
    platform = complete(build({"business_profile": {"name": "Platform"}}, "acct_platform"))
    return platform | {"created": 1700000000}


def list_(sandbox: Sandbox, account: str, params: dict[str, Any]) -> dict[str, Any]:
    return listing.page(sandbox.store, "account", "", params, "/v1/accounts")


def create_link(sandbox: Sandbox, account: str, params: dict[str, Any]) -> dict[str, Any]:
    body = _find(sandbox, params["account"])
    for name in ("refresh_url", "return_url"):
        if name not in params:
            raise missing_param(name)
        require_url(params[name], name)
    id = ids.text(24)
    link = {
        "object": "account_link",
        "created": clock.now(),
        "expires_at": clock.now() + LINK_LIFE,
        "url": f"{sandbox.host_url}/onboard/{id}",
    }
    hidden = {
        "account": body["id"],
        "return_url": params["return_url"],
        "refresh_url": params["refresh_url"],
    }
    sandbox.store.add("account_link", "", link, id=id, hidden=hidden)
    return link


def create_login_link(sandbox: Sandbox, account: str, params: dict[str, Any], id: str) -> dict[str, Any]:
    body = _find(sandbox, id)
    if body["controller"]["stripe_dashboard"]["type"] != "express":
        raise StripeError(
            "Cannot create a login link for an account that does not have an Express dashboard.",
            param="account",
        )
    if not body["details_submitted"]:
        raise StripeError(
            "Cannot create a login link for an account that has not completed onboarding.",
            param="account",
        )
    return {
        "object": "login_link",
        "created": clock.now(),
        "url": f"{sandbox.host_url}/?account={id}",
    }


def require_url(value: str, param: str) -> None:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise invalid("Not a valid URL", param, "url_invalid")
