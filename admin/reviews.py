"""What customers wrote: read it, show it, or take it away."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import page
from admin.lists import choice_arg, listing, page_arg, page_url, size_arg, tabs
from forms.base import DraftForm
from forms.reviews import RejectForm, ReplyForm
from kit.actor import Role
from kit.errors import Invalid
from kit.i18n import _
from models.reviews import Review
from services import review_answers, reviews
from services.reports import dashboard
from web.access import allow
from web.auth import actor
from web.filters import ago
from web.htmx import go_to, safe_next

STATUSES = ("pending", "approved", "rejected", "all")


@bp.get("/reviews", endpoint="reviews")
@allow(Role.STAFF)
def list_reviews() -> Response:
    status = choice_arg("status", STATUSES, "pending")
    found = reviews.list_reviews(
        status=status, page=page_arg(), page_size=size_arg(), oldest_first=status == "pending"
    )
    waiting = dashboard.attention()["reviews"]
    views = tabs((("", _("Waiting"), waiting), ("approved", _("Shown"), None),
                  ("rejected", _("Refused"), None), ("all", _("All"), None)),
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
        "is_rejected": review.rejected_at is not None,
        "reason": review.rejected_because,
        "reply": review.reply,
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


def _read(form: DraftForm) -> Any:
    """The draft; a refusal is said on the page of errors, since the lists have many such forms."""
    try:
        return form.checked()
    except Invalid as error:
        raise Invalid(error.said) from error


@bp.post("/reviews/<uuid:review_id>/reject")
@allow(Role.STAFF)
def reject_review(review_id: UUID) -> Response:
    review_answers.reject(review_id, _read(RejectForm(request.form)), actor=actor())
    flash(_("The review is not shown."), "success")
    return _back()


@bp.post("/reviews/<uuid:review_id>/reply")
@allow(Role.STAFF)
def reply_to_review(review_id: UUID) -> Response:
    review = review_answers.reply(review_id, _read(ReplyForm(request.form)), actor=actor())
    flash(_("Your answer is saved.") if review.reply else _("Your answer is gone."), "success")
    return _back()


@bp.post("/reviews/<uuid:review_id>/delete")
@allow(Role.STAFF)
def delete_review(review_id: UUID) -> Response:
    reviews.delete_review(review_id, actor=actor())
    flash(_("The review is gone."), "success")
    return _back()
