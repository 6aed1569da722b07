"""Reviews as JSON. Who wrote one is a first name and an initial."""

from uuid import UUID

from api.schemas.base import Out, Time


class ReviewOut(Out):
    id: UUID
    product_id: UUID
    rating: int
    title: str
    body: str
    author_name: str
    is_verified_purchase: bool
    is_approved: bool
    helpful_count: int
    created_at: Time


class RatingOut(Out):
    """`distribution`: how many gave “5”, “4”, … stars."""

    average: float
    count: int
    distribution: dict[str, int]
