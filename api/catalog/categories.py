"""Categories, as a tree or a flat list."""

from flask import redirect

from api.catalog._answers import cacheable
from api.catalog._queries import YesNo
from api.contract import Created, Patch, Query, actor, endpoint
from api.schemas.catalog import CategoryOut
from kit.actor import Role
from kit.errors import NotFound
from services.catalog import addresses, categories
from services.catalog.categories import CategoryDraft
from web.access import PUBLIC

GROUP = "Categories"


class CategoryQuery(Query):
    """`include_inactive` is for staff; for others it changes nothing."""

    flat: YesNo = False
    include_inactive: YesNo = False


@endpoint("GET", "/categories", allow=PUBLIC, group=GROUP, query=CategoryQuery, answer=CategoryOut, many=True)
def list_categories(query: CategoryQuery):
    """List categories: the roots with their children, or with `flat=true` all of them with their depth."""
    shows_all = query.include_inactive and actor().is_staff
    roots = categories.counted_tree(include_inactive=shows_all)
    if query.flat:
        return cacheable([CategoryOut.flat(node) for node in categories.flat(roots)])
    return cacheable([CategoryOut.of(node) for node in roots])


@endpoint("GET", "/categories/<slug>", allow=PUBLIC, group=GROUP, answer=CategoryOut)
def show_category(slug: str):
    """Get a category by its slug, or its id. A former slug leads to the present one (301)."""
    try:
        return cacheable(categories.get_node(slug, actor=actor()), CategoryOut)
    except NotFound:
        if moved := addresses.find_moved("category", slug):
            return redirect(f"/api/categories/{moved}", 301)
        raise


@endpoint("POST", "/categories", allow=Role.MANAGER, group=GROUP, body=CategoryDraft, answer=CategoryOut, status=201,
          errors=("slug-taken",))  # fmt: skip
def create_category(draft: CategoryDraft):
    """Create a category, five levels deep at most."""
    row = categories.create_category(draft, actor=actor())
    return Created(categories.get_node(row.id, actor=actor()), f"/api/categories/{row.slug}")


@endpoint("PUT", "/categories/<category_id>", allow=Role.MANAGER, group=GROUP, body=CategoryDraft, partial=True,
          versioned=True, answer=CategoryOut, errors=("slug-taken", "stale-version"))  # fmt: skip
def update_category(category_id: str, patch: Patch):
    """Change or move a category."""
    draft = patch.onto(CategoryDraft.of(categories.get_category(category_id)))
    row = categories.update_category(category_id, draft, actor=actor(), version=patch.version)
    return categories.get_node(row.id, actor=actor())


@endpoint("DELETE", "/categories/<category_id>", allow=Role.MANAGER, group=GROUP, status=204)
def delete_category(category_id: str):
    """Delete a category. Its children move up; its products stay."""
    categories.delete_category(category_id, actor=actor())
