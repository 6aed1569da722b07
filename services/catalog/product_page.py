"""All that a product's page needs, in five queries at most."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import joinedload, raiseload
from sqlalchemy.orm.attributes import set_committed_value

from kit.actor import Actor
from kit.db import db
from kit.errors import NotFound
from kit.i18n import _, current_locale
from models.catalog import AttributeValue, Product, Variant, product_categories
from models.product_details import RelatedProduct
from models.reviews import Review
from services import reviews
from services.catalog import categories, listing, related, texts
from services.catalog.categories import Node
from services.catalog.images import View, view
from services.catalog.listing import Card, Filters
from services.catalog.texts import Spoken
from services.reviews import Rating

RELATED = 4
CHOSEN = 12
REVIEWS = 5


@dataclass(frozen=True)
class ProductPage:
    """`variants` are those that can be chosen, in order, values loaded. `path` is the breadcrumb, root first. `words`
    are in the reader's language."""

    product: Product
    variants: tuple[Variant, ...]
    images: tuple[View, ...]
    path: tuple[Node, ...]
    reviews: tuple[Review, ...]
    rating: Rating
    related: tuple[Card, ...]
    words: Spoken


def read_page(slug: str, *, actor: Actor, drafts: bool = False) -> ProductPage:
    """NotFound where nothing that the actor may see answers here (see addresses.find_moved for former addresses).
    `drafts`: who asks has proved that a draft may be seen (see draft_links)."""
    product, category_ids, has_chosen = _product(slug, drafts or actor.is_staff)
    path = _path(category_ids)
    found, rating = reviews.latest(product.id, REVIEWS) if product.review_count else ([], Rating())
    return ProductPage(
        product=product,
        variants=tuple(_variants(product)),
        images=tuple(shown for image in product.images if (shown := view(image))),
        path=tuple(path),
        reviews=tuple(found),
        rating=rating,
        related=tuple(_chosen(product) if has_chosen else _related(product, path)),
        words=texts.spoken(product),
    )


def _product(slug: str, drafts: bool) -> tuple[Product, list[UUID], bool]:
    """The product with its pictures, the ids of its categories, and whether others were chosen to go with it.

    The categories as plain ids: joined as rows through their table of pairs, they would make SQLite read all products
    of a category."""
    pairs = product_categories
    query = (
        select(Product, pairs.c.category_id, exists().where(RelatedProduct.product_id == Product.id))
        .outerjoin(pairs, and_(pairs.c.tenant_id == Product.tenant_id, pairs.c.product_id == Product.id))
        .where(Product.slug == slug, Product.archived_at.is_(None))
        .options(joinedload(Product.images), raiseload(Product.categories))
        .options(raiseload(Product.tags), raiseload(Product.variants))
    )
    if not drafts:
        query = query.where(Product.is_active)
    rows = db.session.execute(query.execution_options(populate_existing=True)).unique().all()
    if not rows:
        raise NotFound(_("There is no such product."))
    return rows[0][0], [row[1] for row in rows if row[1] is not None], bool(rows[0][2])


def _variants(product: Product) -> list[Variant]:
    if not product.variant_count:
        return []
    query = (
        select(Variant)
        .where(Variant.product_id == product.id, Variant.is_active)
        .order_by(Variant.position, Variant.id)
        .options(
            joinedload(Variant.values, innerjoin=True).joinedload(AttributeValue.attribute, innerjoin=True)
        )
    )
    found = list(db.session.scalars(query).unique())
    for variant in found:
        set_committed_value(variant, "product", product)  # its price looks at the product's sale
    return found


def _path(category_ids: list[UUID]) -> list[Node]:
    """Of several categories the deepest that can be seen leads here."""
    return max((categories.path_to(ident) for ident in category_ids), key=len, default=[])


def _chosen(product: Product) -> list[Card]:
    """What staff chose, in their order; one that is not shown is left out."""
    ids = related.ids_of(product.id, all_of_them=False)
    cards = {
        card.id: card for card in listing.read_cards(Filters(product_ids=tuple(ids)), page_size=len(ids) or 1)
    }
    return [cards[ident] for ident in ids if ident in cards][:CHOSEN]


def _related(product: Product, path: list[Node]) -> list[Card]:
    """The best sold of the nearest category. All its products ask for the same, so it is kept for a minute."""
    if not path:
        return []
    filters = Filters(category_id=path[-1].id)
    best = replace(filters, sort_by="popularity")
    cards: list[Card] = listing.remember(
        f"related {current_locale()}",
        filters,
        lambda: listing.read_cards(best, page_size=RELATED + 1),
        is_priced=True,
    )
    return [card for card in cards if card.id != product.id][:RELATED]
