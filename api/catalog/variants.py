"""Variants of a product."""

from api.catalog._answers import cacheable
from api.contract import Created, Patch, actor, endpoint
from api.schemas.catalog import VariantOut, variant_out
from kit.actor import Role
from services.catalog import variants
from services.catalog.variants import VariantDraft
from web.access import PUBLIC

GROUP = "Product Variants"
REFUSALS = ("duplicate-combination", "sku-taken")


@endpoint("GET", "/products/<product_id>/variants", allow=PUBLIC, group=GROUP, answer=VariantOut, many=True)
def list_variants(product_id: str):
    """List the variants of a product; shoppers see those that can be chosen."""
    who = actor()
    return cacheable([variant_out(v, who) for v in variants.list_variants(product_id, actor=who)])


@endpoint("POST", "/products/<product_id>/variants", allow=Role.MANAGER, group=GROUP, body=VariantDraft,
          answer=VariantOut, status=201, errors=(*REFUSALS, "too-many-variants"))  # fmt: skip
def create_variant(product_id: str, draft: VariantDraft):
    """Add a variant. Its combination of values is unique in the product."""
    variant = variants.create_variant(product_id, draft, actor=actor())
    return Created(variant_out(variant, actor()), f"/api/products/{product_id}/variants/{variant.id}")


@endpoint("PUT", "/products/<product_id>/variants/<variant_id>", allow=Role.MANAGER, group=GROUP, body=VariantDraft,
          partial=True, versioned=True, answer=VariantOut, errors=(*REFUSALS, "stale-version"))  # fmt: skip
def update_variant(product_id: str, variant_id: str, patch: Patch):
    """Change a variant."""
    current = VariantDraft.of(variants.get_variant(product_id, variant_id))
    draft = patch.onto(current)
    variant = variants.update_variant(product_id, variant_id, draft, actor=actor(), version=patch.version)
    return variant_out(variant, actor())


@endpoint(
    "DELETE", "/products/<product_id>/variants/<variant_id>", allow=Role.MANAGER, group=GROUP, status=204
)
def delete_variant(product_id: str, variant_id: str):
    """Delete a variant. Without its last one a product is bought as it is."""
    variants.delete_variant(product_id, variant_id, actor=actor())
