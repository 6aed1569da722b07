"""What customers wrote: read it, show it, or take it away."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import page
from admin.lists import choice_arg, listing, page_arg, page_url, size_arg, tabs
from kit.actor import Role
from kit.i18n import _
from models.reviews import Review
from services import reviews
from services.reports import dashboard
from web.access import allow
from web.auth import actor
from web.filters import ago
from web.htmx import go_to, safe_next

STATUSES = ("pending", "approved", "all")


@bp.get("/reviews", endpoint="reviews")
@allow(Role.STAFF)
def list_reviews() -> Response:
    status = choice_arg("status", STATUSES, "pending")
    found = reviews.list_reviews(status=status, page=page_arg(), page_size=size_arg())
    waiting = dashboard.attention()["reviews"]
    views = tabs((("", _("Waiting"), waiting), ("approved", _("Shown"), None), ("all", _("All"), None)),
                 "" if status == "pending" else status, name="status")  # fmt: skip
    return page("admin/reviews/index.html", reviews=listing(found, _row), views=views, page_url=page_url,
                back=request.full_path.rstrip("?"), is_waiting=status == "pending")  # fmt: skip


def _row(review: Review) -> dict[str, Any]:
    return {
        "id": review.id,
        "product": review.product.name,
        "url": url_for("admin.show_product", product_id=review.product_id),
        "rating": review.rating,
        "title": review.title,
        "body": review.body,
        "author": review.author_name,
        "is_verified": review.is_verified_purchase,
        "is_approved": review.is_approved,
        "when": ago(review.created_at),
        "iso": review.created_at.isoformat(),
    }


def _back() -> Response:
    return go_to(safe_next(request.form.get("back"), url_for("admin.reviews")))


@bp.post("/reviews/<uuid:review_id>/approve")
@allow(Role.STAFF)
def approve_review(review_id: UUID) -> Response:
    reviews.approve_review(review_id, actor=actor())
    flash(_("The review is shown now."), "success")
    return _back()


@bp.post("/reviews/<uuid:review_id>/delete")
@allow(Role.STAFF)
def delete_review(review_id: UUID) -> Response:
    reviews.delete_review(review_id, actor=actor())
    flash(_("The review is gone."), "success")
    return _back()
