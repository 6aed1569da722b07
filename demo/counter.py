"""Where the demo's orders are priced and written: by services/pricing, with the store's own taxes, methods and coupons.

The rows are the ones that services/orders/placing makes; only the way there is shorter, for hundreds at once.
"""

import random
from dataclasses import dataclass, field
from typing import Any

from demo.catalog import Made
from demo.people import Shopper
from demo.shelf import Shelf
from kit import clock
from kit.ids import uuid7
from kit.tenancy import current_tenant_id
from models.catalog import Product, Variant
from models.orders import FulfillmentStatus, Order, OrderItem, OrderStatus, PaymentMethod, PaymentStatus
from models.promotions import Coupon, CouponUse
from models.shipping import ShippingMethod, ShippingZone
from services import pricing, taxes, tenants
from services.places import Place
from services.pricing import Discount, PriceLine, ShippingCharge, Totals
from services.promotions.spelling import customer_key
from services.shipping.rates import Parcel, find_zone, price_of


@dataclass(frozen=True)
class Line:
    product: Product
    variant: Variant | None
    quantity: int

    @property
    def unit_price(self) -> int:
        return self.variant.current_price if self.variant else self.product.current_price

    @property
    def weight(self) -> int:
        own = self.variant.weight if self.variant else None
        return (own if own is not None else self.product.weight) or 0


@dataclass
class Counter:
    """`number` is the store's next one."""

    zones: list[ShippingZone]
    coupons: list[Coupon]
    shelf: Shelf
    number: int
    tables: dict[tuple[str, str], taxes.TaxTable] = field(default_factory=dict)
    customers: set[str] = field(default_factory=set)
    uses: list[CouponUse] = field(default_factory=list)

    def place(self, shopper: Shopper, lines: list[Line], method: PaymentMethod, rng: random.Random) -> Order:
        """An order of this moment, unpaid, with its units put aside."""
        store = tenants.current()
        table = self._table(Place.of_address(shopper.address))
        priced = [
            PriceLine(str(i), line.unit_price, line.quantity, table.rates(line.product.tax_class))
            for i, line in enumerate(lines)
        ]
        coupon = self._coupon(shopper, sum(p.unit_price * p.quantity for p in priced), rng)
        terms = _terms(coupon)
        needs_sending = any(not line.product.is_digital for line in lines)
        weight = sum(line.weight * line.quantity for line in lines)
        parcel = Parcel(
            weight, pricing.compute(priced, prices_include_tax=True, discounts=terms).goods_after_discounts
        )
        sent_by, charge = self._shipping(shopper, parcel, table, rng) if needs_sending else (None, None)
        totals = pricing.compute(
            priced, prices_include_tax=store.prices_include_tax, discounts=terms, shipping=charge
        )
        order = self._order(shopper, totals, method, sent_by, coupon)
        order.items = [self._item(i, line, totals, order) for i, line in enumerate(lines)]
        self.customers.add(order.email_key)
        if coupon:
            coupon.usage_count += 1
            self.uses.append(
                CouponUse(
                    coupon_id=coupon.id,
                    order_id=order.id,
                    email_key=customer_key(order.email),
                    amount=sum(cut.total for cut in totals.cuts),
                    created_at=clock.now(),
                )
            )
        return order

    def give_back_coupon(self, order: Order) -> None:
        for use in [use for use in self.uses if use.order_id == order.id]:
            self.uses.remove(use)
            next(c for c in self.coupons if c.id == use.coupon_id).usage_count -= 1

    def _table(self, place: Place) -> taxes.TaxTable:
        key = (place.country, place.postal_code)
        if key not in self.tables:
            self.tables[key] = taxes.table_for(place)
        return self.tables[key]

    def _coupon(self, shopper: Shopper, subtotal: int, rng: random.Random) -> Coupon | None:
        now = clock.now()
        possible = [
            coupon
            for coupon in self.coupons
            if (coupon.starts_at is None or coupon.starts_at <= now)
            and (coupon.ends_at is None or now < coupon.ends_at)
            and subtotal >= (coupon.minimum_amount or 0)
            and not (coupon.first_order_only and shopper.email in self.customers)
        ]
        return rng.choice(possible) if possible and rng.random() < 0.16 else None

    def _shipping(
        self, shopper: Shopper, parcel: Parcel, table: taxes.TaxTable, rng: random.Random
    ) -> tuple[ShippingMethod, ShippingCharge]:
        match = find_zone(self.zones, Place.of_address(shopper.address))
        assert match is not None, shopper.address
        offered = [(m, price) for m in match.zone.methods if (price := price_of(m, parcel)) is not None]
        # Most take the first one.
        method, price = offered[0] if rng.random() < 0.75 else rng.choice(offered)
        return method, ShippingCharge(method.name, price, table.rates(method.tax_class, shipping=True))

    def _order(
        self,
        shopper: Shopper,
        totals: Totals,
        payment: PaymentMethod,
        sent_by: ShippingMethod | None,
        coupon: Coupon | None,
    ) -> Order:
        store, now = tenants.current(), clock.now()
        number = f"{store.order_number_prefix}{self.number}"
        self.number += 1
        return Order(
            id=uuid7(),
            tenant_id=current_tenant_id(),
            order_number=number,
            customer_id=shopper.user.id if shopper.user else None,
            email=shopper.email,
            email_key=shopper.email.lower(),
            customer_name=shopper.name,
            locale=store.locale,
            currency=store.currency,
            prices_include_tax=store.prices_include_tax,
            subtotal=totals.subtotal,
            discount_total=totals.discount_total,
            shipping_total=totals.shipping_total,
            shipping_tax=totals.shipping_tax,
            shipping_tax_rate=totals.shipping_tax_rate,
            tax_total=totals.tax_total,
            total=totals.total,
            captured_total=0,
            refunded_total=0,
            explanation=totals.explanation,
            coupon_code=coupon.code if coupon else None,
            shipping_method=sent_by.name if sent_by else "",
            shipping_method_id=sent_by.id if sent_by else None,
            estimated_days_min=sent_by.estimated_days_min if sent_by else None,
            estimated_days_max=sent_by.estimated_days_max if sent_by else None,
            shipping_address=dict(shopper.address) if sent_by else None,
            billing_address=dict(shopper.address),
            payment_method=payment,
            terms_accepted_at=now,
            status=OrderStatus.PENDING,
            payment_status=PaymentStatus.UNPAID,
            fulfillment_status=FulfillmentStatus.UNFULFILLED,
            display_status="pending",
            is_on_hold=False,
            is_oversold=False,
            customer_note="",
            placed_at=now,
            created_at=now,
            updated_at=now,
            version=1,
        )

    def _item(self, position: int, line: Line, totals: Totals, order: Order) -> OrderItem:
        priced = totals.lines[position]
        product, variant = line.product, line.variant
        tracked = product.track_stock
        key = (product.id, variant.id if variant else None)
        return OrderItem(
            id=uuid7(),
            order_id=order.id,
            position=position,
            product_id=product.id,
            variant_id=variant.id if variant else None,
            stock_item_id=self.shelf.promise(key, line.quantity) if tracked else None,
            name=product.name,
            sku=(variant.sku if variant else None) or product.sku or "",
            options=_options(variant),
            image_key=_picture(product, variant),
            unit_price=priced.unit_price,
            quantity=priced.quantity,
            line_total=priced.line_total,
            discount_amount=priced.discount_amount,
            tax_class=str(product.tax_class),
            tax_rate=priced.tax_rate,
            tax_amount=priced.tax_amount,
            taxes=[{"name": part.name, "rate": part.rate, "amount": part.amount} for part in priced.taxes],
            requires_shipping=not product.is_digital,
            weight=line.weight,
            fulfilled_quantity=0,
            refunded_quantity=0,
            cancelled_quantity=0,
            returned_quantity=0,
        )


