"""Coupons and promotions as staff write them."""

from collections.abc import Iterable
from itertools import combinations
from typing import Any, ClassVar

from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField

from forms.base import DraftForm
from forms.catalog import category_choices
from forms.fields import DecimalTextField, LinesField, MomentField, TickListField, entries_of
from kit.i18n import _, mark
from models.promotions import Coupon, CouponType, Offered, Stacking
from services.catalog.categories import Node
from services.promotions.codes import CodesOrder
from services.promotions.drafts import CodesDraft, CouponDraft, PromotionDraft, RuleDraft
from services.promotions.sentence import SEGMENTS
from services.promotions.trying import Sample, find_products, words_for

TYPES = {
    CouponType.PERCENTAGE: mark("Percent off"),
    CouponType.FIXED_AMOUNT: mark("An amount off the order"),
    CouponType.FIXED_PER_ITEM: mark("An amount off each item"),
    CouponType.FREE_SHIPPING: mark("Free delivery"),
    CouponType.BUY_X_GET_Y: mark("Buy some, get some"),
    CouponType.GIFT: mark("A gift"),
}
CLASSES = {
    Stacking.PRODUCT: mark("discounts of products"),
    Stacking.ORDER: mark("discounts of the order"),
    Stacking.SHIPPING: mark("discounts of the delivery"),
}
NOTHING = "none"
PRODUCT_FIELDS = ("product_ids", "excluded_product_ids", "get_product_ids")


def joined(group: Iterable[str]) -> str:
    """`product+shipping`, always in the same order."""
    return "+".join(str(one) for one in CLASSES if str(one) in {str(other) for other in group})


class RuleForm(DraftForm):
    """Products are named by SKU or address name, one to a line."""

    makes: ClassVar[type[RuleDraft]] = RuleDraft
    offered: ClassVar[Offered]
    numbers = ("value", "minimum_amount", "maximum_amount", "maximum_discount")

    version = HiddenField()
    name = StringField(mark("Name"))
    type = SelectField(mark("Kind"), validate_choice=False)
    value = DecimalTextField(mark("How much"))
    description = StringField(mark("What it is for"))
    buy_quantity = StringField(mark("Buy so many"))
    get_quantity = StringField(mark("Get so many"))
    get_product_ids = LinesField(mark("Given: these products"))
    get_category_ids = TickListField(mark("Given: from these categories"))
    category_ids = TickListField(mark("Only for these categories"))
    product_ids = LinesField(mark("Only for these products"))
    tag_ids = TickListField(mark("Only for these tags"))
    excluded_category_ids = TickListField(mark("Not for these categories"))
    excluded_product_ids = LinesField(mark("Not for these products"))
    excluded_tag_ids = TickListField(mark("Not for these tags"))
    exclude_sale_items = BooleanField(mark("Not for what is reduced already"))
    minimum_amount = DecimalTextField(mark("From an order of"))
    maximum_amount = DecimalTextField(mark("Up to an order of"))
    minimum_quantity = StringField(mark("From so many items"))
    first_order_only = BooleanField(mark("Only for the first order"))
    segments = TickListField(mark("Only for these customers"))
    emails = LinesField(mark("Only for these e-mail addresses"))
    countries = LinesField(mark("Only to these countries"))
    starts_at = MomentField(mark("From"))
    ends_at = MomentField(mark("Until"))
    usage_limit = StringField(mark("Uses in all"))
    usage_limit_per_customer = StringField(mark("Uses per customer"))
    once_per_order = BooleanField(mark("Once per order"))
    max_items = StringField(mark("At most so many items"))
    maximum_discount = DecimalTextField(mark("At most off"))
    stacking = SelectField(mark("It takes from"), validate_choice=False)
    combines_with = SelectField(mark("Together with"), validate_choice=False)
    is_active = BooleanField(mark("Active"))

    @classmethod
    def of(cls, coupon: Coupon) -> "RuleForm":
        values = {**cls.makes.of(coupon), "version": coupon.version}
        values |= {name: words_for(values[name]) for name in PRODUCT_FIELDS}
        if values["combines_with"] is not None:
            values["combines_with"] = joined(coupon.combines_with) or NOTHING
        return cls(values=values)

    def offer(self, nodes: Iterable[Node], tags: Iterable[Any]) -> "RuleForm":
        """`nodes`, `tags`: what there is to choose from."""
        categories = category_choices(nodes)
        self.type.choices = [(str(kind), _(label)) for kind, label in TYPES.items()]
        for field in (self.category_ids, self.excluded_category_ids, self.get_category_ids):
            field.choices = categories
        for field in (self.tag_ids, self.excluded_tag_ids):
            field.choices = [(str(tag.id), tag.name) for tag in tags]
        self.segments.choices = [(name, _(label)) for name, label in SEGMENTS.items()]
        self.stacking.choices = [("", _("What is usual for the kind"))] + [
            (str(one), _(label)) for one, label in STACKING.items()
        ]
        self.combines_with.choices = [
            ("", _("Discounts of the other kinds")),
            (NOTHING, _("Nothing else")),
        ] + [
            (joined(group), ", ".join(_(CLASSES[one]) for one in group))
            for count in (1, 2, 3)
            for group in combinations(CLASSES, count)
        ]
        self.countries.description = _("Codes like PT or ES, one to a line.")
        self.emails.description = _("One to a line. “@example.com” is everybody there.")
        for name in PRODUCT_FIELDS:
            self[name].description = _("SKU or address name, one to a line.")
        return self

    def raw(self) -> dict[str, Any]:
        values = super().raw()
        for name in (*PRODUCT_FIELDS, "emails", "countries"):
            values[name] = entries_of(values.get(name))
        values["countries"] = [code.upper() for code in values["countries"]]
        chosen = values.get("combines_with")
        values["combines_with"] = None if not chosen else [] if chosen == NOTHING else str(chosen).split("+")
        return values

    def checked(self, **more: Any) -> Any:
        """The draft. Products that nobody knows are named beside their field, before anything else is asked."""
        for name in PRODUCT_FIELDS:
            ids, unknown = find_products(entries_of(super().raw().get(name)))
            if unknown:
                text = _("There is no product “%(word)s”.", word=", ".join(unknown))
                raise self._refusal(name, text)
            more.setdefault(name, [str(one) for one in ids])
        return super().checked(**more)

    def _refusal(self, name: str, text: str) -> Exception:
        self.refuse(text, name)
        assert self.absorbed is not None
        return self.absorbed


STACKING = {
    Stacking.PRODUCT: mark("Each product it is for"),
    Stacking.ORDER: mark("The order as a whole"),
    Stacking.SHIPPING: mark("The delivery"),
}


class CouponForm(RuleForm):
    """One code."""

    makes = CouponDraft
    offered = Offered.CODE
    code = StringField(mark("Code"))


class PromotionForm(RuleForm):
    """What applies by itself."""

    makes = PromotionDraft
    offered = Offered.AUTOMATIC


class CodesForm(RuleForm):
    """Many codes."""

    makes = CodesDraft
    offered = Offered.CODES


FORMS: dict[Offered, type[RuleForm]] = {form.offered: form for form in (CouponForm, PromotionForm, CodesForm)}


class CodesOrderForm(DraftForm):
    makes = CodesOrder

    count = StringField(mark("How many codes"))
    prefix = StringField(mark("They begin with"))


class SampleForm(DraftForm):
    """Stands within the form of the rule, so its names are its own."""

    makes = Sample

    things = TextAreaField(mark("In the cart"))
    country = StringField(mark("Sent to"))
