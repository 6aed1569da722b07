"""Content pages: terms, privacy, delivery, about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, model_validator
from sqlalchemy import or_, select, update

from kit import clock
from kit.actor import SYSTEM, Actor
from kit.db import db, transaction
from kit.drafts import Draft, Flag, Int, Moment, SlugText, Text, blank_to_none, wrong
from kit.errors import Conflict, NotFound
from kit.html import sanitize
from kit.i18n import _
from kit.ids import parse_id
from kit.paging import Page, paginate
from kit.tenancy import every_tenant
from models.pages import Page as PageRow
from models.tenants import Tenant, TenantStatus
from services import audit, page_versions, tenants
from services.catalog import addresses
from services.catalog.products import check_version
from services.catalog.publishing import follow_clock
from services.catalog.texts import check_languages, other_locale
from services.due import work_through

RESERVED = frozenset({"new", "edit", "preview"})
TEXTS = ("title", "content", "meta_title", "meta_description")


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


class PageTexts(Draft):
    """A page in another language; what is empty is read in the store's own."""

    title: Annotated[str, Text(200)] = ""
    content: Annotated[str, Text(100_000)] = ""
    meta_title: Annotated[str, Text(200)] = ""
    meta_description: Annotated[str, Text(500)] = ""


class FullPageDraft(PageDraft):
    """As the back office writes it: with the moments at which it is shown and hidden by itself (until `publish_at` it
    is not shown, whatever `is_active` says), and with the other languages of the store, all of them at once."""

    publish_at: Annotated[Moment | None, BeforeValidator(blank_to_none)] = None
    unpublish_at: Annotated[Moment | None, BeforeValidator(blank_to_none)] = None
    translations: dict[str, PageTexts] = {}

    @model_validator(mode="after")
    def _fits_together(self) -> "FullPageDraft":
        check_languages(self.translations)
        if self.publish_at and self.unpublish_at and self.unpublish_at <= self.publish_at:
            raise wrong("unpublish_at", "too_early", _("Must be after the start."))
        return self


@dataclass(frozen=True, slots=True)
class Spoken:
    """The words of a page in the reader's language."""

    title: str
    content: str
    meta_title: str
    meta_description: str


def spoken(page: Any) -> Spoken:
    """Of a page, or of a version of one."""
    own: Mapping[str, str] = (page.translations or {}).get(other_locale() or "") or {}
    return Spoken(**{name: own.get(name) or getattr(page, name) for name in TEXTS})


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
    page = PageRow(slug=slug, **_values(draft))
    db.session.add(page)
    db.session.flush()
    page_versions.keep(page, by=actor.email)
    audit.record("create", page, actor=actor, changes={"title": [None, page.title]})
    tenants.touch_catalog()
    return page


@transaction()
def update_page(
    page_id: UUID | str, draft: PageDraft, *, actor: Actor, version: int | None = None
) -> PageRow:
    """A changed slug leaves a redirect behind; the text before stays among the page's versions."""
    addresses.lock_names()
    page = get_page(page_id)
    check_version(page, version)
    page_versions.keep(page, by="")
    before = type(draft).of(page)
    slug = addresses.choose_slug(PageRow, draft.slug or page.slug, draft.title, own_id=page.id)
    _check_slug(slug)
    if slug != page.slug:
        addresses.moved("page", page.slug, slug, page.id)
    for name, value in {**_values(draft), "slug": slug}.items():
        setattr(page, name, value)
    page.version += 1
    page_versions.keep(page, by=actor.email)
    audit.record("update", page, actor=actor, changes=audit.difference(before, type(draft).of(page)))
    tenants.touch_catalog()
    return page


def _values(draft: PageDraft) -> dict[str, Any]:
    """What the draft says, as the row keeps it."""
    values = {**draft.model_dump(exclude={"slug"}), "content": sanitize(draft.content)}
    if not isinstance(draft, FullPageDraft):
        return values
    now = clock.now()
    if draft.publish_at is not None:
        values["is_active"] = draft.publish_at <= now
        values["publish_at"] = draft.publish_at if draft.publish_at > now else None
    if draft.unpublish_at is not None and draft.unpublish_at <= now:
        values |= {"is_active": False, "unpublish_at": None}
    values["translations"] = {
        locale: {**texts.model_dump(), "content": sanitize(texts.content)}
        for locale, texts in draft.translations.items()
        if any(texts.model_dump().values())
    }
    return values


def preview(draft: FullPageDraft, *, page_id: UUID | None, actor: Actor) -> str:
    """The signed token of a link that shows what was typed, for a day. Nothing of the page changes."""
    values = _values(draft)
    texts = {name: values[name] for name in (*TEXTS, "translations")}
    return page_versions.preview(texts, page_id=page_id, actor=actor)


@transaction()
def restore(page_id: UUID, number: int, *, actor: Actor) -> PageRow:
    """The text of an earlier version is the page's again; the present one stays among the versions."""
    addresses.lock_names()  # as a save does: two at once would give their versions one number
    page, kept = get_page(page_id), page_versions.get_version(page_id, number)
    texts = {name: getattr(kept, name) for name in (*TEXTS, "translations")}
    changes = audit.difference({name: getattr(page, name) for name in texts}, texts)
    if not changes:
        return page
    page_versions.keep(page, by="")
    for name, value in texts.items():
        setattr(page, name, value)
    page.version += 1
    page_versions.keep(page, by=actor.email)
    audit.record("restore", page, actor=actor, changes=changes)
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


# --- shown and hidden by the clock ----------------------------------------------------------------------------------


def publish_due(limit: int = 500) -> int:
    """In every store: show and hide what is due; how many pages were looked at."""
    moment = clock.now()
    with every_tenant():
        due: Sequence[Any] = db.session.execute(
            select(PageRow.tenant_id, PageRow.id)
            .join(Tenant, Tenant.id == PageRow.tenant_id)
            .where(
                or_(PageRow.publish_at <= moment, PageRow.unpublish_at <= moment),
                Tenant.status != TenantStatus.DELETED,
            )
            .order_by(PageRow.id)
            .limit(limit)
        ).all()
    return work_through(due, publish)


@transaction()
def publish(page_id: UUID) -> bool:
    """Do what is due for this page; False where nothing is. Done twice it changes nothing."""
    page = db.session.get(PageRow, page_id, with_for_update=True, populate_existing=True)
    if page is None:
        return False  # deleted meanwhile
    changes = follow_clock(page, clock.now())
    if not changes:
        return False
    page.version += 1
    audit.record("update", page, actor=SYSTEM, changes=changes)
    tenants.touch_catalog()
    return True
