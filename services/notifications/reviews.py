"""To who bought: how is it? To who wrote a review: the store has answered."""

from typing import Any

from kit.db import db
from kit.i18n import _
from kit.ids import parse_id
from models.reviews import Review
from services import review_requests, tenants
from services.notifications import letters


def send_review_replied(review_id: str, **_rest: Any) -> None:
    ident = parse_id(review_id)
    review = db.session.get(Review, ident) if ident else None
    if review is None or review.user is None or not review.reply or not review.is_approved:
        return
    user, product = review.user, review.product
    if not user.is_active or user.erased_at is not None:
        return
    with letters.speaking_to(user.locale):
        letters.send(
            "review_replied", to=user.email, to_name=user.name, name=user.first_name, product=product.name,
            reply=review.reply, link=letters.url(f"/products/{product.slug}/reviews"),
            subject=_("%(store)s has answered your review", store=tenants.current().name),
        )  # fmt: skip


def send_review_request(order_id: str, **_rest: Any) -> None:
    """Asked again when the mail is made: who has said no meanwhile, or has reviewed it all, hears nothing."""
    found = review_requests.find_request(order_id)
    if found is None:
        return
    token = review_requests.write_token(found.order)
    stop = f"/unsubscribe/review-requests/{review_requests.stop_token(found.user)}"
    with letters.speaking_to(found.order.locale):
        letters.send(
            "review_request", to=found.user.email, to_name=found.user.name, name=found.user.first_name,
            things=[(product.name, letters.url(f"/reviews/{token}/{product.id}")) for product in found.products],
            **letters.stopping(stop),
            subject=_("How do you like it? Your order %(number)s", number=found.order.order_number),
        )  # fmt: skip
