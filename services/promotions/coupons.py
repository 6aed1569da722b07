"""How staff keep coupons and promotions."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from kit.actor import Actor
from kit.db import db, transaction
from kit.errors import Conflict, Invalid, NotFound
from kit.i18n import _
from kit.paging import Page, paginate
from models.catalog import Category, Product, Tag
from models.promotions import Coupon, CouponCode, Offered
from services import audit, tenants
from services.promotions.drafts import CodesDraft, CouponDraft, PromotionDraft, RuleDraft
from services.promotions.spelling import code_key


@dataclass(frozen=True, slots=True)
class Typed:
    """What a code stands for; `one`: of many codes this one."""

    coupon: Coupon
    code: str
    one: CouponCode | None = None


def find_coupon(code: str) -> Coupon | None:
    """The coupon that has this as its only code."""
    return db.session.scalar(select(Coupon).where(Coupon.code_key == code_key(code)))


def find_typed(code: str) -> Typed | None:
    """What a shopper means who types this."""
    coupon = find_coupon(code)
    if coupon is not None:
        return Typed(coupon, coupon.code or "")
    query = select(Coupon, CouponCode).join(CouponCode, CouponCode.coupon_id == Coupon.id)
    row = db.session.execute(query.where(CouponCode.code_key == code_key(code))).first()
    return Typed(row[0], row[1].code, row[1]) if row else None


def get_coupon(coupon_id: UUID, *, lock: bool = False, offered: Offered | None = None) -> Coupon:
    """`offered`: only where it comes to a cart in that way."""
    coupon = db.session.get(Coupon, coupon_id, with_for_update=lock or None, populate_existing=lock)
    if coupon is None or (offered is not None and coupon.offered is not offered):
        raise NotFound(_("There is no such coupon."))
    return coupon


def list_coupons(
    page: int = 1, page_size: int = 20, *, offered: Offered | None = Offered.CODE
) -> Page[Coupon]:
    """Newest first. `offered` None: all, also what applies by itself."""
    query = select(Coupon).order_by(Coupon.created_at.desc(), Coupon.id.desc())
    return paginate(query if offered is None else query.where(Coupon.offered == offered), page, page_size)


@transaction()
def create_coupon(draft: CouponDraft, *, actor: Actor) -> Coupon:
    """Conflict `code-taken`."""
    return _create(draft, Offered.CODE, actor)


@transaction()
def create_promotion(draft: PromotionDraft, *, actor: Actor) -> Coupon:
    """What applies by itself."""
    return _create(draft, Offered.AUTOMATIC, actor)


@transaction()
def create_codes(draft: CodesDraft, *, actor: Actor) -> Coupon:
    """The rule; its codes are ordered with `order_codes`."""
    return _create(draft, Offered.CODES, actor)


def _create(draft: RuleDraft, offered: Offered, actor: Actor) -> Coupon:
    _check(draft)
    coupon = Coupon(offered=offered, **draft.stored())
    db.session.add(coupon)
    db.session.flush()
    audit.record("create", coupon, actor=actor, changes={"code": [None, coupon.code or coupon.name]})
    _announce(coupon)
    return coupon


@transaction()
def update_coupon(coupon_id: UUID, draft: RuleDraft, *, actor: Actor, version: int | None = None) -> Coupon:
    """Orders that used it keep their discount, and its uses stay counted. The draft is of the kind it was made with."""
    coupon = get_coupon(coupon_id, lock=True)
    if version is not None and version < coupon.version:
        raise Conflict(
            _("Somebody has changed this coupon meanwhile."), code="stale-version", version=coupon.version
        )
    _check(draft, coupon)
    values = draft.stored()
    before = {name: getattr(coupon, name) for name in values}
    for name, value in values.items():
        setattr(coupon, name, value)
    coupon.version += 1
    audit.record("update", coupon, actor=actor, changes=audit.difference(before, values))
    _announce(coupon)
    return coupon


@transaction()
def delete_coupon(coupon_id: UUID, *, actor: Actor) -> None:
    coupon = get_coupon(coupon_id, lock=True)
    db.session.delete(coupon)
    audit.record("delete", coupon, actor=actor, changes={"code": [coupon.code or coupon.name, None]})
    _announce(coupon)


def _announce(coupon: Coupon) -> None:
    """What applies by itself is seen by every shopper."""
    if coupon.offered is Offered.AUTOMATIC:
        tenants.touch_catalog()


_ID_FIELDS: dict[str, type[Product] | type[Category] | type[Tag]] = {
    "product_ids": Product, "category_ids": Category, "tag_ids": Tag, "excluded_product_ids": Product,
    "excluded_category_ids": Category, "excluded_tag_ids": Tag, "get_product_ids": Product,
    "get_category_ids": Category}  # fmt: skip


def _check(draft: RuleDraft, current: Coupon | None = None) -> None:
    if isinstance(draft, CouponDraft):
        holder = find_typed(draft.code)
        if holder is not None and holder.coupon is not current:
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