def _terms(coupon: Coupon | None) -> list[Discount]:
    if coupon is None:
        return []
    code = coupon.code or ""
    return [Discount(str(coupon.id), code, coupon.type, coupon.value, coupon.stacking,
                     maximum=coupon.maximum_discount, code=code)]  # fmt: skip


def _options(variant: Variant | None) -> list[dict[str, Any]]:
    if variant is None:
        return []
    in_order = sorted(variant.values, key=lambda value: (value.attribute.position, value.attribute.name))
    return [{"attribute": value.attribute.name, "value": value.value} for value in in_order]


def _picture(product: Product, variant: Variant | None) -> str:
    own = variant.image if variant else None
    first = min(product.images, key=lambda image: image.position, default=None)
    return own.key if own else first.key if first else ""


def choose(made: list[Made], rng: random.Random) -> list[Line]:
    """A basket: one to four things, cheap ones sooner in twos."""
    now = clock.now()
    there = [m for m in made if m.made_at <= now and not m.product.is_digital]
    weights = [_pull(m) for m in there]
    wanted: dict[tuple[Any, Any], tuple[Made, Variant | None, int]] = {}
    for chosen in rng.choices(there, weights, k=rng.choices([1, 2, 3, 4], [48, 30, 15, 7])[0]):
        variant = rng.choice(chosen.variants) if chosen.variants else None
        quantity = rng.choices([1, 2, 3], [80, 15, 5] if chosen.product.price > 1500 else [55, 30, 15])[0]
        wanted.setdefault((chosen.product.id, variant and variant.id), (chosen, variant, quantity))
    return [Line(m.product, variant, quantity) for m, variant, quantity in wanted.values()]


def _pull(made: Made) -> float:
    """How much a thing is wanted: the same at every start, by its name's letters, dear things less."""
    own = 0.4 + sum(map(ord, made.product.sku or "")) % 7 / 3
    return own * (2.2 if made.product.is_featured else 1.0) * (4000 / (made.product.price + 2000))
