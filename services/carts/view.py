"""A cart as a shopper sees it: today's prices, what it all costs, and what has changed since the last look."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import func, select

from kit.actor import Actor
from kit.db import db
from kit.i18n import _, current_locale
from kit.money import display
from models.carts import Cart, CartItem
from models.promotions import CouponType
from services import promotions, shipping, taxes, tenants
from services.carts.lines import CartLine, read_lines
from services.carts.owners import Owner, find_cart, owner_of
from services.places import Place
from services.pricing import CouponTerms, PriceLine, Totals, compute
from services.promotions import Basket, BasketLine, Verdict


@dataclass(frozen=True, slots=True)
class CartWarning:
    """`item_id` None: it is about the cart as a whole."""

    code: str
    item_id: UUID | None
    message: str


@dataclass(frozen=True, slots=True)
class AppliedCoupon:
    """`value`: hundredths of a percent or minor units, by `type`."""

    code: str
    type: CouponType
    value: int
    description: str


@dataclass(frozen=True, slots=True)
class ShippingEstimate:
    """The cheapest way to the store's own country, until an address is known. `goods`: what thresholds look at;
    from `free_above` on it is free (None: no method there offers that)."""

    option: shipping.Option | None
    goods: int = 0
    free_above: int | None = None

    @property
    def is_free(self) -> bool:
        return self.option is not None and self.option.price == 0

    @property
    def missing_for_free(self) -> int | None:
        return None if self.free_above is None else max(0, self.free_above - self.goods)


@dataclass(frozen=True, slots=True)
class CartView:
    """`id` None: nothing was ever put in. `session_id`: the guest's token, to be handed back; None for accounts.

    `shipping_total` is 0 until a method is chosen at checkout; `shipping_estimate` says what to expect."""

    id: UUID | None
    session_id: str | None
    currency: str
    items: tuple[CartLine, ...]
    coupon: AppliedCoupon | None
    totals: Totals
    warnings: tuple[CartWarning, ...]
    offered: shipping.Quote  # how it could be sent to `place`
    place: Place
    tax_table: taxes.TaxTable = field(repr=False)
    terms: CouponTerms | None = None
    price_lines: tuple[PriceLine, ...] = field(default=(), repr=False)

    @property
    def item_count(self) -> int:
        return sum(line.quantity for line in self.items)

    @property
    def is_empty(self) -> bool:
        return not self.items

    @property
    def subtotal(self) -> int:
        return self.totals.subtotal

    @property
    def discount_total(self) -> int:
        return self.totals.discount_total

    @property
    def tax_total(self) -> int:
        return self.totals.tax_total

    @property
    def shipping_total(self) -> int:
        return self.totals.shipping_total

    @property
    def total(self) -> int:
        return self.totals.total

    @property
    def requires_shipping(self) -> bool:
        return any(line.requires_shipping for line in self.items)

    @property
    def weight(self) -> int:
        """Grams of what is sent."""
        return sum(line.weight * line.quantity for line in self.items if line.requires_shipping)

    @property
    def shipping_estimate(self) -> ShippingEstimate:
        options, goods = self.offered.items, self.totals.goods_after_discounts
        goals = [option.free_above for option in options if option.free_above is not None]
        return ShippingEstimate(shipping.cheapest(options), goods, min(goals, default=None))

    @property
    def can_be_ordered(self) -> bool:
        return bool(self.items) and all(line.can_be_bought for line in self.items)


def count_items(*, actor: Actor, token: str | None) -> int:
    """The number beside the cart icon. One query."""
    query = select(func.coalesce(func.sum(CartItem.quantity), 0)).join(Cart, Cart.id == CartItem.cart_id)
    return int(db.session.scalar(query.where(owner_of(actor, token).is_owner())) or 0)


def view(*, actor: Actor, token: str | None, extra: tuple[CartWarning, ...] = ()) -> CartView:
    """Everything about the cart of the one who asks; never writes. At most five queries."""
    owner = owner_of(actor, token)
    return view_of(find_cart(owner), owner, email=actor.email if owner.user_id else "", extra=extra)


def view_of(
    cart: Cart | None,
    owner: Owner,
    *,
    email: str = "",
    place: Place | None = None,
    extra: tuple[CartWarning, ...] = (),
    lines: tuple[CartLine, ...] | None = None,
) -> CartView:
    """`place` as it is known at checkout; until then it is the store's country. `lines`: where they are at hand."""
    store = tenants.current()
    place = place or Place(store.country)
    if lines is None:
        lines = read_lines(cart) if cart else ()
    verdict = (
        _judge(cart, lines, email or _email_of(cart), owner) if cart and cart.coupon_code and lines else None
    )
    coupon = verdict.coupon if verdict is not None and verdict.is_valid else None
    terms = promotions.terms_of(coupon) if coupon else None
    table = taxes.table_for(place)
    priced = _price_lines(lines, table, verdict)
    totals = compute(priced, prices_include_tax=store.prices_include_tax, coupon=terms)
    return CartView(
        id=cart.id if cart else None,
        session_id=owner.token or None,
        currency=store.currency,
        items=lines,
        coupon=AppliedCoupon(coupon.code, coupon.type, coupon.value, coupon.description) if coupon else None,
        totals=totals,
        warnings=(*_warnings(lines, verdict), *extra),
        offered=_offered(lines, place, totals.goods_after_discounts),
        place=place,
        tax_table=table,
        terms=terms,
        price_lines=priced,
    )


