"""Coupons: kept by managers, tried by anybody."""

from uuid import UUID

from api.contract import Created, PagedQuery, Patch, actor, endpoint
from api.schemas.promotions import CouponAnswerOut, CouponOut
from kit.actor import Role
from models.promotions import Offered
from services import carts, promotions
from services.carts import CouponQuestion
from services.promotions import CouponDraft
from web.access import PUBLIC
from web.guest import cart_token

GROUP = "Coupons"


@endpoint("GET", "/coupons", allow=Role.MANAGER, group=GROUP, query=PagedQuery, answer=CouponOut, many=True)
def list_coupons(query: PagedQuery):
    """All coupons, newest first."""
    return promotions.list_coupons(query.page, query.page_size)


@endpoint("POST", "/coupons", allow=Role.MANAGER, group=GROUP, body=CouponDraft, answer=CouponOut, status=201,
          errors=("code-taken",))  # fmt: skip
def create_coupon(draft: CouponDraft):
    """Create a coupon. Codes are unique without regard to case."""
    coupon = promotions.create_coupon(draft, actor=actor())
    return Created(coupon, f"/api/coupons/{coupon.id}")


@endpoint("PUT", "/coupons/<uuid:coupon_id>", allow=Role.MANAGER, group=GROUP, body=CouponDraft, partial=True,
          versioned=True, answer=CouponOut, errors=("code-taken", "stale-version"))  # fmt: skip
def update_coupon(coupon_id: UUID, patch: Patch):
    """Change a coupon. Orders that used it keep their discount."""
    draft = patch.onto(CouponDraft.of(promotions.get_coupon(coupon_id, offered=Offered.CODE)))
    return promotions.update_coupon(coupon_id, draft, actor=actor(), version=patch.version)


@endpoint("DELETE", "/coupons/<uuid:coupon_id>", allow=Role.MANAGER, group=GROUP, status=204)
def delete_coupon(coupon_id: UUID):
    """Delete a coupon. Orders keep its code and what it took off."""
    promotions.get_coupon(coupon_id, offered=Offered.CODE)
    promotions.delete_coupon(coupon_id, actor=actor())


@endpoint("POST", "/coupons/validate", allow=PUBLIC, group=GROUP, body=CouponQuestion, answer=CouponAnswerOut,
          limit="20 per minute")  # fmt: skip
def validate_coupon(draft: CouponQuestion):
    """Is a code good for these items, this amount, or (with neither) your cart? 200 either way."""
    return carts.check_coupon(draft, actor=actor(), token=cart_token())
