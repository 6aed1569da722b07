"""Orders that staff put together (on the phone, at the counter): a draft that can be changed freely, holds no stock
and counts nowhere; sending it makes an order of it, which waits for its money like any other."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from kit.actor import Actor
from kit.db import db, transaction
from kit.drafts import Draft, Email, IdRef, Int, Text, wrong
from kit.errors import Conflict, Invalid, NotFound
from kit.i18n import _
from kit.ids import uuid7
from models.orders import FulfillmentStatus, Order, OrderItem, OrderStatus, PaymentMethod
from services import audit, bills, tenants, vat_numbers
from services.accounts import people
from services.accounts.people import email_key
from services.addresses import AddressFields
from services.orders import draft_sums, effects, timeline
from services.orders.draft_lines import QUANTITY_MAX, NewLineDraft, Price, line_for
from services.orders.draft_sums import Discount, Sending

LINES_MAX = 200


class LineChange(Draft):
    """`quantity` 0 takes the line away. `unit_price` as prices are entered, whatever this buyer pays of it."""

    id: IdRef
    quantity: Annotated[Int, Field(ge=0, le=QUANTITY_MAX)]
    unit_price: Price


class LinesDraft(Draft):
    items: Annotated[list[LineChange], Field(max_length=LINES_MAX)] = []


class BuyerDraft(Draft):
    """An account of the store by its id, or somebody with an address and a name."""

    customer_id: IdRef | None = None
    email: Email | None = None
    name: Annotated[str, Text(200)] = ""

    @model_validator(mode="after")
    def _is_somebody(self) -> "BuyerDraft":
        if self.customer_id is None and self.email is None:
            raise wrong("email", "required", _("Enter an e-mail address."))
        return self


class PlacesDraft(Draft):
    """`billing` missing: the same as `shipping`."""

    shipping: AddressFields | None = None
    billing: AddressFields | None = None


class TermsDraft(Draft):
    """One discount at most, in percent or as an amount; one way of sending, by a method or freely named. `coupon_code`:
    what the customer could have typed at the checkout."""

    discount_percent: Annotated[Int, Field(ge=0, le=10_000)] = 0  # hundredths
    discount_amount: Price = 0
    discount_reason: Annotated[str, Text(100)] = ""
    coupon_code: Annotated[str, Text(60)] = ""
    shipping_method_id: IdRef | None = None
    shipping_name: Annotated[str, Text(100)] = ""
    shipping_price: Price | None = None
    payment_method: PaymentMethod = PaymentMethod.CARD
    note: Annotated[str, Text(2000)] = ""

    @model_validator(mode="after")
    def _one_of_each(self) -> "TermsDraft":
        if self.discount_percent and self.discount_amount:
            raise wrong("discount_amount", "not_together", _("Give a percentage or an amount, not both."))
        if self.shipping_method_id is not None and self.shipping_price is not None:
            raise wrong("shipping_price", "not_together", _("Choose a method or enter a price, not both."))
        if self.shipping_price is not None and not self.shipping_name:
            raise wrong("shipping_name", "required", _("Say how it is sent."))
        if self.payment_method is PaymentMethod.NONE:
            raise wrong("payment_method", "not_available", _("Choose how it is paid."))
        return self


def get_draft(order_id: UUID) -> Order:
    """With its lines. NotFound where there is no such draft: also of one that has become an order."""
    query = select(Order).where(Order.id == order_id, Order.status == OrderStatus.DRAFT)
    order = db.session.scalar(query.options(selectinload(Order.items)))
    if order is None:
        raise NotFound(_("There is no such draft."))
    return order


def lock_draft(order_id: UUID) -> Order:
    """Conflict `not-a-draft` where somebody has sent it meanwhile."""
    order = effects.lock_order(order_id)
    if order.status is not OrderStatus.DRAFT:
        raise Conflict(
            _("This draft has become an order already."), code="not-a-draft", status=str(order.status)
        )
    return order


@transaction()
def create_draft(*, actor: Actor) -> Order:
    store, ident = tenants.current(), uuid7()
    order = Order(
        id=ident,
        order_number=f"D-{ident.hex[-8:].upper()}",  # a working name: the store's number is taken when it is sent
        status=OrderStatus.DRAFT,
        display_status="draft",
        fulfillment_status=FulfillmentStatus.NOT_REQUIRED,
        email="",
        email_key="",
        locale=store.locale,
        currency=store.currency,
        prices_include_tax=store.prices_include_tax,
        subtotal=0,
        total=0,
        payment_method=PaymentMethod.CARD,
        channel="staff",
    )
    db.session.add(order)
    db.session.flush()
    timeline.record(order, "draft.created", actor=actor)
    audit.record("create", order, actor=actor, changes={"status": [None, order.status]})
    return order


@transaction()
def delete_draft(order_id: UUID, *, actor: Actor) -> None:
    """Drafts are paper: nothing refers to them, and they go for good."""
    order = lock_draft(order_id)
    audit.record("delete", order, actor=actor, changes={"order_number": [order.order_number, None]})
    for event in order.events:
        db.session.delete(event)
    db.session.delete(order)


# --- lines ----------------------------------------------------------------------------------------------------------


@transaction()
def add_line(order_id: UUID, draft: NewLineDraft, *, actor: Actor) -> OrderItem:
    """One more line; the same thing at the same price adds to the line that is there."""
    order = lock_draft(order_id)
    item = line_for(draft)
    twin = next((one for one in order.items if _is_same(order, one, item)), None)
    if twin is not None:
        if twin.quantity + item.quantity > QUANTITY_MAX:
            raise Invalid.field("quantity", "too_many", _("At most %(n)s of one thing.", n=QUANTITY_MAX))
        twin.quantity += item.quantity
        item = twin
    elif len(order.items) >= LINES_MAX:
        raise Conflict(_("An order has at most %(n)s lines.", n=LINES_MAX), code="too-many-lines")
    else:
        item.position = max((one.position for one in order.items), default=-1) + 1
        order.items.append(item)
        draft_sums.enter_price(order, item, item.unit_price)
    draft_sums.recount(order)
    return item


def _is_same(order: Order, one: OrderItem, fresh: OrderItem) -> bool:
    names = ("product_id", "variant_id", "name", "tax_class", "requires_shipping")
    same_price = draft_sums.entered_price(order, one) == fresh.unit_price
    return same_price and all(getattr(one, name) == getattr(fresh, name) for name in names)


def change_lines(order_id: UUID, draft: LinesDraft, *, actor: Actor) -> Order:
    """Quantities and prices of lines that are there; those that are not named stay as they are."""
    prove_number(order_id)
    return _change_lines(order_id, draft)


@transaction()
def _change_lines(order_id: UUID, draft: LinesDraft) -> Order:
    order = lock_draft(order_id)
    lines = {item.id: item for item in order.items}
    for at, wish in enumerate(draft.items):
        item = lines.get(wish.id)
        if item is None:
            raise Invalid.field(f"items.{at}.id", "unknown_id", _("The order has no such line."))
        if wish.quantity == 0:
            order.items.remove(item)
        else:
            item.quantity = wish.quantity
            draft_sums.enter_price(order, item, wish.unit_price)
    draft_sums.recount(order)
    return order


# --- who, where, how ------------------------------------------------------------------------------------------------


@transaction()
def set_buyer(order_id: UUID, draft: BuyerDraft, *, actor: Actor) -> Order:
    """Who buys. An account brings its language, and its default address where the draft has none yet."""
    order = lock_draft(order_id)
    if draft.customer_id is None:
        assert draft.email is not None
        order.customer_id, order.email, name = None, draft.email, draft.name
    else:
        try:
            user = people.get_user(draft.customer_id)
        except NotFound as error:
            raise Invalid.field("customer_id", "unknown_id", error.message) from error
        order.customer_id, order.email, name = user.id, user.email, user.name
        order.locale = user.locale or order.locale
    order.email_key = email_key(order.email)
    order.customer_name = (name or order.customer_name or order.email)[:200]
    draft_sums.recount(order)
    return order


def set_places(order_id: UUID, draft: PlacesDraft, *, actor: Actor) -> Order:
    """Where it goes to and who is billed. A business's number is asked of the register, as at the checkout."""
    if billed_to := draft.billing or draft.shipping:
        vat_numbers.prove(billed_to.vat_number, billed_to.country)
    return _set_places(order_id, draft)


