"""What buyers say, as the product's page and the page of all reviews show it."""

from collections.abc import Iterable
from typing import Any

from flask import url_for

from kit.i18n import _
from models.reviews import Review
from services.catalog.product_page import ProductPage
from web.filters import day, number


def shown_reviews(found: ProductPage) -> dict[str, Any]:
    slug, rating = found.product.slug, found.rating
    more = url_for("shop.product_reviews", slug=slug) if rating.count > len(found.reviews) else ""
    return {
        "count": rating.count,
        "average": number(round(rating.average, 1)),
        "average_number": rating.average,
        "bars": [(int(stars), count) for stars, count in rating.distribution.items()],
        "items": shown(found.reviews),
        "more_url": more,
        "write_url": url_for("shop.write_review", slug=slug),
    }


def shown(reviews: Iterable[Review]) -> list[dict[str, Any]]:
    return [
        {
            "author": review.author_name or _("A customer"),
            "stars": review.rating,
            "title": review.title,
            "body": review.body,
            "date": day(review.created_at),
            "iso": review.created_at.date().isoformat(),
            "verified": review.is_verified_purchase,
            "reply": review.reply,
        }
        for review in reviews
    ]
