"""Content pages."""

from uuid import UUID

from flask import redirect

from api.catalog._answers import cacheable
from api.contract import Created, PagedQuery, Patch, actor, endpoint
from api.schemas.base import present
from api.schemas.pages import PageOut
from kit.actor import Role
from kit.errors import NotFound
from kit.i18n import _
from kit.ids import parse_id
from kit.paging import Page
from services import pages
from services.catalog import addresses
from services.pages import PageDraft
from web.access import PUBLIC

GROUP = "Pages (CMS)"


@endpoint("GET", "/pages", allow=PUBLIC, group=GROUP, query=PagedQuery, answer=PageOut, many=True)
def list_pages(query: PagedQuery):
    """The store's pages in their order; staff see those that are switched off, too."""
    found = pages.list_pages(query.page, query.page_size, actor=actor())
    return cacheable(
        Page([present(p, PageOut) for p in found.items], found.total, found.page, found.page_size)
    )


@endpoint("GET", "/pages/<slug>", allow=PUBLIC, group=GROUP, answer=PageOut)
def get_page(slug: str):
    """One page by its slug. A former slug leads to the present one (301)."""
    try:
        return cacheable(pages.get_page(slug, actor=actor()), PageOut)
    except NotFound:
        if moved := addresses.find_moved("page", slug):
            return redirect(f"/api/pages/{moved}", 301)
        raise


@endpoint("POST", "/pages", allow=Role.MANAGER, group=GROUP, body=PageDraft, answer=PageOut, status=201,
          errors=("slug-taken",))  # fmt: skip
def create_page(draft: PageDraft):
    """Write a page. Its HTML is sanitised on the way in."""
    page = pages.create_page(draft, actor=actor())
    return Created(page, f"/api/pages/{page.slug}")


@endpoint("PUT", "/pages/<page_id>", allow=Role.MANAGER, group=GROUP, body=PageDraft, partial=True,
          answer=PageOut, errors=("slug-taken",))  # fmt: skip
def update_page(page_id: str, patch: Patch):
    """Change a page. A changed slug answers with a redirect from then on."""
    page = pages.get_page(_id(page_id))
    return pages.update_page(page.id, patch.onto(PageDraft.of(page)), actor=actor())


@endpoint("DELETE", "/pages/<page_id>", allow=Role.MANAGER, group=GROUP, status=204)
def delete_page(page_id: str):
    """Delete a page."""
    pages.delete_page(_id(page_id), actor=actor())


def _id(text: str) -> UUID:
    """A slug is good for reading only."""
    found = parse_id(text)
    if found is None:
        raise NotFound(_("There is no such page."))
    return found
