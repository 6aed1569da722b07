"""Reviews: one per customer and product, shown once approved. Average and count stand on the product."""

from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import exists, func, select
from sqlalchemy.orm import joinedload

from kit import clock
from kit.actor import Actor
from kit.db import db, transaction
from kit.drafts import Draft, Int, Text
from kit.errors import Conflict, Forbidden, NotFound
from kit.i18n import _
from kit.ids import parse_id
from kit.paging import Page, paginate
from models.accounts import User
from models.catalog import Product
from models.orders import Order, OrderItem, OrderStatus
from models.reviews import Review
from services import audit, outbox, stock, tenants
from services.catalog.products import get_product

SORTS = ("newest", "oldest", "highest", "lowest", "helpful")
STATUSES = ("pending", "approved", "all")
BODY_MAX = 10_000


class ReviewDraft(Draft):
    rating: Annotated[Int, Field(ge=1, le=5)]
    title: Annotated[str, Text(200)] = ""
    body: Annotated[str, Text(BODY_MAX)] = ""


@dataclass(frozen=True)
class Rating:
    """`distribution`: how many gave 5, 4, 3, 2, 1 stars, as text keys."""

    average: float = 0.0
    count: int = 0
    distribution: dict[str, int] = field(default_factory=lambda: {str(n): 0 for n in range(5, 0, -1)})


def list_approved(
    product_id: UUID | str, *, actor: Actor, sort_by: str = "newest", page: int = 1, page_size: int = 20
) -> Page[Review]:
    """Of a product that the actor can see. The number of all is the product's own."""
    product = get_product(product_id, actor=actor)
    query = select(Review).where(Review.product_id == product.id, Review.is_approved)
    return paginate(query.order_by(*_order(sort_by)), page, page_size, total=product.review_count)


def latest(product_id: UUID, limit: int = 5) -> tuple[list[Review], Rating]:
    """The newest approved reviews with the rating of them all, in one query: for the product page."""
    stars = [func.count().filter(Review.rating == n).over().label(f"n{n}") for n in range(5, 0, -1)]
    rows = db.session.execute(
        select(Review, *stars)
        .where(Review.product_id == product_id, Review.is_approved)
        .order_by(*_order("newest"))
        .limit(limit)
    ).all()
    if not rows:
        return [], Rating()
    counts = rows[0]._mapping
    return [row[0] for row in rows], _rating({n: counts[f"n{n}"] for n in range(5, 0, -1)})


