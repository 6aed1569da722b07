"""What a coupon or promotion must be, as staff write it."""

from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from kit.drafts import Amount, Country, Draft, Flag, IdRef, Int, Moment, Number, Text, ambient_currency, wrong
from kit.i18n import _
from kit.money import to_minor, to_text
from models.promotions import Coupon, CouponType, Stacking
from services.places import NoneIsEmpty
from services.promotions.spelling import code_key
from services.tax_split import WHOLE

USES_MAX = 10**9
IDS_MAX = 1000
EMAILS_MAX = 2000
UNITS_MAX = 1000
AMOUNTS = ("minimum_amount", "maximum_amount", "maximum_discount")
PERCENT_TYPES = (CouponType.PERCENTAGE, CouponType.BUY_X_GET_Y)
MONEY_TYPES = (CouponType.FIXED_AMOUNT, CouponType.FIXED_PER_ITEM)

Segment = Literal["new", "returning", "vip", "at_risk", "inactive"]


def _address(text: str) -> str:
    """`ana@example.com`, or `@example.com` for everybody there."""
    name, at, domain = text.strip().casefold().rpartition("@")
    if not at or "." not in domain or " " in text.strip() or "@" in name:
        raise wrong("", "not_an_email", _("Write an e-mail address, or “@example.com” for everybody there."))
    return f"{name}@{domain}"


Ids = Annotated[list[IdRef], Field(max_length=IDS_MAX), NoneIsEmpty]
Units = Annotated[Int, Field(ge=1, le=UNITS_MAX)]
Address = Annotated[str, Text(254, min=3), AfterValidator(_address)]

# Where a kind has no choice, its class; a percentage is of the order unless it says otherwise.
CLASS_OF = {
    CouponType.FIXED_AMOUNT: Stacking.ORDER,
    CouponType.FIXED_PER_ITEM: Stacking.PRODUCT,
    CouponType.FREE_SHIPPING: Stacking.SHIPPING,
    CouponType.BUY_X_GET_Y: Stacking.PRODUCT,
    CouponType.GIFT: Stacking.PRODUCT,
}


def usual_class(kind: CouponType, max_items: int | None) -> Stacking:
    return CLASS_OF.get(kind, Stacking.PRODUCT if max_items else Stacking.ORDER)


def usual_combination(stacking: Stacking) -> list[str]:
    """With the other classes, and not with another of its own."""
    return [str(other) for other in Stacking if other is not stacking]


