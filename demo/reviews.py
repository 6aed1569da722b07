"""What customers said of what they bought: mostly good, some not, a few still waiting for approval."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from demo.catalog import Made
from demo.story import Story
from kit import clock
from kit.db import db
from models.accounts import User
from models.orders import OrderStatus
from models.reviews import Review

Said = dict[str, tuple[tuple[int, str, str], ...]]


def write(made: list[Made], stories: list[Story], said: Said, count: int, rng: random.Random) -> int:
    """At most one by a customer of a product, days after it came. Answers how many."""
    by_id = {m.product.id: m for m in made}
    pools: dict[str, list[tuple[int, str, str]]] = {}
    written: list[Review] = []
    for user, thing, moment in _occasions(by_id, stories, rng):
        if len(written) == count:
            break
        kind = thing.kind if thing.kind in said else "home"
        if not pools.get(kind):  # all said once: from the beginning, in another order
            pools[kind] = rng.sample(said[kind], len(said[kind]))
        rating, title, body = pools[kind].pop()
        written.append(_review(user, thing, rating, title, body, moment, rng))
    db.session.add_all(written)
    for thing in made:
        shown = [review for review in written if review.product_id == thing.product.id and review.is_approved]
        thing.product.rating_sum = sum(review.rating for review in shown)
        thing.product.review_count = len(shown)
    return len(written)


def _occasions(
    by_id: dict, stories: list[Story], rng: random.Random
) -> Iterator[tuple[User, Made, datetime]]:
    seen = set()
    finished = [s for s in stories if s.order.status is OrderStatus.COMPLETED and s.shopper.user is not None]
    for story in rng.sample(finished, len(finished)):
        user, order = story.shopper.user, story.order
        assert user is not None and order.completed_at is not None
        for item in order.items:
            moment = order.completed_at + timedelta(days=rng.uniform(1.5, 25))
            if (user.id, item.product_id) in seen or moment > clock.now() or rng.random() < 0.15:
                continue
            seen.add((user.id, item.product_id))
            yield user, by_id[item.product_id], moment


def _review(
    user: User, thing: Made, rating: int, title: str, body: str, moment: datetime, rng: random.Random
) -> Review:
    age = clock.now() - moment
    is_approved = rng.random() < (0.35 if age < timedelta(days=4) else 0.97)
    return Review(
        product_id=thing.product.id,
        user_id=user.id,
        author_name=f"{user.first_name} {user.last_name[:1]}.",
        rating=rating,
        title=title,
        body=body,
        is_verified_purchase=True,
        is_approved=is_approved,
        helpful_count=rng.choice((0, 0, 0, 1, 2, 3, 5, 8)) if is_approved else 0,
        created_at=moment,
        updated_at=moment,
    )
