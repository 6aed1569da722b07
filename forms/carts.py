"""What is sent by the buttons of a cart."""

from wtforms import HiddenField, IntegerField, StringField

from forms.base import DraftForm
from kit.i18n import mark
from services.carts import CouponCode, ItemDraft, QuantityDraft


class AddForm(DraftForm):
    makes = ItemDraft

    product_id = HiddenField()
    variant_id = HiddenField()
    quantity = IntegerField(mark("Quantity"), default=1)


class QuantityForm(DraftForm):
    makes = QuantityDraft

    quantity = IntegerField(mark("Quantity"))


class CouponForm(DraftForm):
    makes = CouponCode

    code = StringField(mark("Discount code"))
