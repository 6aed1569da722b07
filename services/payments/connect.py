"""The store's own account at Stripe: opening it, its state as Stripe last told it, its balance and payouts."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field
from sqlalchemy import select

from gateways import stripe
from gateways.stripe import Account, Balance, Batch, Link, Payout
from kit.actor import SYSTEM, Actor
from kit.db import db, transaction
from kit.drafts import Amount, Draft, Text
from kit.errors import Conflict, Invalid, Unavailable
from kit.i18n import _
from kit.ids import uuid7
from models.audit import AuditEntry
from models.payments import StripeAccount
from services import audit, outbox, tenants


@dataclass(frozen=True, slots=True)
class ConnectStatus:
    connected: bool
    account_id: str | None = None
    charges_enabled: bool = False
    payouts_enabled: bool = False
    details_submitted: bool = False
    requirements: tuple[str, ...] = ()


def find_account() -> StripeAccount | None:
    return db.session.scalar(select(StripeAccount))


def is_ready() -> bool:
    """May cards be offered: is Stripe set up, and the store's account able to take charges?"""
    account = find_account() if stripe.is_configured() else None
    return account is not None and account.charges_enabled


def require_account(*, ready: bool = True) -> str:
    """The account's id. Unavailable where the platform has no key, Conflict where the store has not connected."""
    if not stripe.is_configured():
        raise Unavailable(
            _("Card payments are not set up on this platform."), code="integration-not-configured"
        )
    account = find_account()
    if account is None or (ready and not account.charges_enabled):
        raise Conflict(
            _("The store has not finished connecting its Stripe account."), code="stripe-not-connected"
        )
    return account.account_id


def get_status() -> ConnectStatus:
    """Asked at Stripe where it answers, else as it was last known; never an error."""
    account = find_account()
    if account is None:
        return ConnectStatus(connected=False)
    if stripe.is_configured():
        try:
            refresh_account(account.account_id)
        except Unavailable:
            pass
        except Conflict:  # the store has taken the platform's access away
            return ConnectStatus(connected=False, account_id=account.account_id)
    account = find_account()
    assert account is not None
    return ConnectStatus(
        connected=True,
        account_id=account.account_id,
        charges_enabled=account.charges_enabled,
        payouts_enabled=account.payouts_enabled,
        details_submitted=account.details_submitted,
        requirements=tuple(account.requirements),
    )


def refresh_account(account_id: str) -> None:
    """Ask Stripe what the account can do now."""
    _save(stripe.get_account(account_id))


@transaction()
def _save(found: Account) -> StripeAccount:
    tenants.row(lock=True)  # two first onboardings at once make one row
    account = find_account()
    if account is None:
        account = StripeAccount(account_id=found.id)
        db.session.add(account)
    if account.account_id == found.id:
        account.charges_enabled = found.charges_enabled
        account.payouts_enabled = found.payouts_enabled
        account.details_submitted = found.details_submitted
        account.requirements = list(found.requirements)
        account.pending_requirements = list(found.pending)
        account.requirements_due_at = found.due_at
        account.disabled_reason = found.disabled_reason[:100]
        account.capabilities = dict(found.capabilities)
    return account


@transaction()
def forget_account(account_id: str) -> None:
    """The store has cut the connection at Stripe: no more charges, though what was paid can be told by the id."""
    account = find_account()
    if account is not None and account.account_id == account_id:
        account.charges_enabled = account.payouts_enabled = False


class OnboardingDraft(Draft):
    """Where Stripe sends the browser afterwards, and where when its link was used up. Missing: the face's own,
    and the same for both."""

    return_url: Annotated[str, Text(1000)] = ""
    refresh_url: Annotated[str, Text(1000)] = ""


def start_onboarding(draft: OnboardingDraft, *, actor: Actor) -> Link:
    """A link to Stripe's own form. The first time it opens the account."""
    check_return_url("return_url", draft.return_url)
    if draft.refresh_url:
        check_return_url("refresh_url", draft.refresh_url)
    store = tenants.current()
    if not stripe.is_configured():
        raise Unavailable(
            _("Card payments are not set up on this platform."), code="integration-not-configured"
        )
    account = find_account()
    if account is None:
        account = _save(_open_account(store))
        with transaction():
            audit.record("create", account, actor=actor, changes={"account_id": [None, account.account_id]})
    return stripe.onboarding_link(
        account.account_id, return_url=draft.return_url, refresh_url=draft.refresh_url or draft.return_url
    )


def _open_account(store: tenants.Store) -> Account:
    return stripe.create_account(
        key=f"tenant:{store.id}:account",
        country=store.country,
        email=store.contact_email or store.notification_email,
        name=store.legal_name or store.name,
        url=f"https://{store.host}",
        metadata={"tenant_id": str(store.id)},
    )


def check_return_url(field: str, url: str) -> None:
    """Only to the store's own hosts, or to an app scheme that its settings list (`myapp://…` among cors_origins)."""
    store = tenants.current()
    schemes = {urlsplit(origin).scheme for origin in store.cors_origins} - {"http", "https", ""}
    hosts = {store.host, f"{store.slug}.{tenants.platform_domain()}"}
    try:
        parts = urlsplit(url)
        is_page = parts.scheme in ("http", "https") and "@" not in parts.netloc
        is_ours = parts.scheme in schemes or (is_page and parts.hostname in hosts)
    except ValueError:  # brackets that are no address
        is_ours = False
    if not is_ours:
        raise Invalid.field(field, "foreign_url", _("Must be an address of this store."))


# --- its money at Stripe ---------------------------------------------------------------------------------------------


def get_balance() -> Balance:
    return stripe.get_balance(account=require_account(ready=False))


def list_movements(limit: int, cursor: str | None = None) -> Batch:
    return stripe.list_movements(account=require_account(ready=False), limit=limit, cursor=cursor)


def list_payouts(limit: int, cursor: str | None = None) -> Batch:
    return stripe.list_payouts(account=require_account(ready=False), limit=limit, cursor=cursor)


class PayoutDraft(Draft):
    amount: Annotated[Amount, Field(gt=0)]
    currency: Annotated[str, Text(3)] = ""


def create_payout(draft: PayoutDraft, *, actor: Actor) -> Payout:
    """Send money of the balance to the store's bank."""
    store = tenants.current()
    currency = draft.currency.upper() or store.currency
    if currency != store.currency:
        raise Invalid.field("currency", "not_a_choice", _("Must be %(currency)s.", currency=store.currency))
    account = require_account(ready=False)
    payout = stripe.create_payout(
        account=account, key=f"payout:{uuid7()}", amount=draft.amount, currency=currency
    )
    with transaction():
        audit.record("payout", ("payout", payout.id), actor=actor, changes={"amount": [None, payout.amount]})
    return payout


@transaction()
def note_failed_payout(payout: Payout) -> None:
    """The bank did not take it: the money is in the balance again, and payouts may have stopped. Told of once, however
    often Stripe says it."""
    tenants.row(lock=True)
    told = select(AuditEntry.id).where(
        AuditEntry.resource_type == "payout",
        AuditEntry.resource_id == payout.id,
        AuditEntry.action == "payout_failed",
    )
    if db.session.scalar(told.limit(1)) is not None:
        return
    changes = {"status": [None, "failed"], "failure": [None, payout.failure]}
    audit.record("payout_failed", ("payout", payout.id), actor=SYSTEM, changes=changes)
    outbox.post("payout.failed", payout_id=payout.id, amount=payout.amount, currency=payout.currency,
                reason=payout.failure)  # fmt: skip
