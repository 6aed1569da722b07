"""From what happened to what follows. Read HANDLERS to know what an order, a payment or a picture sets off.

A handler is called with the message's payload, in the message's store (a `tenant_id` in the payload chooses the store
of a message that the platform posted, and is taken away). `inside`: in one transaction with its receipt, so its
writes happen once. `outside`: it calls someone else, so no transaction is open; it may be called again after a crash
and must bear that, with `services.outbox.message_id()` as the key.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from kit import meters
from kit.ids import parse_id
from services import batches, credits, deliveries, downloads, notifications, outbox, tenants
from services.accounts import registering
from services.catalog import images, importing, popularity
from services.deliveries import Claim, Superseded
from services.payments import orphans, reconciliation, refunds, webhooks
from services.promotions import codes
from services.stock_alerts import tell_waiting

log = structlog.get_logger("jobs.outbox")


@dataclass(frozen=True, slots=True)
class Handler:
    handle: Callable[..., Any]
    calls_out: bool

    @property
    def name(self) -> str:
        """Stands in the receipts; a renamed handler would run again for messages that are on their way."""
        return f"{self.handle.__module__}.{self.handle.__qualname__}"


def inside(handle: Callable[..., Any]) -> Handler:
    return Handler(handle, calls_out=False)


def outside(handle: Callable[..., Any]) -> Handler:
    return Handler(handle, calls_out=True)


HANDLERS: dict[str, tuple[Handler, ...]] = {
    "account.registered": (outside(notifications.send_welcome),),
    "account.register_repeated": (outside(notifications.send_register_repeated),),
    "account.email_verified": (inside(registering.claim_orders),),
    "account.invited": (outside(notifications.send_invite),),
    "account.invitation_sent": (outside(notifications.send_invitation),),
    "account.confirmation_requested": (outside(notifications.send_confirmation),),
    "account.email_change_requested": (outside(notifications.send_email_change),),
    "account.email_changed": (outside(notifications.send_email_changed),),
    "account.security_changed": (outside(notifications.send_security_notice),),
    "account.erased": (outside(notifications.send_erased),),
    "password.reset_requested": (outside(notifications.send_password_reset),),
    "password.changed": (outside(notifications.send_password_changed),),
    "product.created": (),
    "product.updated": (),
    "products.updated": (),  # many at once, with their ids
    "product.deleted": (),
    "import.pictures_wanted": (outside(importing.fetch_pictures),),
    "image.uploaded": (outside(images.make_sizes),),
    "image.unused": (outside(images.remove_unused),),
    "file.unused": (outside(downloads.remove_unused),),
    "stock.low": (outside(notifications.send_stock_low),),
    "stock.back": (inside(tell_waiting),),
    "stock_alert.asked": (outside(notifications.send_alert_question),),
    "stock_alert.due": (outside(notifications.send_back_in_stock),),
    "mail.test_requested": (outside(notifications.send_test),),
    "newsletter.asked": (outside(notifications.send_newsletter_question),),
    "newsletter.confirmed": (outside(notifications.send_newsletter_welcome),),
    "batch.started": (outside(batches.run),),
    "order.placed": (
        outside(notifications.send_order_received),
        outside(notifications.send_new_unpaid_order),
    ),
    "order.paid": (),
    "order.confirmed": (
        inside(popularity.count_sold),
        inside(downloads.grant),  # before the mail, which has their links
        outside(notifications.send_order_confirmed),
        outside(notifications.send_new_order),
    ),
    "order.shipped": (outside(notifications.send_order_shipped),),
    "order.delivered": (outside(notifications.send_order_delivered),),
    "order.completed": (),
    "order.cancelled": (outside(notifications.send_order_cancelled),),
    "order.expired": (outside(notifications.send_order_expired),),
    "order.refunded": (
        inside(credits.prepare),
        inside(orphans.close_given_back),
        outside(notifications.send_order_refunded),
    ),
    "order.oversold": (outside(notifications.send_order_oversold),),
    "order.mail_requested": (outside(notifications.resend),),
    "order.payment_requested": (outside(notifications.send_payment_request),),
    "order.message": (outside(notifications.send_order_message),),
    "order.units_cancelled": (outside(notifications.send_units_cancelled),),
    "parcel.cancelled": (),
    "codes.ordered": (inside(codes.make_codes),),
    "payment.failed": (outside(notifications.send_payment_failed),),
    "payment.orphaned": (outside(notifications.send_payment_orphaned),),
    "refund.requested": (outside(refunds.finish_refund),),
    "refund.failed": (inside(credits.withdraw), outside(notifications.send_refund_failed)),
    "dispute.opened": (outside(notifications.send_dispute_opened),),
    "dispute.closed": (outside(notifications.send_dispute_closed),),
    "payout.failed": (outside(notifications.send_payout_failed),),
    "payments.check_requested": (outside(reconciliation.run_check),),
    "payments.differences_found": (outside(notifications.send_differences_found),),
    "plan.nearly_used": (outside(notifications.send_plan_nearly_used),),
    "plan.answered": (outside(notifications.send_plan_answered),),
    "review.submitted": (),
    "review.requested": (outside(notifications.send_review_request),),
    "review.replied": (outside(notifications.send_review_replied),),
    "webhook.received": (outside(webhooks.process),),
}

# Minutes of work that nobody waits for: they have a lane of their own, so that mails and payments don't queue up
# behind pictures.
SLOW: frozenset[str] = frozenset(
    {"import.pictures_wanted", "image.uploaded", "image.unused", "file.unused", "payments.check_requested"}
)
LEASE = timedelta(seconds=60)  # for how long a worker may be silent before its message goes to another
SLOW_LEASE = timedelta(minutes=10)


def claim(message_id: UUID, lease: timedelta | None = None) -> Claim | None:
    """Take the message, or None where it is done, dead or somebody else's."""
    lease = lease or LEASE
    return deliveries.claim(message_id, lambda topic: max(lease, SLOW_LEASE) if topic in SLOW else lease)


