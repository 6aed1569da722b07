"""What a basket comes to at a place. The cart, the checkout and the drafts of staff all ask here, so that none of them
can come to another total than the others."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

from kit.errors import Conflict
from kit.i18n import _
from kit.money import allocate
from models.catalog import TaxClass
from models.promotions import CouponType, Stacking
from models.taxes import ShippingTax
from services import promotions, shipping, taxes, tenants
from services.places import Place
from services.pricing import Discount, PriceLine, ShippingCharge, Totals, compute
from services.promotions import Basket, BasketLine, Offers


class Thing(Protocol):
    """A line of a basket. `unit_price` as the store enters its prices; `weight` in grams, of one."""

    @property
    def id(self) -> UUID: ...
    @property
    def product_id(self) -> UUID | None: ...
    @property
    def unit_price(self) -> int: ...
    @property
    def quantity(self) -> int: ...
    @property
    def line_total(self) -> int: ...
    @property
    def is_on_sale(self) -> bool: ...
    @property
    def tax_class(self) -> TaxClass | str: ...
    @property
    def weight(self) -> int: ...
    @property
    def requires_shipping(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys, as far as that is known. `place` None: not known yet, the sums are those of the store's country.
    `vat_number`: a business's; it counts where its proof is at hand."""

    email: str = ""
    customer_id: UUID | None = None
    place: Place | None = None
    vat_number: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A way of sending that is none of the store's methods: any name for any price, entered as prices are."""

    name: str
    price: int
    tax_class: TaxClass = TaxClass.STANDARD


@dataclass(frozen=True, slots=True)
class Bill:
    """`lines` and `totals` in what this buyer pays; `offered`: how it could be sent to `place`."""

    place: Place
    table: taxes.TaxTable
    offers: Offers
    discounts: tuple[Discount, ...]
    lines: tuple[PriceLine, ...]
    tax_classes: tuple[TaxClass | str, ...]
    totals: Totals
    offered: shipping.Quote


def bill_for(
    things: Sequence[Thing], buyer: Buyer, code: str | None = None, *, also: tuple[Discount, ...] = ()
) -> Bill:
    """Without a delivery. `also`: discounts that no rule gives; of all that hold, the best that go together count."""
    store = tenants.current()
    offers = promotions.offers_for(code, basket_of(things, buyer)) if things else Offers()
    place = buyer.place or Place(store.country)
    table = taxes.table_for(place, buyer.vat_number)
    lines = tuple(
        PriceLine(str(thing.id), table.price(thing.unit_price, thing.tax_class), thing.quantity,
                  table.rates(thing.tax_class))
        for thing in things
    )  # fmt: skip
    discounts = (*offers.discounts, *also)
    totals = compute(lines, prices_include_tax=store.prices_include_tax, discounts=discounts)
    offered = _offered(things, place, totals.goods_after_discounts)
    classes = tuple(thing.tax_class for thing in things)
    bill = Bill(place, table, offers, discounts, lines, classes, totals, offered)
    if any(discount.stacking is Stacking.SHIPPING for discount in discounts):
        return delivered(bill, None)  # whether they are the best depends on what delivery will cost
    return bill


def basket_of(things: Sequence[Thing], buyer: Buyer) -> Basket:
    return Basket(
        tuple(BasketLine(i.product_id, i.line_total, i.is_on_sale, i.quantity, str(i.id)) for i in things),
        buyer.email, buyer.customer_id, buyer.place.country if buyer.place else "",
    )  # fmt: skip


def _offered(things: Sequence[Thing], place: Place, amount: int) -> shipping.Quote:
    sent = [thing for thing in things if thing.requires_shipping]
    if not sent:
        return shipping.Quote(None, ())
    weight = sum(thing.weight * thing.quantity for thing in sent)
    count = sum(thing.quantity for thing in sent)
    return shipping.options_for(place, shipping.Parcel(weight, amount, count))


# --- what a typed code comes to -----------------------------------------------------------------------------------


def trouble_with_code(bill: Bill) -> tuple[str, str] | None:
    """Why the typed code takes nothing: a reason and how it is said."""
    verdict = bill.offers.verdict
    if verdict is None or (bill.totals.coupon is not None and verdict.coupon is not None):
        return None
    return ("outdone", promotions.outdone_text()) if verdict.is_valid else (verdict.reason, verdict.message)


def insist_on_code(bill: Bill, code: str | None) -> None:
    """Who typed a code must not find out later that it took nothing: Conflict `coupon-unavailable`. (Where something
    better applies instead, that was said.)"""
    verdict, cut = bill.offers.verdict, bill.totals.coupon
    if verdict is None:
        return
    message = "" if verdict.is_valid else verdict.message
    is_gift = cut is not None and verdict.coupon is not None and verdict.coupon.type is CouponType.GIFT
    if is_gift and cut is not None and not cut.total:
        message = _("The gift is not in the cart: put it in, or take the code out.")
    if message:
        raise Conflict(message, code="coupon-unavailable", coupon=code)


# --- with the delivery --------------------------------------------------------------------------------------------


def delivered(bill: Bill, by: shipping.Option | Delivery | None, fee: int = 0) -> Bill:
    """The bill with this delivery, and the payment's fee, in its totals. None: not chosen yet; then what delivery costs
    about tells which offers are the best."""
    likely = shipping.cheapest(bill.offered.items)
    totals = compute(
        bill.lines,
        prices_include_tax=bill.totals.prices_include_tax,
        discounts=bill.discounts,
        shipping=_charge(bill, by, fee) if by is not None else None,
        expected_shipping=_price(bill, likely.price, likely.tax_class) if likely else 0,
    )
    return replace(bill, totals=totals)


def _charge(bill: Bill, by: shipping.Option | Delivery, fee: int) -> ShippingCharge:
    """The fee is part of what delivery costs, and taxed as it is."""
    price, fee = (_price(bill, amount, by.tax_class) for amount in (by.price, fee))
    rates = bill.table.rates(by.tax_class, shipping=True)
    return ShippingCharge(by.name, price, rates, fee, _is_by_goods())


def _is_by_goods() -> bool:
    return tenants.current().shipping_tax is ShippingTax.PROPORTIONAL


def _price(bill: Bill, amount: int, tax_class: TaxClass | str) -> int:
    """What an entered price of a delivery is for this buyer. Where it is taxed as the goods are, each part of it is
    converted at the rates of the goods that it belongs to."""
    if not _is_by_goods() or not bill.lines:
        return bill.table.price(amount, tax_class, shipping=True)
    weights = [line.amount for line in bill.totals.lines]
    if not any(weights):
        weights = [line.quantity for line in bill.lines]
    by_class: dict[TaxClass | str, int] = {}
    for of, weight in zip(bill.tax_classes, weights, strict=True):
        by_class[of] = by_class.get(of, 0) + weight
    parts = zip(by_class, allocate(amount, list(by_class.values())), strict=True)
    return sum(bill.table.price(part, of) for of, part in parts)
