"""A cart as a shopper sees it: today's prices, what it all costs, and what has changed since the last look."""

from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import func, select

from kit.actor import Actor
from kit.db import db
from kit.i18n import _, current_locale
from kit.money import display
from models.carts import Cart, CartItem
from models.promotions import CouponType, Stacking
from services import promotions, shipping, taxes, tenants
from services.carts.lines import CartLine, read_lines
from services.carts.owners import Owner, find_cart, owner_of
from services.carts.quantities import problem_of
from services.places import Place
from services.pricing import Cut, PriceLine, ShippingCharge, Totals, compute
from services.promotions import Basket, BasketLine, Hint, Offers


@dataclass(frozen=True, slots=True)
class CartWarning:
    """`item_id` None: it is about the cart as a whole."""

    code: str
    item_id: UUID | None
    message: str


@dataclass(frozen=True, slots=True)
class AppliedCoupon:
    """`value`: hundredths of a percent or minor units, by `type`. `discount`: what it takes off, goods and delivery."""

    code: str
    type: CouponType
    value: int
    description: str
    discount: int = 0


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
    offers: Offers = field(default_factory=Offers, repr=False)
    price_lines: tuple[PriceLine, ...] = field(default=(), repr=False)

    @property
    def cuts(self) -> tuple[Cut, ...]:
        """What takes something off, in the order in which it does."""
        return self.totals.cuts

    @property
    def hints(self) -> tuple[Hint, ...]:
        """What is almost reached, and gifts that wait."""
        return self.offers.hints

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
    vat_number: str = "",
    extra: tuple[CartWarning, ...] = (),
    lines: tuple[CartLine, ...] | None = None,
) -> CartView:
    """`place` as it is known at checkout; until then it is the store's country. `vat_number`: a business's, whose proof
    is looked for. `lines`: where they are at hand."""
    store = tenants.current()
    if lines is None:
        lines = read_lines(cart) if cart else ()
    code = cart.coupon_code if cart else None
    basket = basket_of(lines, email or _email_of(cart), owner.user_id, place.country if place else "")
    offers = promotions.offers_for(code, basket) if lines else Offers()
    place = place or Place(store.country)
    table = taxes.table_for(place, vat_number)
    priced = tuple(
        PriceLine(str(line.id), table.price(line.unit_price, line.tax_class), line.quantity,
                  table.rates(line.tax_class))
        for line in lines
    )  # fmt: skip
    totals = compute(priced, prices_include_tax=store.prices_include_tax, discounts=offers.discounts)
    found = CartView(
        id=cart.id if cart else None,
        session_id=owner.token or None,
        currency=store.currency,
        items=lines,
        coupon=None,
        totals=totals,
        warnings=(*_warnings(lines), *extra),
        offered=_offered(lines, place, totals.goods_after_discounts),
        place=place,
        tax_table=table,
        offers=offers,
        price_lines=priced,
    )
    if any(discount.stacking is Stacking.SHIPPING for discount in offers.discounts):
        return priced_again(found, None)  # whether they are the best depends on what delivery will cost
    return _with_coupon(found)


def priced_again(view: CartView, charge: ShippingCharge | None) -> CartView:
    """The view with this delivery in its totals; without one, what delivery costs about tells which offers are best."""
    likely = view.shipping_estimate.option
    totals = compute(
        view.price_lines,
        prices_include_tax=view.totals.prices_include_tax,
        discounts=view.offers.discounts,
        shipping=charge,
        expected_shipping=likely.price if likely else 0,
    )
    return _with_coupon(replace(view, totals=totals))


def _with_coupon(view: CartView) -> CartView:
    """What there is to say of the code: what it takes, or why it takes nothing."""
    verdict, cut = view.offers.verdict, view.totals.coupon
    others = tuple(warning for warning in view.warnings if warning.code not in COUPON_WARNINGS)
    if verdict is None:
        return view
    if cut is None or verdict.coupon is None:
        warning = CartWarning("coupon_invalid", None, verdict.message)
        if verdict.is_valid:
            warning = CartWarning("coupon_outdone", None, promotions.outdone_text())
        return replace(view, coupon=None, warnings=(*others, warning))
    rule = verdict.coupon
    return replace(
        view,
        coupon=AppliedCoupon(verdict.code, rule.type, rule.value, rule.description or rule.name, cut.total),
        warnings=others,
    )


COUPON_WARNINGS = ("coupon_invalid", "coupon_outdone")


def _email_of(cart: Cart | None) -> str:
    return str((cart.checkout or {}).get("email") or "") if cart else ""


def basket_of(
    lines: tuple[CartLine, ...], email: str = "", customer_id: UUID | None = None, country: str = ""
) -> Basket:
    """`country` only where it is known where the cart goes to."""
    return Basket(
        tuple(BasketLine(i.product_id, i.line_total, i.is_on_sale, i.quantity, str(i.id)) for i in lines),
        email, customer_id, country,
    )  # fmt: skip


def _offered(lines: tuple[CartLine, ...], place: Place, amount: int) -> shipping.Quote:
    sent = [line for line in lines if line.requires_shipping]
    if not sent:
        return shipping.Quote(None, ())
    weight = sum(line.weight * line.quantity for line in sent)
    return shipping.options_for(place, shipping.Parcel(weight, amount, sum(line.quantity for line in sent)))


def _warnings(lines: tuple[CartLine, ...]) -> tuple[CartWarning, ...]:
    return tuple(warning for line in lines for warning in _line_warnings(line))


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
    elif problem := problem_of(line, line.quantity):
        found.append(CartWarning("quantity_not_allowed", line.id, problem[1]))
    if line.unit_price != line.price_seen:
        currency, locale = tenants.current().currency, current_locale()
        text = _("“%(name)s” now costs %(now)s; it was %(before)s when you added it.", name=line.name,
                 now=display(line.unit_price, currency, locale),
                 before=display(line.price_seen, currency, locale))  # fmt: skip
        found.append(CartWarning("price_changed", line.id, text))
    return found
