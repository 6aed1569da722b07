"""Variants: the combinations in which a product is bought."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product as every_combination
from uuid import UUID

from sqlalchemy import select

from kit import clock
from kit.actor import Actor
from kit.db import db, transaction
from kit.errors import Conflict, FieldError, Invalid, NotFound
from kit.i18n import _
from kit.ids import parse_id, uuid7
from models.catalog import Product, Variant
from services import audit, stock
from services.catalog import addresses
from services.catalog.products import changed, check_version, get_product, lock_product
from services.catalog.variant_draft import ATTRIBUTES_MAX, VariantDraft
from services.catalog.variant_rows import Filler, combination, load_values

PER_PRODUCT = 500

__all__ = ["ATTRIBUTES_MAX", "PER_PRODUCT", "VariantDraft", "combination"]


def list_variants(product_id: UUID | str, *, actor: Actor) -> list[Variant]:
    """In their order; for shoppers only those that can be chosen, of a product that they can see."""
    product = get_product(product_id, actor=actor)
    return [v for v in product.variants if v.is_active or actor.is_staff]


def get_variant(product_id: UUID | str, variant_id: UUID | str) -> Variant:
    ident, owner = parse_id(variant_id), parse_id(product_id)
    variant = db.session.scalar(
        select(Variant)
        .join(Product, Variant.product_id == Product.id)
        .where(Variant.id == ident, Product.id == owner, Product.archived_at.is_(None))
    )
    if variant is None:
        raise NotFound(_("There is no such variant."))
    return variant


@transaction()
def create_variant(product_id: UUID | str, draft: VariantDraft, *, actor: Actor) -> Variant:
    return create_variants(product_id, [draft], actor=actor)[0]


@transaction()
def create_variants(product_id: UUID | str, drafts: Sequence[VariantDraft], *, actor: Actor) -> list[Variant]:
    """All or none; the number of queries does not grow with them."""
    addresses.lock_names()
    product = lock_product(product_id)
    if len(product.variants) + len(drafts) > PER_PRODUCT:
        raise Conflict(
            _("A product can have %(limit)s variants at most.", limit=PER_PRODUCT), code="too-many-variants"
        )
    filler = Filler(product, drafts)
    last = max((v.position for v in product.variants), default=-1)
    made = []
    for i, draft in enumerate(drafts, 1):
        variant = Variant(id=uuid7(), product_id=product.id, values=[])
        filler.fill(variant, draft)
        if draft.position is None:
            variant.position = last + i
        product.variants.append(variant)
        made.append(variant)
    db.session.flush()  # their stock refers to them
    on_hand = {v.id: draft.stock_quantity or 0 for v, draft in zip(made, drafts, strict=True)}
    stock.ensure_items(product.id, on_hand, actor=actor)
    for variant in made:
        names = {"product": [None, product.name], "sku": [None, variant.sku]}
        audit.record("create", variant, actor=actor, changes=names)
    _touch(product)
    return made


@transaction()
def update_variant(
    product_id: UUID | str,
    variant_id: UUID | str,
    draft: VariantDraft,
    *,
    actor: Actor,
    version: int | None = None,
) -> Variant:
    addresses.lock_names()
    product = lock_product(product_id)
    variant = _of(product, variant_id)
    check_version(variant, version)
    load_values(product)
    Changes(product, actor, {variant.id: draft}).make(variant, draft)
    return variant


@transaction()
def update_variants(product_id: UUID | str, rows: Mapping[UUID, VariantDraft], *, actor: Actor) -> Product:
    """All rows or none; the number of queries does not grow with them. Invalid names the row and the field:
    `<variant>.sku`."""
    addresses.lock_names()
    product = lock_product(product_id)
    load_values(product)
    changes, wrong = Changes(product, actor, rows), []
    for variant_id, draft in rows.items():
        try:
            changes.note(_of(product, variant_id), draft)
        except Invalid as error:
            wrong += [
                FieldError(f"{variant_id}.{e.field.partition('.')[0]}", e.code, e.message)
                for e in error.errors
            ]
        except Conflict as error:
            wrong.append(FieldError(f"{variant_id}.sku", error.code, error.message))
    if wrong:
        raise Invalid(_("Please correct the marked fields."), errors=wrong)
    changes.finish()
    return product


class Changes:
    """Rows of one locked product that change together: each is filled and noted, then all is brought up to date."""

    def __init__(self, product: Product, actor: Actor, rows: Mapping[UUID, VariantDraft]):
        self.product, self.actor = product, actor
        self.filler = Filler(product, rows.values(), [v for v in product.variants if v.id in rows])
        self.is_changed = False
        self.stock: dict[UUID, int] = {}

    def note(self, variant: Variant, draft: VariantDraft) -> None:
        before = VariantDraft.of(variant)
        self.filler.fill(variant, draft)
        if draft.stock_quantity is not None:
            self.stock[variant.id] = draft.stock_quantity
        changes = audit.difference(before, VariantDraft.of(variant))
        if changes:
            self.is_changed = True
            variant.version += 1
            variant.updated_at = clock.now()
            audit.record("update", variant, actor=self.actor, changes=changes)

    def finish(self) -> None:
        db.session.flush()
        stock.set_sellable_of_variants(self.product.id, self.stock, actor=self.actor)
        if self.is_changed:
            _touch(self.product)
        elif self.stock:
            stock.refresh([self.product.id])

    def make(self, variant: Variant, draft: VariantDraft) -> None:
        self.note(variant, draft)
        self.finish()


@transaction()
def delete_variant(product_id: UUID | str, variant_id: UUID | str, *, actor: Actor) -> None:
    """Orders keep their copy. Without its last variant a product is bought as it is, with its own stock."""
    product = lock_product(product_id)
    take_out(product, [_of(product, variant_id)], actor=actor)


def take_out(product: Product, gone: Iterable[Variant], *, actor: Actor) -> None:
    """Delete these variants of a locked product."""
    for variant in list(gone):
        names = {"product": [product.name, None], "sku": [variant.sku, None]}
        audit.record("delete", variant, actor=actor, changes=names)
        product.variants.remove(variant)
    db.session.flush()
    _touch(product)


@transaction()
def create_missing(product_id: UUID | str, value_ids: list[list[UUID]], *, actor: Actor) -> list[Variant]:
    """One variant for each combination of the values (a list per attribute) that the product has not got yet."""
    taken = {v.combination for v in get_product(product_id).variants}
    wanted = [list(chosen) for chosen in every_combination(*value_ids)]
    missing = [chosen for chosen in wanted if chosen and combination(chosen) not in taken]
    if len(missing) + len(taken) > PER_PRODUCT:
        raise Invalid.field(
            "attribute_value_ids",
            "too_many",
            _("A product can have %(limit)s variants at most.", limit=PER_PRODUCT),
        )
    if not missing:
        return []
    drafts = [VariantDraft(attribute_value_ids=chosen) for chosen in missing]
    return create_variants(product_id, drafts, actor=actor)


def _of(product: Product, variant_id: UUID | str) -> Variant:
    ident = parse_id(variant_id)
    variant = next((v for v in product.variants if v.id == ident), None)
    if variant is None:
        raise NotFound(_("There is no such variant."))
    return variant


def _touch(product: Product) -> None:
    product.version += 1
    product.updated_at = clock.now()
    changed(product)
