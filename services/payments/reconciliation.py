"""The daily comparison with Stripe: when, over which time, how far it is, and what came of it. Webhooks can be lost;
this finds what they would have told."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from gateways import stripe
from kit import clock
from kit.actor import SYSTEM, Actor
from kit.db import db, transaction
from kit.errors import Conflict, ShopError, Unavailable
from kit.i18n import _
from kit.paging import Page, paginate
from kit.tenancy import every_tenant
from models.payments import CheckStatus, PaymentCheck, StripeAccount
from models.tenants import Tenant, TenantStatus
from services import outbox, tenants
from services.payments import connect
from services.payments.comparing import Comparison

GRACE = timedelta(minutes=15)  # what is younger may be on its way to us
NO_GRACE = timedelta(0)
OVERLAP = timedelta(days=3)  # a charge may be made long before it succeeds
FIRST_SPAN = timedelta(days=30)
EVERY = timedelta(hours=23)
STUCK = timedelta(minutes=30)  # a check that has not moved for so long is dead
IN_WORK = (CheckStatus.WAITING, CheckStatus.RUNNING)


@transaction()
def request_check(*, actor: Actor) -> PaymentCheck:
    """Have the worker compare. Conflict `check-running` while one is at it; the account's own refusals."""
    connect.require_account(ready=False)
    tenants.row(lock=True)
    check = _new_check(actor)
    outbox.post("payments.check_requested", check_id=check.id)
    return check


def _new_check(actor: Actor, grace: timedelta = GRACE) -> PaymentCheck:
    now = clock.now()
    running = db.session.scalar(
        select(PaymentCheck.id).where(PaymentCheck.status.in_(IN_WORK), PaymentCheck.updated_at > now - STUCK)
    )
    if running is not None:
        raise Conflict(_("A comparison with Stripe is running already."), code="check-running")
    last = db.session.scalar(
        select(PaymentCheck.until)
        .where(PaymentCheck.status == CheckStatus.DONE)
        .order_by(PaymentCheck.until.desc())
        .limit(1)
    )
    until = now - grace
    since = min(last or until, until) - (OVERLAP if last else FIRST_SPAN)
    check = PaymentCheck(since=since, until=until, created_by=actor.name or actor.email)
    db.session.add(check)
    db.session.flush()
    return check


def request_due() -> int:
    """In every store that has an account and was not compared for a day; in how many."""
    if not stripe.is_configured():
        return 0
    lately = select(PaymentCheck.id).where(
        PaymentCheck.tenant_id == StripeAccount.tenant_id, PaymentCheck.created_at > clock.now() - EVERY
    )
    with every_tenant():
        due = db.session.scalars(
            select(StripeAccount.tenant_id)
            .join(Tenant, Tenant.id == StripeAccount.tenant_id)
            .where(Tenant.status != TenantStatus.DELETED, ~lately.exists())
        ).all()
    for tenant_id in due:
        with tenants.in_store(tenant_id):
            request_check(actor=SYSTEM)
    return len(due)


def check_now(
    *, actor: Actor, grace: timedelta = GRACE, tell: Callable[[str, int], None] = lambda *_: None
) -> PaymentCheck:
    """Compare here and now, for the terminal; `tell(step, looked_at)` as it goes on."""
    connect.require_account(ready=False)
    with transaction():
        tenants.row(lock=True)
        check = _new_check(actor, grace)
    return run_check(check.id, tell=tell)


def run_check(check_id: UUID | str, tell: Callable[[str, int], None] = lambda *_: None) -> PaymentCheck:
    """The handler of `payments.check_requested`; started again after a crash it begins anew. Unavailable where Stripe
    does not answer: then the check has failed, and may be run again."""
    ident = UUID(str(check_id))
    check = _start(ident)
    if check.status is CheckStatus.DONE:
        return check

    def told(step: str, looked_at: int) -> None:
        _progress(ident, step, looked_at)
        tell(step, looked_at)

    try:
        account = connect.require_account(ready=False)
        comparison = Comparison(ident, account, check.since, check.until, told)
        comparison.run()
    except Unavailable as error:
        _fail(ident, error.message)
        raise
    except ShopError as error:  # the store has cut the connection: asking again would not help
        return _fail(ident, error.message)
    except Exception as error:
        _fail(ident, type(error).__name__)
        raise
    return _finish(ident, comparison)


def _lock(check_id: UUID) -> PaymentCheck:
    return db.session.get_one(PaymentCheck, check_id, with_for_update=True, populate_existing=True)


@transaction()
def _start(check_id: UUID) -> PaymentCheck:
    check = _lock(check_id)
    if check.status is not CheckStatus.DONE:
        check.status, check.error, check.looked_at = CheckStatus.RUNNING, "", 0
    return check


@transaction()
def _progress(check_id: UUID, step: str, looked_at: int) -> None:
    check = _lock(check_id)
    check.step, check.looked_at, check.updated_at = step, looked_at, clock.now()


@transaction()
def _fail(check_id: UUID, why: str) -> PaymentCheck:
    check = _lock(check_id)
    check.status, check.error, check.finished_at = CheckStatus.FAILED, why[:500], clock.now()
    return check


@transaction()
def _finish(check_id: UUID, done: Comparison) -> PaymentCheck:
    check = _lock(check_id)
    check.status, check.step, check.finished_at = CheckStatus.DONE, "", clock.now()
    check.looked_at, check.mended, check.open = done.looked_at, done.mended, done.open
    if done.mended or done.open:
        outbox.post("payments.differences_found", mended=done.mended, open=done.open)
    return check


# --- for people -------------------------------------------------------------------------------------------------------


def list_checks(*, page: int = 1, page_size: int = 20) -> Page[PaymentCheck]:
    """Newest first."""
    query = select(PaymentCheck).order_by(PaymentCheck.created_at.desc(), PaymentCheck.id.desc())
    return paginate(query, page, page_size)


def last_check() -> PaymentCheck | None:
    return db.session.scalar(
        select(PaymentCheck).order_by(PaymentCheck.created_at.desc(), PaymentCheck.id.desc()).limit(1)
    )


def is_running(check: PaymentCheck | None) -> bool:
    return check is not None and check.status in IN_WORK and check.updated_at > clock.now() - STUCK