def _email_of(cart: Cart | None) -> str:
    return str((cart.checkout or {}).get("email") or "") if cart else ""


def basket_of(lines: tuple[CartLine, ...], email: str = "", customer_id: UUID | None = None) -> Basket:
    return Basket(
        tuple(BasketLine(i.product_id, i.line_total, i.is_on_sale) for i in lines), email, customer_id
    )


def _judge(cart: Cart, lines: tuple[CartLine, ...], email: str, owner: Owner) -> Verdict:
    coupon = promotions.find_coupon(cart.coupon_code or "")
    return promotions.judge(coupon, basket_of(lines, email, owner.user_id))


def _price_lines(
    lines: tuple[CartLine, ...], table: taxes.TaxTable, verdict: Verdict | None
) -> tuple[PriceLine, ...]:
    eligible = verdict.eligible if verdict is not None and verdict.is_valid else (False,) * len(lines)
    return tuple(
        PriceLine(
            str(line.id), line.unit_price, line.quantity, table.rates(line.tax_class), is_eligible=takes
        )
        for line, takes in zip(lines, eligible, strict=True)
    )


def _offered(lines: tuple[CartLine, ...], place: Place, amount: int) -> shipping.Quote:
    sent = [line for line in lines if line.requires_shipping]
    if not sent:
        return shipping.Quote(None, ())
    weight = sum(line.weight * line.quantity for line in sent)
    return shipping.options_for(place, shipping.Parcel(weight, amount))


def _warnings(lines: tuple[CartLine, ...], verdict: Verdict | None) -> tuple[CartWarning, ...]:
    found = [warning for line in lines for warning in _line_warnings(line)]
    if verdict is not None and not verdict.is_valid:
        found.append(CartWarning("coupon_invalid", None, verdict.message))
    return tuple(found)


def _line_warnings(line: CartLine) -> list[CartWarning]:
    if not line.is_for_sale:
        return [
            CartWarning("product_unavailable", line.id, _("“%(name)s” is no longer sold.", name=line.name))
        ]
    found = []
    if line.available_quantity == 0:
        found.append(CartWarning("out_of_stock", line.id, _("“%(name)s” is sold out.", name=line.name)))
    elif line.is_short:
        text = _("Only %(count)s of “%(name)s” are left.", count=line.available_quantity, name=line.name)
        found.append(CartWarning("not_enough_stock", line.id, text))
    if line.unit_price != line.price_seen:
        currency, locale = tenants.current().currency, current_locale()
        text = _("“%(name)s” now costs %(now)s; it was %(before)s when you added it.", name=line.name,
                 now=display(line.unit_price, currency, locale),
                 before=display(line.price_seen, currency, locale))  # fmt: skip
        found.append(CartWarning("price_changed", line.id, text))
    return found
