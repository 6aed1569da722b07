"""What is printed of orders: packing slips and pro-forma invoices, in the language of the order, with the store's name
and look; of several orders in one file."""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from gateways import storage
from kit.actor import Actor
from kit.db import db, end_reading
from kit.errors import Invalid, NotFound
from kit.i18n import LANGUAGES, _, cldr, pgettext, speaking
from kit.money import display
from kit.numbers import percent
from models.orders import Order, OrderItem, OrderStatus, PaymentMethod
from services import tenants
from services.addresses import envelope
from services.orders import derived
from services.tenants import Store

AT_ONCE = 200  # orders in one file: some seconds of work
COLOR = "#1d1b19"

if TYPE_CHECKING:  # the library is loaded by who prints: it takes 40 MB
    from kit.pdf import Paper


class PaperKind(StrEnum):
    SLIP = "slip"
    PROFORMA = "proforma"


def print_orders(ids: Sequence[UUID], kind: PaperKind, *, actor: Actor) -> bytes:
    """One PDF. NotFound where one of them is not an order of this store, Invalid where they are too many."""
    if len(ids) > AT_ONCE:
        raise Invalid(_("At most %(n)s orders can be printed at once.", n=AT_ONCE))
    query = select(Order).where(Order.id.in_(ids)).options(selectinload(Order.items))
    found = {order.id: order for order in db.session.scalars(query)}
    orders = [found[ident] for ident in dict.fromkeys(ids) if ident in found]
    if not orders or len(orders) < len(set(ids)):
        raise NotFound(_("There is no such order."))
    store = tenants.current()
    owed = (
        {order.id: derived.money_of(order).balance for order in orders} if kind is PaperKind.PROFORMA else {}
    )
    end_reading()
    logo = _logo(store)
    title = _TITLES[kind]() if len(orders) > 1 else f"{_TITLES[kind]()} {orders[0].order_number}"
    from kit.pdf import Paper, color_of

    paper = Paper(
        title=title, language=orders[0].locale, color=color_of(store.branding.get("primary_color") or COLOR)
    )
    for order in orders:
        with speaking(order.locale if order.locale in LANGUAGES else store.locale):
            paper.begin(order.order_number)
            paper.letterhead(store.branding.get("store_name") or store.name, _seller(store, kind), logo)
            if kind is PaperKind.SLIP:
                _slip(paper, order, store)
            else:
                _proforma(paper, order, store, owed[order.id])
    return paper.file()


_TITLES: dict[PaperKind, Callable[[], str]] = {
    PaperKind.SLIP: lambda: _("Packing slip"),
    PaperKind.PROFORMA: lambda: _("Pro-forma invoice"),
}


def _logo(store: Store) -> bytes | None:
    """From our own files only: what stands elsewhere is not fetched."""
    url = store.branding.get("logo_url") or ""
    marker = store.id.hex + "/"
    return storage.read(marker + url.rpartition(marker)[2]) if marker in url else None


def _seller(store: Store, kind: PaperKind) -> list[str]:
    lines = [store.legal_name or store.name, *(store.legal_address or "").splitlines()]
    if kind is PaperKind.PROFORMA and store.vat_number:
        lines.append(_("VAT number: %(number)s", number=store.vat_number))
    return [line for line in [*lines, store.contact_email, store.contact_phone] if line]


def _address(address: dict[str, str] | None) -> list[str]:
    return envelope(address, with_vat_number=True)


def _day(moment: datetime | None, store: Store) -> str:
    if moment is None:
        return ""
    return format_date(moment.astimezone(ZoneInfo(store.timezone)).date(), "long", locale=cldr())


def _named(item: OrderItem) -> str:
    options = ", ".join(
        f"{o.get('attribute', '')}: {o.get('value', '')}".strip(": ") for o in item.options or ()
    )
    return f"{item.name}\n{options}" if options else item.name


# --- the two papers -------------------------------------------------------------------------------------------------


