"""Reviews: read by everybody, written by customers, let through by the staff."""

from typing import Literal

from api.catalog._answers import cacheable
from api.contract import Created, PagedQuery, actor, endpoint
from api.schemas.base import present
from api.schemas.reviews import RatingOut, ReviewOut
from kit.actor import Role
from kit.paging import Page
from services import reviews
from services.reviews import ReviewDraft
from web.access import PUBLIC, SIGNED_IN

GROUP = "Reviews"


class ReviewQuery(PagedQuery):
    sort_by: Literal["newest", "oldest", "highest", "lowest", "helpful"] = "newest"


class StaffReviewQuery(PagedQuery):
    status: Literal["pending", "approved", "all"] = "all"
    product_id: str | None = None


@endpoint("GET", "/products/<product_id>/reviews", allow=PUBLIC, group=GROUP, query=ReviewQuery, answer=ReviewOut,
          many=True)  # fmt: skip
def list_approved(product_id: str, query: ReviewQuery):
    """List the approved reviews of a product."""
    page = reviews.list_approved(
        product_id, actor=actor(), sort_by=query.sort_by, page=query.page, page_size=query.page_size
    )
    return cacheable(Page([present(r, ReviewOut) for r in page.items], page.total, page.page, page.page_size))


@endpoint("GET", "/products/<product_id>/rating", allow=PUBLIC, group=GROUP, answer=RatingOut)
def show_rating(product_id: str):
    """Average, number and distribution of the approved reviews."""
    return cacheable(reviews.rating_of(product_id, actor=actor()), RatingOut)


@endpoint("POST", "/products/<product_id>/reviews", allow=SIGNED_IN, group=GROUP, body=ReviewDraft, answer=ReviewOut,
          status=201, errors=("already-reviewed",))  # fmt: skip
def submit_review(product_id: str, draft: ReviewDraft):
    """Write a review, one per product. It shows once approved, where the store wants that."""
    review = reviews.submit_review(product_id, draft, actor=actor())
    return Created(review, f"/api/products/{product_id}/reviews")


@endpoint(
    "GET",
    "/admin/reviews",
    allow=Role.STAFF,
    group=GROUP,
    query=StaffReviewQuery,
    answer=ReviewOut,
    many=True,
)
def list_reviews(query: StaffReviewQuery):
    """List all reviews, newest first."""
    return reviews.list_reviews(
        status=query.status, product_id=query.product_id, page=query.page, page_size=query.page_size
    )


@endpoint("PATCH", "/admin/reviews/<review_id>/approve", allow=Role.STAFF, group=GROUP, answer=ReviewOut)
def approve_review(review_id: str):
    """Let a review be seen."""
    return reviews.approve_review(review_id, actor=actor())


@endpoint("DELETE", "/admin/reviews/<review_id>", allow=Role.STAFF, group=GROUP, status=204)
def delete_review(review_id: str):
    """Delete a review; the product's rating follows."""
    reviews.delete_review(review_id, actor=actor())
