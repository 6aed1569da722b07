"""The menus of the shop: as the store arranges them, else as they come by themselves from categories and pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, model_validator
from sqlalchemy import delete, func, select

from kit.actor import Actor
from kit.db import db, transaction
from kit.drafts import Draft, IdRef, Text, blank_to_none, wrong
from kit.errors import Conflict, Invalid, NotFound
from kit.i18n import _
from models.catalog import Category
from models.pages import MenuItem, MenuName, Page
from services import audit, pages, tenants
from services.catalog import categories
from services.catalog.categories import Node

AT_MOST = 60  # lines of one menu


def check_address(text: str) -> str:
    """A path of the shop, or an address of the web, of mail or of a telephone."""
    fine = (text.startswith("/") and not text.startswith(("//", "/\\"))) or text.startswith(
        ("https://", "http://", "mailto:", "tel:")
    )
    if text and (not fine or any(sign.isspace() or ord(sign) < 32 for sign in text)):
        raise wrong(
            "", "not_an_address", _("Write a path of the shop like /products, or an address with https://.")
        )
    return text


class MenuItemDraft(Draft):
    """It leads to one of the three. Without a label it is called what it leads to; an address needs one."""

    label: Annotated[str, Text(MenuItem.LABEL_MAX)] = ""
    page_id: Annotated[IdRef | None, BeforeValidator(blank_to_none)] = None
    category_id: Annotated[IdRef | None, BeforeValidator(blank_to_none)] = None
    address: Annotated[str, Text(MenuItem.ADDRESS_MAX), AfterValidator(check_address)] = ""

    @model_validator(mode="after")
    def _leads_somewhere(self) -> "MenuItemDraft":
        if sum(1 for target in (self.page_id, self.category_id, self.address) if target) != 1:
            raise wrong("address", "required", _("Choose a page or a category, or write an address."))
        if self.address and not self.label:
            raise wrong("label", "required", _("An address needs a name in the menu."))
        return self


@dataclass(frozen=True, slots=True)
class Link:
    """A line as shoppers see it. `target` is a slug, or the address itself."""

    label: str
    kind: Literal["page", "category", "address"]
    target: str
    children: tuple["Link", ...] = ()


# --- for shoppers ---------------------------------------------------------------------------------------------------


def links(menu: MenuName) -> tuple[Link, ...]:
    """In the reader's language, without what is hidden. Ask it once for each version of the catalogue."""
    items = list_items(menu)
    if not items:
        return automatic(menu)
    shown_pages = {page.id: page for page in _active_pages({item.page_id for item in items})}
    nodes = {node.id: node for node in categories.flat(categories.tree())}
    tops: list[tuple[Link, list[Link]]] = []
    hides_below = False
    for place, item in enumerate(items):
        link = _link(item, shown_pages, nodes)
        is_below = item.depth and place  # the first one is not, whose page or category above was deleted
        if is_below and tops and not hides_below:
            if link is not None:
                tops[-1][1].append(link)
        elif not is_below:
            hides_below = link is None
            if link is not None:
                tops.append((link, []))
    return tuple(Link(top.label, top.kind, top.target, tuple(below)) for top, below in tops)


def automatic(menu: MenuName) -> tuple[Link, ...]:
    """The header has the first two floors of the category tree, the footer the pages that ask for it."""
    if menu is MenuName.FOOTER:
        return tuple(Link(pages.spoken(page).title, "page", page.slug) for page in pages.list_in_menu())
    return tuple(
        Link(top.name, "category", top.slug, tuple(Link(n.name, "category", n.slug) for n in top.children))
        for top in categories.tree()
    )


def _link(item: MenuItem, shown: dict[UUID, Page], nodes: dict[UUID, Node]) -> Link | None:
    if item.page_id is not None:
        page = shown.get(item.page_id)
        return Link(item.label or pages.spoken(page).title, "page", page.slug) if page else None
    if item.category_id is not None:
        node = nodes.get(item.category_id)
        return Link(item.label or node.name, "category", node.slug) if node else None
    return Link(item.label, "address", item.address)


def _active_pages(ids: set[UUID | None]) -> Sequence[Page]:
    return db.session.scalars(select(Page).where(Page.id.in_(ids - {None}), Page.is_active)).all()


# --- for the back office --------------------------------------------------------------------------------------------


def list_items(menu: MenuName) -> Sequence[MenuItem]:
    """In their order; none where the menu makes itself."""
    query = select(MenuItem).where(MenuItem.menu == menu).order_by(MenuItem.position, MenuItem.id)
    return db.session.scalars(query).all()


def get_item(item_id: UUID) -> MenuItem:
    row = db.session.get(MenuItem, item_id)
    if row is None:
        raise NotFound(_("There is no such line in the menu."))
    return row


