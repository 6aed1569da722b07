"""Coupons as staff write them."""

from collections.abc import Iterable
from typing import Any

from wtforms import BooleanField, HiddenField, SelectField, StringField

from forms.base import DraftForm
from forms.catalog import category_choices
from forms.fields import DecimalTextField, MomentField, TickListField
from kit.i18n import _, mark
from models.promotions import Coupon, CouponType
from services.catalog.categories import Node
from services.promotions.coupons import CouponDraft

TYPES = {
    CouponType.PERCENTAGE: mark("Percent off"),
    CouponType.FIXED_AMOUNT: mark("An amount off"),
    CouponType.FREE_SHIPPING: mark("Free delivery"),
}


class CouponForm(DraftForm):
    """Products are chosen through their categories here; single ones that the API set are kept."""

    makes = CouponDraft
    numbers = ("value", "minimum_amount", "maximum_discount")

    version = HiddenField()
    code = StringField(mark("Code"))
    type = SelectField(mark("Kind"), validate_choice=False)
    value = DecimalTextField(mark("How much"))
    description = StringField(mark("What it is for"))
    minimum_amount = DecimalTextField(mark("From an order of"))
    maximum_discount = DecimalTextField(mark("At most off"))
    starts_at = MomentField(mark("From"))
    ends_at = MomentField(mark("Until"))
    usage_limit = StringField(mark("Uses in all"))
    usage_limit_per_customer = StringField(mark("Uses per customer"))
    category_ids = TickListField(mark("Only for these categories"))
    exclude_sale_items = BooleanField(mark("Not for what is reduced already"))
    first_order_only = BooleanField(mark("Only for the first order"))
    is_active = BooleanField(mark("Active"))

    @classmethod
    def of(cls, coupon: Coupon) -> "CouponForm":
        return cls(values={**CouponDraft.of(coupon), "version": coupon.version})

    def offer(self, nodes: Iterable[Node]) -> "CouponForm":
        self.type.choices = [(str(kind), _(label)) for kind, label in TYPES.items()]
        self.category_ids.choices = category_choices(nodes)
        return self

    @staticmethod
    def kept(coupon: Coupon | None) -> dict[str, Any]:
        """The fields that this form has not got."""
        names = ("product_ids", "excluded_product_ids")
        return {name: list(getattr(coupon, name) or ()) for name in names} if coupon is not None else {}
