"""Content pages: terms, privacy, delivery, about."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import or_, select, update

from kit.actor import Actor
from kit.db import db, transaction
from kit.drafts import Draft, Flag, Int, SlugText, Text
from kit.errors import Conflict, NotFound
from kit.html import sanitize
from kit.i18n import _
from kit.ids import parse_id
from kit.paging import Page, paginate
from models.pages import Page as PageRow
from models.tenants import Tenant
from services import audit, tenants
from services.catalog import addresses

RESERVED = frozenset({"new", "edit"})


class PageDraft(Draft):
    title: Annotated[str, Text(200, min=1)]
    slug: SlugText | None = None
    content: Annotated[str, Text(100_000)] = ""
    is_active: Flag = True
    show_in_menu: Flag = True
    position: Int = 0
    meta_title: Annotated[str, Text(200)] = ""
    meta_description: Annotated[str, Text(500)] = ""

    @classmethod
    def of(cls, page: PageRow) -> dict[str, Any]:
        return {name: getattr(page, name) for name in cls.model_fields}


def list_pages(page: int = 1, page_size: int = 20, *, actor: Actor) -> Page[PageRow]:
    """Active ones; staff see the others too."""
    query = select(PageRow).order_by(PageRow.position, PageRow.id)
    return paginate(query if actor.is_staff else query.where(PageRow.is_active), page, page_size)


def list_in_menu() -> Sequence[PageRow]:
    """What the footer links to."""
    query = (
        select(PageRow).where(PageRow.is_active, PageRow.show_in_menu).order_by(PageRow.position, PageRow.id)
    )
    return db.session.scalars(query).all()


def find_page(slug: str) -> PageRow | None:
    return db.session.scalar(select(PageRow).where(PageRow.slug == slug, PageRow.is_active))


def get_page(page_id: UUID | str, *, actor: Actor | None = None) -> PageRow:
    """By id or, for a public reader, by slug. NotFound for one that is switched off, unless staff ask."""
    ident = parse_id(page_id)
    page = db.session.scalar(select(PageRow).where(or_(PageRow.id == ident, PageRow.slug == str(page_id))))
    if page is None or (actor is not None and not page.is_active and not actor.is_staff):
        raise NotFound(_("There is no such page."))
    return page


@transaction()
def create_page(draft: PageDraft, *, actor: Actor) -> PageRow:
    addresses.lock_names()
    slug = addresses.choose_slug(PageRow, draft.slug, draft.title)
    _check_slug(slug)
    page = PageRow(
        **draft.model_dump(exclude={"slug", "content"}), slug=slug, content=sanitize(draft.content)
    )
    db.session.add(page)
    db.session.flush()
    audit.record("create", page, actor=actor, changes={"title": [None, page.title]})
    tenants.touch_catalog()
    return page


@transaction()
def update_page(page_id: UUID | str, draft: PageDraft, *, actor: Actor) -> PageRow:
    """A changed slug leaves a redirect behind."""
    addresses.lock_names()
    page = get_page(page_id)
    before = PageDraft.of(page)
    slug = addresses.choose_slug(PageRow, draft.slug or page.slug, draft.title, own_id=page.id)
    _check_slug(slug)
    if slug != page.slug:
        addresses.moved("page", page.slug, slug, page.id)
    for name, value in {**draft.model_dump(), "slug": slug, "content": sanitize(draft.content)}.items():
        setattr(page, name, value)
    audit.record("update", page, actor=actor, changes=audit.difference(before, PageDraft.of(page)))
    tenants.touch_catalog()
    return page


@transaction()
def delete_page(page_id: UUID | str, *, actor: Actor) -> None:
    page = get_page(page_id)
    addresses.forget("page", [page.id])
    for column in (Tenant.terms_page_id, Tenant.privacy_page_id):
        db.session.execute(
            update(Tenant)
            .where(Tenant.id == tenants.current().id, column == page.id)
            .values({column: None})
            .execution_options(synchronize_session=False)
        )
    db.session.delete(page)
    audit.record("delete", page, actor=actor, changes={"title": [page.title, None]})
    tenants.touch_catalog()


def _check_slug(slug: str) -> None:
    if slug in RESERVED:
        raise Conflict(
            _("This address is kept for the shop itself: “%(slug)s”.", slug=slug), code="slug-taken"
        )
