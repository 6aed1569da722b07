"""Content pages."""

from uuid import UUID

from api.contract import Created, PagedQuery, Patch, actor, endpoint
from api.schemas.pages import PageOut
from kit.actor import Role
from services import pages
from services.pages import PageDraft
from web.access import PUBLIC

GROUP = "Pages (CMS)"


@endpoint("GET", "/pages", allow=PUBLIC, group=GROUP, query=PagedQuery, answer=PageOut, many=True)
def list_pages(query: PagedQuery):
    """The store's pages in their order; staff see those that are switched off, too."""
    return pages.list_pages(query.page, query.page_size, actor=actor())


@endpoint("GET", "/pages/<slug>", allow=PUBLIC, group=GROUP, answer=PageOut)
def get_page(slug: str):
    """One page by its slug."""
    return pages.get_page(slug, actor=actor())


@endpoint("POST", "/pages", allow=Role.MANAGER, group=GROUP, body=PageDraft, answer=PageOut, status=201,
          errors=("slug-taken",))  # fmt: skip
def create_page(draft: PageDraft):
    """Write a page. Its HTML is sanitised on the way in."""
    page = pages.create_page(draft, actor=actor())
    return Created(page, f"/api/pages/{page.slug}")


@endpoint("PUT", "/pages/<uuid:page_id>", allow=Role.MANAGER, group=GROUP, body=PageDraft, partial=True,
          answer=PageOut, errors=("slug-taken",))  # fmt: skip
def update_page(page_id: UUID, patch: Patch):
    """Change a page. A changed slug answers with a redirect from then on."""
    page = pages.get_page(page_id)
    return pages.update_page(page_id, patch.onto(PageDraft.of(page)), actor=actor())


@endpoint("DELETE", "/pages/<uuid:page_id>", allow=Role.MANAGER, group=GROUP, status=204)
def delete_page(page_id: UUID):
    """Delete a page."""
    pages.delete_page(page_id, actor=actor())
