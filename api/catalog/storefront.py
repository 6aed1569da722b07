"""The catalogue for a front end of one's own: what shoppers see, whoever asks."""

from flask import redirect

from api.catalog._answers import cacheable, kept
from api.catalog._parts import list_parts
from api.catalog._queries import StorefrontQuery
from api.contract import endpoint
from api.schemas.catalog import CategoryOut, ProductOut, whole_product_out
from kit.actor import GUEST
from kit.errors import NotFound
from kit.paging import Page
from services.catalog import addresses, categories, products, views
from web.access import PUBLIC

GROUP = "Storefront (Public)"


@endpoint(
    "GET",
    "/storefront/products",
    allow=PUBLIC,
    group=GROUP,
    query=StorefrontQuery,
    answer=ProductOut,
    many=True,
)
def list_products(query: StorefrontQuery):
    """List active products."""

    def read() -> Page[bytes]:
        node = categories.find_node(query.category_slug)
        filters = query.filters(node.id if node else None)
        return list_parts(filters, query.page, query.page_size)

    return kept(query, read)


@endpoint("GET", "/storefront/products/<slug>", allow=PUBLIC, group=GROUP, answer=ProductOut)
def show_product(slug: str):
    """Get an active product by its slug; counts a view."""
    try:
        product = products.get_product_by_slug(slug, actor=GUEST)
    except NotFound:
        if moved := addresses.find_moved("product", slug):
            return redirect(f"/api/storefront/products/{moved}", 301)
        raise
    views.count(product.id)
    return cacheable(whole_product_out(product, GUEST))


@endpoint("GET", "/storefront/categories", allow=PUBLIC, group=GROUP, answer=CategoryOut, many=True)
def list_categories():
    """List active categories with product counts, as a tree."""
    return cacheable([CategoryOut.of(node) for node in categories.counted_tree()])


@endpoint("GET", "/storefront/categories/<slug>", allow=PUBLIC, group=GROUP, answer=CategoryOut)
def show_category(slug: str):
    """Get an active category by its slug."""
    try:
        return cacheable(categories.get_node(slug, actor=GUEST), CategoryOut)
    except NotFound:
        if moved := addresses.find_moved("category", slug):
            return redirect(f"/api/storefront/categories/{moved}", 301)
        raise
