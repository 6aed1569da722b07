"""One order as its page shows it: groups of lines, sums, how they were reached, the timeline by day."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from flask import current_app, url_for

from admin.frame import may
from admin.wording import (
    CREDIT,
    FULFILMENT,
    METHODS,
    PAYMENT,
    STATUS,
    address_lines,
    badge,
    event_text,
    is_bad,
    word,
)
from kit.actor import Role
from kit.i18n import _, _n, pgettext
from models.fulfilment import Fulfillment, ParcelStatus
from models.orders import Order, OrderEvent, OrderItem
from services import credits, explained
from services.catalog import images
from services.orders import derived, effects, sending_drafts
from services.payments.refunds import list_refunds
from web.explained import steps
from web.filters import ago, day, moment, money, percent
from web.tenant import current_store


def show(order: Order, parcels: Sequence[Fulfillment]) -> dict[str, Any]:
    """Everything of the order but its timeline and its forms."""
    pictures = images.views_of(item.image_key for item in order.items)
    account = explained.of_order(order, list_refunds(order.id))
    return {
        "id": order.id,
        "number": order.order_number,
        "version": order.version,
        "placed": f"{day(order.placed_at, 'long')}, {moment(order.placed_at, 'HH:mm')}",
        "iso": order.placed_at.isoformat() if order.placed_at else "",
        "payment": badge(PAYMENT, order.payment_status),
        "fulfilment": badge(FULFILMENT, order.fulfillment_status),
        "status": badge(STATUS, order.status),
        "method": word(METHODS, order.payment_method),
        "groups": _groups(order, parcels, pictures),
        **sums(order),
        "explained": steps(account, order.currency),
        "explained_holds": account.holds if account else None,
        "customer": _customer(order),
        "shipping_address": address_lines(order.shipping_address),
        "billing_address": address_lines(order.billing_address) or address_lines(order.shipping_address),
        "note": order.customer_note,
        "is_oversold": order.is_oversold,
        "is_on_hold": order.is_on_hold,
        "hold_reason": order.hold_reason,
        "archived": order.archived_at is not None,
        "is_staff_made": order.channel == "staff",
        "due": moment(order.payment_due_at, "short"),
        "shipping_method": order.shipping_method,
    }


def line(order: Order, item: OrderItem, quantity: int, pictures: dict[str, Any]) -> dict[str, Any]:
    """A line, or the part of it that stands in one parcel. Discount and tax are those of the whole line."""
    shares = (
        [_("discount −%(amount)s", amount=money(item.discount_amount, order.currency))]
        if item.discount_amount
        else []
    )
    if item.tax_amount:
        how = (
            _("incl. %(amount)s tax (%(rate)s)")
            if order.prices_include_tax
            else _("plus %(amount)s tax (%(rate)s)")
        )
        shares.append(
            how % {"amount": money(item.tax_amount, order.currency), "rate": percent(item.tax_rate)}
        )
    return {
        "id": item.id,
        "name": item.name,
        "sku": item.sku,
        "options": options_of(item),
        "quantity": quantity,
        "url": url_for("admin.show_product", product_id=item.product_id) if item.product_id else "",
        "image": pictures.get(item.image_key),
        "unit_price": money(item.unit_price, order.currency),
        "total": money(item.unit_price * quantity, order.currency),
        "shares": " · ".join(shares),
        "refunded": _n("%(num)d refunded", "%(num)d refunded", item.refunded_quantity)
        if item.refunded_quantity
        else "",
    }


def options_of(item: OrderItem) -> str:
    return ", ".join(
        f"{o.get('attribute', '')}: {o.get('value', '')}".strip(": ") for o in item.options or ()
    )


def _groups(order: Order, parcels: Sequence[Fulfillment], pictures: dict[str, Any]) -> list[dict[str, Any]]:
    """What waits, then parcel by parcel what was sent, then what will never be sent."""
    groups = []
    waiting = [
        (item, effects.unpacked(item))
        for item in order.items
        if effects.unpacked(item) and item.requires_shipping
    ]
    if waiting:
        title = _("To send") if order.status in ("confirmed", "processing") else _("Ordered")
        groups.append(
            _group(
                order, title, badge(FULFILMENT, "unfulfilled"), waiting, pictures, note=order.shipping_method
            )
        )
    items = {item.id: item for item in order.items}
    for number, parcel in enumerate(parcels, 1):
        inside = [(items[part.order_item_id], part.quantity) for part in parcel.items]
        group = _group(order, _("Parcel %(number)s", number=number), _parcel_badge(parcel), inside, pictures)
        groups.append(group | {"parcel": _parcel(parcel)})
    digital = [(item, item.quantity) for item in order.items if not item.requires_shipping]
    if digital:
        groups.append(
            _group(order, _("Nothing to send"), badge(FULFILMENT, "not_required"), digital, pictures)
        )
    gone = [
        (item, item.cancelled_quantity)
        for item in order.items
        if item.cancelled_quantity and item.requires_shipping
    ]
    if gone:
        groups.append(_group(order, _("Cancelled"), badge(STATUS, "cancelled"), gone, pictures))
    return groups


def _group(order: Order, title: str, tag: tuple[str, str, str], lines: Sequence[tuple[OrderItem, int]],
           pictures: dict[str, Any], note: str = "") -> dict[str, Any]:  # fmt: skip
    return {"title": title, "badge": tag, "note": note, "parcel": None,
            "lines": [line(order, item, quantity, pictures) for item, quantity in lines]}  # fmt: skip


def _parcel_badge(parcel: Fulfillment) -> tuple[str, str, str]:
    return {
        ParcelStatus.PENDING: (_("Packed"), "warn", "part"),
        ParcelStatus.SHIPPED: (_("On its way"), "info", "part"),
        ParcelStatus.DELIVERED: (_("Delivered"), "good", "done"),
        ParcelStatus.CANCELLED: (pgettext("parcel", "Cancelled"), "neutral", "stop"),
    }[parcel.status]


def _parcel(parcel: Fulfillment) -> dict[str, Any]:
    is_sent, is_packed = parcel.status is ParcelStatus.SHIPPED, parcel.status is ParcelStatus.PENDING
    return {"id": parcel.id, "carrier": parcel.carrier or _("Parcel"), "number": parcel.tracking_number,
            "url": parcel.tracking_url, "when": moment(parcel.shipped_at or parcel.created_at, "short"),
            "can_ship": is_packed, "can_deliver": is_sent, "can_track": is_sent or is_packed,
            "can_cancel": is_packed or (is_sent and may(Role.MANAGER))}  # fmt: skip


def credit_notes(order_id: UUID) -> list[dict[str, Any]]:
    return [{"number": note.number, "amount": money(note.amount, note.currency), "status": badge(CREDIT, note.status),
             "when": moment(note.created_at, "short")} for note in credits.list_notes(order_id)]  # fmt: skip


def payment_link(order: Order) -> str:
    """The whole address, for a message or the phone; empty where nothing is to be paid by card."""
    if not sending_drafts.is_payable(order):
        return ""
    url_of: Any = current_app.config["VITRINE"].url_of
    return str(url_of(current_store().host)) + sending_drafts.payment_path(order)


def sums(order: Order) -> dict[str, Any]:
    def text(minor: int) -> str:
        return money(minor, order.currency)

    rows = [(_("Subtotal"), text(order.subtotal))]
    for off in order.discounts:
        label = _("Discount (%(code)s)", code=off["code"]) if off["code"] else off["name"] or _("Discount")
        rows.append((label, "−" + text(off["amount"])))
    rows.append((pgettext("cost", "Delivery"), text(order.shipping_total)))
    if not order.prices_include_tax:
        rows.append((_("Tax"), text(order.tax_total)))
    elif order.tax_total:
        rows.append((_("Tax in it"), text(order.tax_total)))
    left = derived.money_of(order).balance
    return {"money": rows, "total": text(order.total), "paid": text(order.captured_total),
            "refunded": text(order.refunded_total) if order.refunded_total else "",
            "open": text(left) if left > 0 else ""}  # fmt: skip


def _customer(order: Order) -> dict[str, Any]:
    address = order.billing_address or order.shipping_address or {}
    url = (
        url_for("admin.show_customer", customer_id=order.customer_id)
        if order.customer_id and may(Role.MANAGER)
        else ""
    )
    return {"name": order.customer_name or order.email, "email": order.email, "url": url,
            "phone": str((order.shipping_address or address).get("phone") or ""),
            "note": _("Has an account") if order.customer_id else _("Guest")}  # fmt: skip


def timeline_by_day(events: Sequence[OrderEvent], currency: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """Newest first, by day of the store's calendar."""
    newest = sorted(events, key=lambda e: (e.created_at, e.id), reverse=True)
    return [
        (name, [_event(e, currency) for e in group])
        for name, group in groupby(newest, key=lambda e: day(e.created_at, "full"))
    ]


def _event(event: OrderEvent, currency: str) -> dict[str, Any]:
    is_person = event.actor_kind in ("user", "platform", "guest", "order")
    who = event.actor_name or (_("Customer") if is_person else _("By itself"))
    return {"text": event_text(event, currency), "meta": who, "person": is_person, "bad": is_bad(event),
            "id": event.id, "note": event.type == "order.note" and bool(event.message),
            "time": f"{ago(event.created_at)} · {moment(event.created_at, 'short')}",
            "iso": event.created_at.isoformat(), "body": event.message}  # fmt: skip