def _slip(paper: "Paper", order: Order, store: Store) -> None:
    """What is in the parcels: no prices."""
    sent = [
        item for item in order.items if item.requires_shipping and item.quantity > item.cancelled_quantity
    ]
    note = " · ".join(filter(None, (_day(order.placed_at, store), order.shipping_method)))
    paper.title_line(f"{_('Packing slip')} {order.order_number}", note)
    blocks = [(_("Deliver to"), _address(order.shipping_address))]
    phone = (order.shipping_address or {}).get("phone")
    if phone:
        blocks.append((_("Phone"), [str(phone)]))
    paper.blocks(blocks)
    from kit.pdf import Column

    columns = [Column(_("Product"), 7), Column(_("SKU"), 3), Column(_("Quantity"), 2, "R")]
    paper.rows(columns, [[_named(i), i.sku, str(i.quantity - i.cancelled_quantity)] for i in sent])
    units = sum(item.quantity - item.cancelled_quantity for item in sent)
    paper.sums([(pgettext("slip", "Units in all"), str(units))])
    if order.customer_note:
        paper.words(order.customer_note, _("Note from the customer"))


def _proforma(paper: "Paper", order: Order, store: Store, owed: int) -> None:
    """What the order costs and how it was reached; no tax document, and it says so."""
    paper.title_line(
        f"{_('Pro-forma invoice')} {order.order_number}", _day(order.placed_at or order.created_at, store)
    )
    bill_to = _address(order.billing_address or order.shipping_address) or [order.customer_name]
    paper.blocks(
        [(_("Bill to"), [*bill_to, order.email]), (_("Deliver to"), _address(order.shipping_address))]
    )
    from kit.pdf import Column

    columns = [Column(_("Product"), 7), Column(_("Quantity"), 2, "R"), Column(_("Price"), 2, "R"),
               Column(_("Discount"), 2, "R"), Column(_("Tax"), 2, "R"), Column(_("Amount"), 3, "R")]  # fmt: skip
    paper.rows(columns, [_priced(order, item) for item in order.items])
    paper.sums(_sums(order))
    paper.words(_how_paid(order, store, owed))
    paper.words(
        _(
            "This is not an invoice: it states what was ordered and what it costs. It gives no right to deduct tax."
        )
    )


def _money(order: Order, minor: int) -> str:
    return display(minor, order.currency)


def _priced(order: Order, item: OrderItem) -> list[str]:
    off = f"−{_money(order, item.discount_amount)}" if item.discount_amount else ""
    name = f"{_named(item)}\n{item.sku}" if item.sku else _named(item)
    amount = item.line_total - item.discount_amount
    return [
        name,
        str(item.quantity),
        _money(order, item.unit_price),
        off,
        percent(item.tax_rate),
        _money(order, amount),
    ]


def _sums(order: Order) -> list[tuple[str, str]]:
    rows = [(_("Subtotal"), _money(order, order.subtotal))]
    if order.discount_total:
        rows.append((_("Discount"), "−" + _money(order, order.discount_total)))
    if order.shipping_total or order.shipping_method:
        rows.append(
            (order.shipping_method or pgettext("cost", "Delivery"), _money(order, order.shipping_total))
        )
    for name, amount in _taxes(order):
        text = _("%(tax)s, included", tax=name) if order.prices_include_tax else name
        rows.append((text, _money(order, amount)))
    return [*rows, (_("Total"), _money(order, order.total))]


def _taxes(order: Order) -> list[tuple[str, int]]:
    """By name and rate, as frozen when it was placed; else the one sum."""
    frozen = (order.explanation or {}).get("taxes") or ()
    rows = [(f"{tax['name']} {percent(tax['rate'])}", int(tax["amount"])) for tax in frozen]
    return rows or ([(_("Tax"), order.tax_total)] if order.tax_total else [])


def _how_paid(order: Order, store: Store, owed: int) -> str:
    if owed <= 0 or order.status in (OrderStatus.CANCELLED, OrderStatus.EXPIRED):
        return _("Nothing is to be paid any more.") if order.status is not OrderStatus.DRAFT else ""
    text = _("To be paid: %(amount)s", amount=_money(order, owed))
    if order.payment_due_at:
        text += " · " + _("until %(date)s", date=_day(order.payment_due_at, store))
    if order.payment_method is PaymentMethod.BANK_TRANSFER:
        setting = store.payment_methods.get("bank_transfer")
        how = str(setting.get("instructions") or "") if isinstance(setting, dict) else ""
        text += "\n" + _("Reference: %(number)s", number=order.order_number) + (f"\n{how}" if how else "")
    return text


__all__ = ["AT_ONCE", "PaperKind", "print_orders"]