def prove_number(order_id: UUID) -> None:
    """Ask the register for the business's number again, where its answer is no longer good. It may take seconds: never
    while anything is locked."""
    order = db.session.get(Order, order_id)
    billed_to = (order.billing_address if order else None) or {}
    vat_numbers.prove(billed_to.get("vat_number") or "", billed_to.get("country") or "")


@transaction()
def _set_places(order_id: UUID, draft: PlacesDraft) -> Order:
    order = lock_draft(order_id)
    order.shipping_address = draft.shipping.model_dump() if draft.shipping else None
    order.billing_address = draft.billing.model_dump() if draft.billing else order.shipping_address
    person = order.billing_address or {}
    if person and (not order.customer_name or order.customer_name == order.email):
        order.customer_name = f"{person['first_name']} {person['last_name']}".strip()[:200]
    draft_sums.recount(order)
    return order


@transaction()
def set_terms(order_id: UUID, draft: TermsDraft, *, actor: Actor) -> Order:
    """Discount, coupon, way of sending, way of paying, and the note that the customer will see. Invalid `coupon_code`
    says why it takes nothing."""
    order = lock_draft(order_id)
    before = draft_sums.code_of(order)
    sending = None
    if draft.shipping_method_id is not None:
        if draft.shipping_method_id not in {option.id for option in draft_sums.options_for(order)}:
            raise Invalid.field("shipping_method_id", "not_available",
                                _("This way of sending is not offered for this address and order."))  # fmt: skip
        sending = Sending(draft.shipping_method_id)
    elif draft.shipping_price is not None:
        sending = Sending(None, draft.shipping_name, draft.shipping_price)
    order.payment_method = draft.payment_method
    order.customer_note = draft.note
    discount = Discount(draft.discount_percent, draft.discount_amount, draft.discount_reason)
    draft_sums.keep_terms(order, discount, sending, draft.coupon_code)
    trouble = bills.trouble_with_code(draft_sums.recount(order))
    if trouble and draft.coupon_code != before:  # one that was good once is not in the way of the rest
        raise Invalid.field("coupon_code", *trouble)
    return order