@transaction()
def add_item(menu: MenuName, draft: MenuItemDraft, *, actor: Actor) -> MenuItem:
    """At the end. The first one of a menu that made itself takes what it showed with it."""
    tenants.row(lock=True)
    _check_targets(draft)
    _take_over(menu)
    count = db.session.scalar(select(func.count()).select_from(MenuItem).where(MenuItem.menu == menu)) or 0
    if count >= AT_MOST:
        raise Conflict(_("A menu has room for %(most)s lines.", most=AT_MOST), code="menu-full")
    item = MenuItem(menu=menu, position=count + 1, **draft.model_dump())
    db.session.add(item)
    db.session.flush()
    audit.record(
        "create", item, actor=actor, changes={"menu": [None, menu.value], "label": [None, item.label]}
    )
    tenants.touch_catalog()
    return item


@transaction()
def update_item(item_id: UUID, draft: MenuItemDraft, *, actor: Actor) -> MenuItem:
    item = get_item(item_id)
    _check_targets(draft)
    after = draft.model_dump()
    changes = audit.difference({name: getattr(item, name) for name in after}, after)
    for name, value in after.items():
        setattr(item, name, value)
    audit.record("update", item, actor=actor, changes=changes)
    tenants.touch_catalog()
    return item


def _check_targets(draft: MenuItemDraft) -> None:
    if draft.page_id is not None and db.session.get(Page, draft.page_id) is None:
        raise Invalid.field("page_id", "unknown_id", _("There is no such page."))
    if draft.category_id is not None and db.session.get(Category, draft.category_id) is None:
        raise Invalid.field("category_id", "unknown_id", _("There is no such category."))


@transaction()
def begin(menu: MenuName, *, actor: Actor) -> None:
    """Make the menu one's own, with what it shows now. Nothing where it is already."""
    tenants.row(lock=True)
    if _take_over(menu):
        audit.record("create", ("menu", menu.value), actor=actor)
        tenants.touch_catalog()


def _take_over(menu: MenuName) -> bool:
    if list_items(menu):
        return False
    if menu is MenuName.FOOTER:
        rows = [MenuItem(menu=menu, position=0, page_id=page.id) for page in pages.list_in_menu()]
    else:
        rows = [
            MenuItem(menu=menu, position=0, category_id=node.id, depth=node.depth)
            for top in categories.tree()
            for node in (top, *top.children)
        ][:AT_MOST]
    for position, row in enumerate(rows, start=1):
        row.position = position
    db.session.add_all(rows)
    db.session.flush()
    return bool(rows)


@transaction()
def clear(menu: MenuName, *, actor: Actor) -> None:
    """The menu makes itself again."""
    if not list_items(menu):
        return
    db.session.execute(delete(MenuItem).where(MenuItem.menu == menu))
    audit.record("delete", ("menu", menu.value), actor=actor)
    tenants.touch_catalog()


@transaction()
def delete_item(item_id: UUID, *, actor: Actor) -> None:
    """What stood below it stands below the line before; where there is none, the first of it moves up a level."""
    item = get_item(item_id)
    audit.record("delete", item, actor=actor, changes={"label": [item.label, None]})
    db.session.delete(item)
    db.session.flush()
    _number(list(list_items(item.menu)))
    tenants.touch_catalog()


MOVES = ("up", "down", "in", "out")


@transaction()
def move_item(item_id: UUID, to: str, *, actor: Actor) -> MenuItem:
    """One step; a move that can't be made changes nothing. Invalid for a word that is no move."""
    tenants.row(lock=True)
    item = get_item(item_id)
    if to not in MOVES:
        raise Invalid.field(
            "to", "not_a_choice", _("Must be one of: %(expected)s.", expected=", ".join(MOVES))
        )
    items = list(list_items(item.menu))
    place = items.index(item)
    if to in ("in", "out"):
        item.depth = 1 if to == "in" else 0
    else:
        other = place + (1 if to == "down" else -1)
        if 0 <= other < len(items):
            items[place], items[other] = items[other], items[place]
    _number(items)
    audit.record("update", item, actor=actor, changes={"position": [place + 1, items.index(item) + 1]})
    tenants.touch_catalog()
    return item


@transaction()
def arrange(menu: MenuName, ids: Sequence[UUID], *, actor: Actor) -> None:
    """All of a menu in a new order. Invalid where it names others than there are."""
    tenants.row(lock=True)
    known = {item.id: item for item in list_items(menu)}
    if len(ids) != len(known) or set(ids) != set(known):
        raise Invalid.field("ids", "unknown_id", _("The menu has changed meanwhile. Load the page again."))
    _number([known[ident] for ident in ids])
    audit.record("update", ("menu", menu.value), actor=actor)
    tenants.touch_catalog()


def _number(items: Sequence[MenuItem]) -> None:
    """Positions from 1. The first one stands below nothing."""
    for position, item in enumerate(items, start=1):
        item.position = position
    if items:
        items[0].depth = 0
    db.session.flush()
