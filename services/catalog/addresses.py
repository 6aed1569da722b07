"""Slugs and SKUs: made, kept unique, and remembered when they change."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import delete, func, select

from kit import tenancy
from kit.db import db
from kit.errors import Conflict
from kit.i18n import _
from kit.slugs import numbered, slugify
from models.catalog import Category, Product, SlugRedirect, Variant
from models.pages import Page

SLUG_MAX = 120
_KINDS: dict[str, type[Product] | type[Category] | type[Page]] = {
    "product": Product,
    "category": Category,
    "page": Page,
}


def lock_names() -> None:
    """Let one writer at a time look for a free name in this store, where the database would let in two.

    Taken before any row of the catalogue. On SQLite there is one writer anyway.
    """
    if db.session.get_bind().dialect.name == "postgresql":
        key = tenancy.current_tenant_id().int & 0x7FFF_FFFF_FFFF_FFFF
        db.session.execute(select(func.pg_advisory_xact_lock(key)))


def choose_slug(kind: type, wished: str | None, name: str, *, own_id: UUID | None = None) -> str:
    """The wished slug, or one made from the name. Conflict `slug-taken` where another row has the wished one."""
    base = wished or slug_base(kind, name)
    query = select(kind.slug).where(kind.slug.startswith(base, autoescape=True))  # type: ignore[attr-defined]
    if own_id is not None:
        query = query.where(kind.id != own_id)  # type: ignore[attr-defined]
    taken = set(db.session.scalars(query))
    if wished and wished in taken:
        raise Conflict(_("Another one already has this address: “%(slug)s”.", slug=wished), code="slug-taken")
    return numbered(base, taken)


def taken_slugs(kind: type, slugs: Iterable[str]) -> set[str]:
    """Which of these somebody has. One query for any number."""
    return set(db.session.scalars(select(kind.slug).where(kind.slug.in_(set(slugs)))))  # type: ignore[attr-defined]


def slug_base(kind: type, name: str) -> str:
    """What an address begins with that is made from a name."""
    return slugify(name, SLUG_MAX - 6) or kind.__name__.lower()


def free_slug(kind: type, wished: str, *, own_id: UUID) -> str:
    """The wished slug, or the next of its kind where somebody has it."""
    query = select(kind.slug).where(kind.slug.startswith(wished, autoescape=True), kind.id != own_id)  # type: ignore[attr-defined]
    return numbered(wished, set(db.session.scalars(query)))


def check_sku(sku: str | None, *, product_id: UUID | None = None, variant_id: UUID | None = None) -> None:
    """Conflict `sku-taken` where another product or variant of the store has it. Archived ones don't count."""
    if not sku:
        return
    key = sku.lower()
    products = select(Product.id).where(func.lower(Product.sku) == key, Product.archived_at.is_(None))
    variants = (
        select(Variant.id)
        .join(Product, Variant.product_id == Product.id)
        .where(func.lower(Variant.sku) == key, Product.archived_at.is_(None))
    )
    if product_id is not None:
        products = products.where(Product.id != product_id)
    if variant_id is not None:
        variants = variants.where(Variant.id != variant_id)
    if db.session.scalar(products.limit(1)) or db.session.scalar(variants.limit(1)):
        raise sku_taken(sku)


def taken_skus(skus: Iterable[str], *, except_variants: Iterable[UUID]) -> set[str]:
    """Which of these (in lower case) another product or variant of the store has. Two queries for any number."""
    keys = {sku.lower() for sku in skus}
    if not keys:
        return set()
    products = select(func.lower(Product.sku)).where(
        func.lower(Product.sku).in_(keys), Product.archived_at.is_(None)
    )
    variants = (
        select(func.lower(Variant.sku))
        .join(Product, Variant.product_id == Product.id)
        .where(
            func.lower(Variant.sku).in_(keys),
            Product.archived_at.is_(None),
            Variant.id.not_in(list(except_variants)),
        )
    )
    return {*db.session.scalars(products), *db.session.scalars(variants)}


def sku_taken(sku: str) -> Conflict:
    return Conflict(_("Another product already has the SKU “%(sku)s”.", sku=sku), code="sku-taken")


def moved(kind: str, old: str, new: str, target_id: UUID) -> None:
    """The thing answered at `old` until now. A redirect names the thing, not an address, so chains have one hop."""
    claim(kind, new)
    claim(kind, old)
    db.session.add(SlugRedirect(kind=kind, slug=old, target_id=target_id))


def claim(kind: str, slug: str) -> None:
    """A live thing answers here now; no redirect may stand in its way."""
    claim_all(kind, [slug])


def claim_all(kind: str, slugs: Iterable[str]) -> None:
    db.session.execute(
        delete(SlugRedirect).where(SlugRedirect.kind == kind, SlugRedirect.slug.in_(list(slugs)))
    )


def forget(kind: str, target_ids: Iterable[UUID]) -> None:
    """The thing is gone, and so are its former addresses."""
    db.session.execute(
        delete(SlugRedirect).where(SlugRedirect.kind == kind, SlugRedirect.target_id.in_(list(target_ids)))
    )


def find_moved(kind: str, slug: str) -> str | None:
    """The address of today of what answered at `slug` before; None where nothing did, or it can't be seen."""
    model = _KINDS[kind]
    return db.session.scalar(
        select(model.slug)
        .join(SlugRedirect, SlugRedirect.target_id == model.id)
        .where(SlugRedirect.kind == kind, SlugRedirect.slug == slug, model.is_active)
    )