def deliver(held: Claim) -> bool:
    """Run what has not been done yet of a claimed message. False: something failed and is tried again later."""
    began, errors = time.perf_counter(), []
    try:
        for handler in _handlers(held.topic):
            try:
                _run(handler, held)
            except Superseded:
                raise
            except Exception as error:  # one follower's failure is not the others'
                log.exception("handler failed", topic=held.topic, message=str(held.id), handler=handler.name)
                errors.append(f"{handler.name}: {type(error).__name__}: {error}")
        if errors:
            deliveries.fail(held, "\n".join(errors))
        else:
            deliveries.finish(held)
    except Superseded:
        log.warning("somebody else has the message", topic=held.topic, message=str(held.id))
    meters.job(held.topic, done=not errors, seconds=time.perf_counter() - began)
    return not errors


def _handlers(topic: str) -> tuple[Handler, ...]:
    if topic in HANDLERS:
        return HANDLERS[topic]

    def nobody(**payload: Any) -> None:
        # During a deployment an old worker may see a new topic: it must not be lost.
        raise LookupError(f"HANDLERS does not name the topic {topic!r}")

    return (outside(nobody),)


def _run(handler: Handler, held: Claim) -> None:
    payload = dict(held.payload)
    tenant_id = held.tenant_id or parse_id(payload.get("tenant_id") or "")
    payload.pop("tenant_id", None)
    with outbox.delivering(held.id):
        if not handler.calls_out:
            with deliveries.once(held, handler.name) as fresh:
                if fresh:
                    with _in(tenant_id):
                        handler.handle(**payload)
        elif not deliveries.is_done(held, handler.name):
            with _in(tenant_id):
                handler.handle(**payload)
            with deliveries.once(held, handler.name):
                pass


@contextmanager
def _in(tenant_id: UUID | None) -> Iterator[None]:
    """The store of the message. A message of the platform alone runs in none; its handler chooses."""
    if tenant_id is None:
        yield
        return
    with tenants.in_store(tenant_id):
        yield
