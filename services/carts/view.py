"""A cart as a shopper sees it: today's prices, what it all costs, and what has changed since the last look."""

from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import func, select

from kit.actor import Actor
from kit.db import db
from kit.i18n import _
from models.carts import Cart, CartItem
from models.promotions import CouponType
from services import bills, shipping, taxes, tenants
from services.bills import Bill, Buyer
from services.carts.lines import CartLine, read_lines
from services.carts.owners import Owner, find_cart, owner_of
from services.carts.quantities import problem_of
from services.places import Place
from services.pricing import Cut, Totals
from services.promotions import Hint, Offers


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
    warnings: tuple[CartWarning, ...]
    bill: Bill = field(repr=False)

    @property
    def totals(self) -> Totals:
        return self.bill.totals

    @property
    def offers(self) -> Offers:
        return self.bill.offers

    @property
    def offered(self) -> shipping.Quote:
        """How it could be sent."""
        return self.bill.offered

    @property
    def tax_table(self) -> taxes.TaxTable:
        return self.bill.table

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
    if lines is None:
        lines = read_lines(cart) if cart else ()
    buyer = Buyer(email or _email_of(cart), owner.user_id, place, vat_number)
    found = CartView(
        id=cart.id if cart else None,
        session_id=owner.token or None,
        currency=tenants.current().currency,
        items=lines,
        coupon=None,
        warnings=(*_warnings(lines), *extra),
        bill=bills.bill_for(lines, buyer, cart.coupon_code if cart else None),
    )
    return _with_coupon(found)


def sent_by(view: CartView, option: shipping.Option | None, fee: int = 0) -> CartView:
    """The view with this delivery (and the payment's fee) in its totals."""
    if option is None:
        return view
    return _with_coupon(replace(view, bill=bills.delivered(view.bill, option, fee)))


def _with_coupon(view: CartView) -> CartView:
    """What there is to say of the code: what it takes, or why it takes nothing."""
    verdict, cut = view.offers.verdict, view.totals.coupon
    others = tuple(warning for warning in view.warnings if warning.code not in COUPON_WARNINGS)
    if trouble := bills.trouble_with_code(view.bill):
        code = "coupon_outdone" if trouble[0] == "outdone" else "coupon_invalid"
        return replace(view, coupon=None, warnings=(*others, CartWarning(code, None, trouble[1])))
    if verdict is None or verdict.coupon is None or cut is None:
        return view
    rule = verdict.coupon
    return replace(
        view,
        coupon=AppliedCoupon(verdict.code, rule.type, rule.value, rule.description or rule.name, cut.total),
        warnings=others,
    )


COUPON_WARNINGS = ("coupon_invalid", "coupon_outdone")


def _email_of(cart: Cart | None) -> str:
    return str((cart.checkout or {}).get("email") or "") if cart else ""


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
        text = _("“%(name)s” now costs %(now)s; it was %(before)s when you added it.", name=line.name,
                 now=tenants.money(line.unit_price),
                 before=tenants.money(line.price_seen))  # fmt: skip
        found.append(CartWarning("price_changed", line.id, text))
    return found
