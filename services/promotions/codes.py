"""Many codes for one rule, each good for one order: ordered here, made by the worker a thousand at a time, and handed
out as a file."""

import secrets
from collections.abc import Iterator
from typing import Annotated
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy import func, select

from kit import clock
from kit.actor import Actor
from kit.csv import lines
from kit.db import db, transaction
from kit.drafts import Draft, Int, Text, wrong
from kit.errors import Conflict
from kit.i18n import _
from kit.ids import parse_id, uuid7
from models.promotions import Coupon, CouponCode, Offered
from services import audit, outbox, tenants
from services.promotions.coupons import get_coupon
from services.promotions.spelling import code_key
from services.tenants import Store

CODES_MAX = 100_000  # of one rule
SLICE = 1000
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # nothing that is read for something else
LENGTH = 10  # 31^10: nobody guesses one of a hundred thousand


class CodesOrder(Draft):
    """`prefix` stands before each code, with a hyphen."""

    count: Annotated[Int, Field(ge=1, le=CODES_MAX)]
    prefix: Annotated[str, Text(20)] = ""

    @model_validator(mode="after")
    def _prints(self) -> "CodesOrder":
        if self.prefix and not self.prefix.replace("-", "").isalnum():
            raise wrong("prefix", "not_a_prefix", _("Letters, digits and hyphens only."))
        return self


@transaction()
def order_codes(coupon_id: UUID, draft: CodesOrder, *, actor: Actor) -> Coupon:
    """So many more. Conflict `too-many-codes`. The worker makes them."""
    coupon = get_coupon(coupon_id, lock=True, offered=Offered.CODES)
    if coupon.codes_wanted + draft.count > CODES_MAX:
        message = _("At most %(count)s codes for one rule. Make another rule for more.", count=CODES_MAX)
        raise Conflict(message, code="too-many-codes", left=CODES_MAX - coupon.codes_wanted)
    coupon.codes_wanted += draft.count
    audit.record("update", coupon, actor=actor, changes={"codes_wanted": [None, coupon.codes_wanted]})
    outbox.post("codes.ordered", coupon_id=coupon.id, prefix=draft.prefix)
    return coupon


def make_codes(coupon_id: str, prefix: str = "") -> None:
    """The handler of `codes.ordered`, in one transaction with its receipt: a slice, and word of what is left."""
    ident = parse_id(coupon_id)
    coupon = db.session.get(Coupon, ident, with_for_update=True, populate_existing=True) if ident else None
    if coupon is None:  # deleted meanwhile
        return
    left = coupon.codes_wanted - count_codes(coupon.id)
    fresh = _new_codes(min(left, SLICE), prefix)
    now = clock.now()
    db.session.add_all(
        CouponCode(id=uuid7(), coupon_id=coupon.id, code=code, code_key=code_key(code), created_at=now)
        for code in fresh
    )
    db.session.flush()
    if left > len(fresh):
        outbox.post("codes.ordered", coupon_id=coupon.id, prefix=prefix)


def _new_codes(count: int, prefix: str) -> list[str]:
    start = f"{prefix.strip('-')}-" if prefix else ""
    made = {code_key(code): code for code in (start + _word() for _n in range(count))}
    taken = set(db.session.scalars(select(CouponCode.code_key).where(CouponCode.code_key.in_(made))))
    taken |= set(db.session.scalars(select(Coupon.code_key).where(Coupon.code_key.in_(made))))
    return [code for key, code in made.items() if key not in taken]


def _word() -> str:
    return "".join(secrets.choice(LETTERS) for _n in range(LENGTH))


def count_codes(coupon_id: UUID, *, used: bool = False) -> int:
    query = select(func.count()).select_from(CouponCode).where(CouponCode.coupon_id == coupon_id)
    return db.session.scalar(query.where(CouponCode.used_at.is_not(None)) if used else query) or 0


def export_codes(coupon_id: UUID, *, actor: Actor) -> Iterator[str]:
    """CSV: every code, and when it was used. That somebody took them is an entry of the audit log."""
    coupon = get_coupon(coupon_id, offered=Offered.CODES)
    with transaction():
        audit.record("export", coupon, actor=actor)
    return lines(("code", "used_at"), _rows(coupon_id, tenants.current()))


def _rows(coupon_id: UUID, store: Store) -> Iterator[tuple[str, str]]:
    """Page by page, and in no store between the pages: whoever streams this may be elsewhere by then."""
    query = select(CouponCode.id, CouponCode.code, CouponCode.used_at).where(
        CouponCode.coupon_id == coupon_id
    )
    query = query.order_by(CouponCode.id).limit(SLICE)
    page = query
    while True:
        with tenants.in_store(store):
            rows = db.session.execute(page).all()
        for _id, code, used_at in rows:
            yield code, used_at.isoformat() if used_at else ""
        if len(rows) < SLICE:
            return
        page = query.where(CouponCode.id > rows[-1].id)
