"""What customers wrote: read it, show it, or take it away."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import page
from forms.base import DraftForm
from forms.reviews import RejectForm, ReplyForm
from kit.actor import Role
from kit.errors import Invalid
from kit.i18n import _, _n
from kit.ids import parse_id
from models.reviews import Review
from services import review_answers, reviews
from services.reports import dashboard
from web.access import allow
from web.auth import actor
from web.filters import ago
from web.htmx import go_to, render, safe_next, wants_fragment
from web.lists import choice_arg, listing, page_arg, page_url, size_arg, tabs

STATUSES = ("pending", "approved", "rejected", "all")
AT_ONCE = 100


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


def _answer(review_id: UUID, said: str) -> Response:
    """Back to the list; htmx gets the row as it is now, with what still waits."""
    if not wants_fragment():
        flash(said, "success")
        return go_to(safe_next(request.form.get("back"), url_for("admin.reviews")))
    return render("admin/reviews/_answer.html", r=_row(reviews.get_review(review_id)), said=said, is_decided=True,
                  back=request.form.get("back", ""), waiting=dashboard.attention()["reviews"])  # fmt: skip


@bp.post("/reviews/<uuid:review_id>/approve")
@allow(Role.STAFF)
def approve_review(review_id: UUID) -> Response:
    reviews.approve_review(review_id, actor=actor())
    return _answer(review_id, _("The review is shown now."))


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
    return _answer(review_id, _("The review is not shown."))


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


def _back() -> Response:
    return go_to(safe_next(request.form.get("back"), url_for("admin.reviews")))


@bp.post("/reviews/many")
@allow(Role.STAFF)
def decide_reviews() -> Response:
    """Shows or refuses what is ticked, and says of each what became of it. Sent again, it changes nothing more."""
    ids = [ident for text in request.form.getlist("ids")[:AT_ONCE] if (ident := parse_id(text))]
    if not ids:
        raise Invalid(_("Choose at least one review."))
    act = request.form.get("act", "")
    if act == "approve":
        outcomes = review_answers.approve_many(ids, actor=actor())
    elif act == "reject":
        outcomes = review_answers.reject_many(ids, _read(RejectForm(request.form)), actor=actor())
    else:
        raise Invalid(_("Choose whether to show or to refuse them."))
    return page("admin/reviews/decided.html", **_told(outcomes, act == "approve"),
                back=safe_next(request.form.get("back"), url_for("admin.reviews")))  # fmt: skip


def _told(outcomes: Sequence[review_answers.Outcome], shown: bool) -> dict[str, Any]:
    done = sum(not outcome.why for outcome in outcomes)
    head = (
        _n("%(num)d review is shown now.", "%(num)d reviews are shown now.", done)
        if shown
        else _n("%(num)d review is refused.", "%(num)d reviews are refused.", done)
    )
    rows = [
        {
            "title": (outcome.review.title or outcome.review.author_name)
            if outcome.review
            else _("A review"),
            "product": outcome.review.product.name if outcome.review else "",
            "said": outcome.why or (_("Shown") if shown else _("Refused")),
            "is_done": not outcome.why,
        }
        for outcome in outcomes
    ]
    return {"head": head, "rows": rows, "any_done": done > 0}