class RuleDraft(Draft):
    """`value`: percent for a percentage and for what is given (buy X get Y; nothing there means all of it), money for
    amounts, nothing for free shipping and gifts. `stacking` and `combines_with` null: what is usual for the kind."""

    type: CouponType
    value: Number = Decimal(0)
    description: Annotated[str, Text(500)] = ""
    minimum_amount: Amount | None = None
    maximum_amount: Amount | None = None
    minimum_quantity: Units | None = None
    maximum_discount: Amount | None = None
    max_items: Units | None = None
    buy_quantity: Units | None = None
    get_quantity: Units | None = None
    get_product_ids: Ids = []
    get_category_ids: Ids = []
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    usage_limit: Annotated[Int, Field(ge=1, le=USES_MAX)] | None = None
    usage_limit_per_customer: Annotated[Int, Field(ge=1, le=USES_MAX)] | None = None
    once_per_order: Flag = False
    product_ids: Ids = []
    category_ids: Ids = []
    tag_ids: Ids = []
    excluded_product_ids: Ids = []
    excluded_category_ids: Ids = []
    excluded_tag_ids: Ids = []
    exclude_sale_items: Flag = False
    first_order_only: Flag = False
    segments: Annotated[list[Segment], Field(max_length=5), NoneIsEmpty] = []
    emails: Annotated[list[Address], Field(max_length=EMAILS_MAX), NoneIsEmpty] = []
    countries: Annotated[list[Country], Field(max_length=300), NoneIsEmpty] = []
    stacking: Stacking | None = None
    combines_with: Annotated[list[Stacking], Field(max_length=3)] | None = None
    is_active: Flag = True

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.starts_at and self.ends_at and self.starts_at >= self.ends_at:
            raise wrong("ends_at", "before_start", _("Must be after the start."))
        low, high = self.minimum_amount, self.maximum_amount
        if low is not None and high is not None and low > high:
            raise wrong("maximum_amount", "below_minimum", _("Must not be less than the least amount."))
        self.stored_value()
        self._fits_its_kind()
        return self

    def _fits_its_kind(self) -> None:
        if self.type is CouponType.BUY_X_GET_Y:
            for name in ("buy_quantity", "get_quantity"):
                if getattr(self, name) is None:
                    raise wrong(name, "required", _("How many?"))
        if self.type is CouponType.GIFT and not self.get_product_ids:
            raise wrong("get_product_ids", "required", _("Name the product that is given."))
        only = CLASS_OF.get(self.type)
        if (
            self.stacking is not None
            and (self.stacking is Stacking.SHIPPING or only)
            and self.stacking is not only
        ):
            raise wrong("stacking", "not_for_kind", _("This kind of discount can't take from that."))
        if self.max_items is not None and self.stored_class() is not Stacking.PRODUCT:
            raise wrong("max_items", "not_for_kind", _("Only for discounts of single products."))

    def stored_class(self) -> Stacking:
        return self.stacking or usual_class(self.type, self.max_items)

    def stored_value(self) -> int:
        """Hundredths of a percent, or minor units."""
        if self.type in PERCENT_TYPES:
            value = self.value.scaleb(2)
            if self.type is CouponType.BUY_X_GET_Y and not value:
                return WHOLE
            if value != value.to_integral_value() or not 0 < value <= WHOLE:
                raise wrong("value", "out_of_range", _("Must be a percentage from 0.01 to 100."))
            return int(value)
        if self.type not in MONEY_TYPES:
            return WHOLE if self.type is CouponType.GIFT else 0
        try:
            minor = to_minor(self.value, ambient_currency.get())
        except ValueError:
            minor = 0
        if minor <= 0:
            raise wrong("value", "out_of_range", _("Must be an amount above zero."))
        return minor

    def stored(self) -> dict[str, Any]:
        """The values of the row's columns."""
        stacking = self.stored_class()
        chosen = usual_combination(stacking) if self.combines_with is None else self.combines_with
        gives = self.type in (CouponType.BUY_X_GET_Y, CouponType.GIFT)
        return self.model_dump() | {
            "value": self.stored_value(),
            "stacking": stacking,
            "combines_with": sorted({str(other) for other in chosen}),
            "buy_quantity": self.buy_quantity if self.type is CouponType.BUY_X_GET_Y else None,
            "get_quantity": (self.get_quantity or 1) if gives else None,
            **{name: _texts(getattr(self, name)) for name in ID_FIELDS},
        }

    @classmethod
    def of(cls, coupon: Coupon) -> dict[str, Any]:
        current = {name: getattr(coupon, name) for name in cls.model_fields}
        for name in AMOUNTS:
            current[name] = None if current[name] is None else to_text(current[name], ambient_currency.get())
        if coupon.stacking is usual_class(coupon.type, coupon.max_items):
            current["stacking"] = None  # goes with the kind when that is changed
        if sorted(coupon.combines_with) == sorted(usual_combination(coupon.stacking)):
            current["combines_with"] = None
        return current | {"value": value_text(coupon)}


ID_FIELDS = ("product_ids", "category_ids", "tag_ids", "excluded_product_ids", "excluded_category_ids",
             "excluded_tag_ids", "get_product_ids", "get_category_ids")  # fmt: skip


def _texts(ids: list[Any]) -> list[str]:
    return [str(one) for one in ids]


class CouponDraft(RuleDraft):
    """One code, typed by whoever knows it. Codes are unique without regard to case."""

    code: Annotated[str, Text(Coupon.CODE_MAX, min=1)]
    name: Annotated[str, Text(Coupon.NAME_MAX)] = ""

    @model_validator(mode="after")
    def _has_a_code(self) -> Self:
        if not code_key(self.code) or len(code_key(self.code)) > Coupon.CODE_MAX:
            raise wrong("code", "required", _("Enter a code of at most 60 characters."))
        return self

    def stored(self) -> dict[str, Any]:
        return super().stored() | {"code_key": code_key(self.code)}


class PromotionDraft(RuleDraft):
    """What applies by itself, under the name that shoppers read."""

    name: Annotated[str, Text(Coupon.NAME_MAX, min=1)]


class CodesDraft(RuleDraft):
    """One rule with many codes, each good for one order."""

    name: Annotated[str, Text(Coupon.NAME_MAX, min=1)]


def value_text(coupon: Any) -> str:
    """`10.00` per cent or in money, as it is entered and shown."""
    if coupon.type in MONEY_TYPES:
        return to_text(coupon.value, ambient_currency.get())
    return f"{coupon.value // 100}.{coupon.value % 100:02d}"
