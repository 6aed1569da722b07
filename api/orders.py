"""Orders after placement: read, moved, sent, given back."""

from typing import Literal
from uuid import UUID

from api.contract import PagedQuery, Patch, actor, endpoint
from api.schemas.base import Out
from api.schemas.orders import OrderOut, present_orders
from api.schemas.timeline import EventOut
from kit.actor import Role
from kit.errors import Conflict
from kit.i18n import _
from kit.paging import Page, whole
from kit.spans import Before, Since
from models.orders import FulfillmentStatus, OrderStatus, PaymentStatus
from services import fulfilment
from services.fulfilment import ParcelDraft
from services.orders import mails, reading, status, timeline
from services.orders.reading import OrderFilter
from services.orders.status import StatusDraft
from services.payments import refunds
from services.payments.refunds import RefundDraft
from web.access import HOLDER

GROUP = "Orders"


class OrderQuery(PagedQuery):
    """`search` looks at number, e-mail and name, and takes a whole SKU. Drafts have no date, and come last by it."""

    status: OrderStatus | None = None
    payment_status: PaymentStatus | None = None
    fulfillment_status: FulfillmentStatus | None = None
    date_from: Since | None = None
    date_to: Before | None = None
    search: str = ""
    sort_by: Literal["placed_at", "order_number", "customer_name", "total"] = "placed_at"
    sort_dir: Literal["asc", "desc"] = "desc"


@endpoint("GET", "/orders", allow=Role.STAFF, group=GROUP, query=OrderQuery, answer=OrderOut, many=True)
def list_orders(query: OrderQuery):
    """Orders, newest first unless `sort_by` says otherwise."""
    wanted = OrderFilter(
        status=query.status or "",
        payment_status=query.payment_status or "",
        fulfillment_status=query.fulfillment_status or "",
        since=query.date_from,
        before=query.date_to,
        search=query.search,
    )
    page = reading.list_orders(wanted, page=query.page, page_size=query.page_size, sort=query.sort_by,
                               descending=query.sort_dir == "desc")  # fmt: skip
    return Page(present_orders(page.items), page.total, page.page, page.page_size)


@endpoint("GET", "/orders/<uuid:order_id>", allow=Role.STAFF, group=GROUP, answer=OrderOut)
def get_order(order_id: UUID):
    """One order by its id."""
    return reading.get_order(order_id)


@endpoint("GET", "/orders/by-number/<order_number>", allow=HOLDER, group=GROUP, answer=OrderOut)
def get_order_by_number(order_number: str):
    """One order by its number: a customer's own, the one of an order token, or any for staff."""
    return reading.get_by_number(order_number, actor=actor())


@endpoint("PUT", "/orders/<uuid:order_id>/status", allow=Role.MANAGER, group=GROUP, body=StatusDraft, partial=True,
          versioned=True, answer=OrderOut, errors=("illegal-transition", "payment-in-progress", "stale-version",
          "not-fulfillable"))  # fmt: skip
def change_status(order_id: UUID, patch: Patch):
    """Move an order. A refused move names the legal ones in `allowed`; `shipped` and `delivered` send all that is
    left; for `refunded` there is the refund call."""
    order = reading.get_order(order_id)
    draft = patch.onto({})
    if patch.version is not None and patch.version < order.version:
        raise Conflict(_("The order was changed meanwhile."), code="stale-version", version=order.version)
    status.change_status(order_id, draft, actor=actor())
    return reading.get_order(order_id)


@endpoint("POST", "/orders/<uuid:order_id>/fulfill", allow=Role.STAFF, group=GROUP, body=ParcelDraft,
          body_optional=True, answer=OrderOut, idempotent=True, errors=("not-fulfillable",))  # fmt: skip
def fulfil_order(order_id: UUID, draft: ParcelDraft):
    """Send a parcel: the named units, or all that is left."""
    fulfilment.fulfil_order(order_id, draft, actor=actor())
    return reading.get_order(order_id)


@endpoint("POST", "/orders/<uuid:order_id>/refund", allow=Role.ADMIN, group=GROUP, body=RefundDraft,
          body_optional=True, answer=OrderOut, idempotent=True,
          errors=("nothing-to-refund", "refund-too-large", "stripe-refused"))  # fmt: skip
def refund_order(order_id: UUID, draft: RefundDraft):
    """Give money back: an amount, units, or all that is left. A refund that Stripe has not confirmed yet is in
    `refunds` as `pending`, and counts in `refunded_total` once it has."""
    refunds.refund_order(order_id, draft, actor=actor())
    return reading.get_order(order_id)


@endpoint(
    "GET", "/orders/<uuid:order_id>/timeline", allow=Role.STAFF, group=GROUP, answer=EventOut, many=True
)
def get_timeline(order_id: UUID):
    """What happened to the order, oldest first."""
    reading.get_order(order_id)
    return whole(timeline.list_events(order_id))


class MailOut(Out):
    sent_to: str


@endpoint("POST", "/orders/<uuid:order_id>/resend-email", allow=Role.STAFF, group=GROUP, answer=MailOut, status=202,
          limit="10 per minute", errors=("order-is-draft",))  # fmt: skip
def resend_email(order_id: UUID):
    """Send the customer the order's mail once more."""
    return MailOut(sent_to=mails.resend_mail(order_id, actor=actor()).email)
