"""What a coupon is, and how staff keep theirs."""

import unicodedata
from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy import select

from kit.actor import Actor
from kit.db import db, transaction
from kit.drafts import Amount, Draft, Flag, IdRef, Int, Moment, Number, Text, ambient_currency, wrong
from kit.errors import Conflict, Invalid, NotFound
from kit.i18n import _
from kit.money import to_minor, to_text
from kit.paging import Page, paginate
from models.catalog import Category, Product
from models.promotions import Coupon, CouponType
from services import audit
from services.places import NoneIsEmpty

USES_MAX = 10**9
IDS_MAX = 1000
Ids = Annotated[list[IdRef], Field(max_length=IDS_MAX), NoneIsEmpty]


def code_key(code: str) -> str:
    """How two codes are compared: `  Été10 ` and `ÉTÉ10` are one."""
    return unicodedata.normalize("NFKC", code).strip().casefold()


class CouponDraft(Draft):
    """`value`: percent for a percentage, money for a fixed amount, nothing for free shipping."""

    code: Annotated[str, Text(Coupon.CODE_MAX, min=1)]
    type: CouponType
    value: Number = Decimal(0)
    description: Annotated[str, Text(500)] = ""
    minimum_amount: Amount | None = None
    maximum_discount: Amount | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    usage_limit: Annotated[Int, Field(ge=1, le=USES_MAX)] | None = None
    usage_limit_per_customer: Annotated[Int, Field(ge=1, le=USES_MAX)] | None = None
    product_ids: Ids = []
    category_ids: Ids = []
    excluded_product_ids: Ids = []
    exclude_sale_items: Flag = False
    first_order_only: Flag = False
    is_active: Flag = True

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if not code_key(self.code) or len(code_key(self.code)) > Coupon.CODE_MAX:
            raise wrong("code", "required", _("Enter a code of at most 60 characters."))
        if self.starts_at and self.ends_at and self.starts_at >= self.ends_at:
            raise wrong("ends_at", "before_start", _("Must be after the start."))
        self.stored_value()
        return self

    def stored_value(self) -> int:
        """Hundredths of a percent, or minor units."""
        if self.type is CouponType.FREE_SHIPPING:
            return 0
        if self.type is CouponType.PERCENTAGE:
            value = self.value.scaleb(2)
            if value != value.to_integral_value() or not 0 < value <= 10_000:
                raise wrong("value", "out_of_range", _("Must be a percentage from 0.01 to 100."))
            return int(value)
        try:
            minor = to_minor(self.value, ambient_currency.get())
        except ValueError:
            minor = 0
        if minor <= 0:
            raise wrong("value", "out_of_range", _("Must be an amount above zero."))
        return minor

    @classmethod
    def of(cls, coupon: Coupon) -> dict[str, Any]:
        current = {name: getattr(coupon, name) for name in cls.model_fields}
        for name in ("minimum_amount", "maximum_discount"):
            current[name] = None if current[name] is None else to_text(current[name], ambient_currency.get())
        return current | {"value": value_text(coupon)}


def value_text(coupon: Coupon) -> str:
    """`10.00` per cent or in money, as it is entered and shown."""
    if coupon.type is CouponType.FIXED_AMOUNT:
        return to_text(coupon.value, ambient_currency.get())
    return f"{coupon.value // 100}.{coupon.value % 100:02d}"


def find_coupon(code: str) -> Coupon | None:
    return db.session.scalar(select(Coupon).where(Coupon.code_key == code_key(code)))


def get_coupon(coupon_id: UUID, *, lock: bool = False) -> Coupon:
    coupon = db.session.get(Coupon, coupon_id, with_for_update=lock or None, populate_existing=lock)
    if coupon is None:
        raise NotFound(_("There is no such coupon."))
    return coupon


def list_coupons(page: int = 1, page_size: int = 20) -> Page[Coupon]:
    """Newest first."""
    return paginate(select(Coupon).order_by(Coupon.created_at.desc(), Coupon.id.desc()), page, page_size)


@transaction()
def create_coupon(draft: CouponDraft, *, actor: Actor) -> Coupon:
    _check(draft)
    coupon = Coupon(**_values(draft))
    db.session.add(coupon)
    db.session.flush()
    audit.record("create", coupon, actor=actor, changes={"code": [None, coupon.code]})
    return coupon


@transaction()
def update_coupon(coupon_id: UUID, draft: CouponDraft, *, actor: Actor, version: int | None = None) -> Coupon:
    """Orders that used it keep their discount, and its uses stay counted."""
    coupon = get_coupon(coupon_id, lock=True)
    if version is not None and version < coupon.version:
        raise Conflict(
            _("Somebody has changed this coupon meanwhile."), code="stale-version", version=coupon.version
        )
    _check(draft, coupon)
    values = _values(draft)
    before = {name: getattr(coupon, name) for name in values}
    for name, value in values.items():
        setattr(coupon, name, value)
    coupon.version += 1
    audit.record("update", coupon, actor=actor, changes=audit.difference(before, values))
    return coupon


@transaction()
def delete_coupon(coupon_id: UUID, *, actor: Actor) -> None:
    coupon = get_coupon(coupon_id, lock=True)
    db.session.delete(coupon)
    audit.record("delete", coupon, actor=actor, changes={"code": [coupon.code, None]})


def _values(draft: CouponDraft) -> dict[str, Any]:
    ids = {name: [str(i) for i in getattr(draft, name)] for name in _ID_FIELDS}
    return draft.model_dump() | ids | {"value": draft.stored_value(), "code_key": code_key(draft.code)}


_ID_FIELDS: dict[str, type[Product] | type[Category]] = {
    "product_ids": Product, "category_ids": Category, "excluded_product_ids": Product}  # fmt: skip


def _check(draft: CouponDraft, current: Coupon | None = None) -> None:
    holder = find_coupon(draft.code)
    if holder is not None and holder is not current:
        raise Conflict(_("There is a coupon with this code already."), code="code-taken")
    for name, kind in _ID_FIELDS.items():
        wanted = set(getattr(draft, name))
        # What was allowed when it was saved and is gone since does not stop an edit.
        kept = {UUID(i) for i in getattr(current, name)} if current is not None else set()
        found = (
            set(db.session.scalars(select(kind.id).where(kind.id.in_(wanted - kept))))
            if wanted - kept
            else set()
        )
        if wanted - kept - found:
            raise Invalid.field(name, "unknown_id", _("There is no such thing."))