def voices(limit: int = 3) -> list[tuple[Review, str, str]]:
    """The newest approved reviews of four or five stars that say something, with their product's name and slug: for
    the first page. One of each product."""
    newest = func.row_number().over(
        partition_by=Review.product_id, order_by=(Review.created_at.desc(), Review.id)
    )
    found = (
        select(Review.id, newest.label("place"))
        .where(Review.is_approved, Review.rating >= 4, Review.body != "")
        .subquery()
    )
    rows = db.session.execute(
        select(Review, Product.name, Product.slug)
        .join(found, Review.id == found.c.id)
        .join(Product, Review.product_id == Product.id)
        .where(found.c.place == 1, Product.is_active, Product.archived_at.is_(None))
        .order_by(*_order("newest"))
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def rating_of(product_id: UUID | str, *, actor: Actor) -> Rating:
    product = get_product(product_id, actor=actor)
    query = (
        select(Review.rating, func.count())
        .where(Review.product_id == product.id, Review.is_approved)
        .group_by(Review.rating)
    )
    return _rating(dict(db.session.execute(query).all()))


def list_reviews(
    *, status: str = "all", product_id: UUID | str | None = None, page: int = 1, page_size: int = 20,
    oldest_first: bool = False,
) -> Page[Review]:  # fmt: skip
    """For the staff: newest first, or as a queue. `rejected` ones wait no more."""
    query = select(Review).options(joinedload(Review.product))
    if status != "all":
        query = query.where(*_IN_STATUS[status])
    if product_id is not None:
        query = query.where(Review.product_id == parse_id(product_id))
    return paginate(query.order_by(*_order("oldest" if oldest_first else "newest")), page, page_size)


_IN_STATUS = {
    "approved": (Review.is_approved,),
    "pending": (Review.is_approved.is_(False), Review.rejected_at.is_(None)),
    "rejected": (Review.rejected_at.is_not(None),),
}


def get_review(review_id: UUID | str) -> Review:
    ident = parse_id(review_id)
    review = db.session.scalar(select(Review).where(Review.id == ident)) if ident else None
    if review is None:
        raise NotFound(_("There is no such review."))
    return review


@transaction()
def submit_review(product_id: UUID | str, draft: ReviewDraft, *, actor: Actor) -> Review:
    """The mark of a verified purchase is ours to give, never the customer's."""
    if actor.kind != "user" or actor.id is None:
        raise Forbidden(_("Sign in as a customer of this store to write a review."))
    product = locked(get_product(product_id, actor=actor).id)
    if db.session.scalar(select(exists().where(Review.product_id == product.id, Review.user_id == actor.id))):
        raise Conflict(_("You have reviewed this product already."), code="already-reviewed")
    user = db.session.get_one(User, actor.id)
    review = Review(
        product_id=product.id,
        user_id=user.id,
        author_name=_shown_name(user),
        is_verified_purchase=_has_bought(user, product.id),
        is_approved=not tenants.current().reviews_require_approval,
        **draft.model_dump(),
    )
    db.session.add(review)
    db.session.flush()
    outbox.post("review.submitted", review_id=review.id)
    if review.is_approved:
        recount(product)
    return review


@transaction()
def approve_review(review_id: UUID | str, *, actor: Actor) -> Review:
    """Doing it twice is doing it once."""
    review, product = lock_review(review_id)
    if not review.is_approved:
        review.is_approved, review.rejected_at, review.rejected_because = True, None, ""
        review.updated_at = clock.now()
        audit.record("update", review, actor=actor, changes={"is_approved": [False, True]})
        recount(product)
    return review


@transaction()
def delete_review(review_id: UUID | str, *, actor: Actor) -> None:
    review, product = lock_review(review_id)
    audit.record(
        "delete",
        review,
        actor=actor,
        changes={"rating": [review.rating, None], "title": [review.title, None]},
    )
    db.session.delete(review)
    recount(product)


def lock_review(review_id: UUID | str) -> tuple[Review, Product]:
    """With its product, locked; as it is by then, since a colleague may have been at it. NotFound where it is gone."""
    product = locked(get_review(review_id).product_id)
    fresh = select(Review).where(Review.id == parse_id(review_id)).execution_options(populate_existing=True)
    review = db.session.scalar(fresh)
    if review is None:
        raise NotFound(_("There is no such review."))
    return review, product


def locked(product_id: UUID) -> Product:
    """The product's row keeps two counts at once from each losing the other's review."""
    return stock.lock_products([product_id])[product_id]


def recount(product: Product) -> None:
    db.session.flush()
    total, stars = db.session.execute(
        select(func.count(), func.coalesce(func.sum(Review.rating), 0)).where(
            Review.product_id == product.id, Review.is_approved
        )
    ).one()
    product.review_count, product.rating_sum = total, int(stars)
    tenants.touch_catalog()


def _rating(stars: dict[int, int]) -> Rating:
    total = sum(stars.values())
    points = sum(n * number for n, number in stars.items())
    distribution = {str(n): stars.get(n, 0) for n in range(5, 0, -1)}
    return Rating(round(points / total, 2) if total else 0.0, total, distribution)


def _shown_name(user: User) -> str:
    """First name and initial: enough for a face, too little for a stranger."""
    initial = f" {user.last_name[0]}." if user.last_name else ""
    return (f"{user.first_name}{initial}".strip() or _("A customer"))[:200]


def _has_bought(user: User, product_id: UUID) -> bool:
    bought = (OrderStatus.CONFIRMED, OrderStatus.PROCESSING, OrderStatus.COMPLETED)
    query = (
        select(OrderItem.id)
        .join(Order, OrderItem.order_id == Order.id)
        .where(OrderItem.product_id == product_id, Order.customer_id == user.id, Order.status.in_(bought))
    )
    return db.session.scalar(query.limit(1)) is not None


def _order(sort_by: str) -> tuple:
    first = {
        "newest": Review.created_at.desc(),
        "oldest": Review.created_at.asc(),
        "highest": Review.rating.desc(),
        "lowest": Review.rating.asc(),
        "helpful": Review.helpful_count.desc(),
    }[sort_by]
    return first, Review.id.asc() if sort_by == "oldest" else Review.id.desc()
