"""The menus of the shop: their lines, moved by buttons or by dragging."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import page
from forms.pages import MenuItemForm
from kit.actor import Role
from kit.errors import Invalid
from kit.i18n import _, mark
from kit.ids import parse_id
from models.pages import MenuItem, MenuName, Page
from services import menus, pages
from services.catalog import categories
from services.catalog.categories import Node
from services.menus import Link
from web.access import allow
from web.auth import actor
from web.htmx import go
from web.saving import Saved, save

NAMES = {MenuName.HEADER: mark("Menu at the top"), MenuName.FOOTER: mark("Menu at the foot")}
TEXTS = {
    MenuName.HEADER: mark("Without lines of its own it shows the categories, by itself."),
    MenuName.FOOTER: mark("Without lines of its own it shows the pages that ask for it, by themselves."),
}
Targets = tuple[Sequence[Page], Sequence[Node]]
EACH = "<any(header, footer):menu>"


@bp.get("/pages/menus", endpoint="menus")
@allow(Role.MANAGER)
def show_menus() -> Response:
    return _page()


def _targets() -> Targets:
    """What lines may lead to."""
    found = pages.list_pages(page_size=100, actor=actor()).items
    return found, categories.flat(categories.tree(include_inactive=True))


def _page(refused: MenuItemForm | None = None, menu: str = "", saved: Saved | None = None) -> Response:
    targets = _targets()
    names = _names(*targets)
    shown = [
        {
            "name": name.value,
            "label": _(NAMES[name]),
            "text": _(TEXTS[name]),
            "rows": _rows(name, names),
            "automatic": _plain(menus.automatic(name)),
            "form": refused
            if refused is not None and menu == name
            else MenuItemForm(prefix=f"{name}-").offer(*targets),
            "is_refused": refused is not None and menu == name,
        }
        for name in MenuName
    ]
    return page("admin/content/menus.html", status=saved.status if saved is not None else 200, menus=shown)


def _names(found: Sequence[Page], nodes: Sequence[Node]) -> dict[UUID, tuple[str, bool]]:
    """Of each target its name, and whether shoppers see it."""
    return {p.id: (p.title, p.is_active) for p in found} | {n.id: (n.name, n.is_visible) for n in nodes}


def _rows(name: MenuName, names: dict[UUID, tuple[str, bool]]) -> list[dict[str, Any]]:
    items = menus.list_items(name)
    return [_row(item, place, len(items), names) for place, item in enumerate(items)]


def _row(item: MenuItem, place: int, total: int, names: dict[UUID, tuple[str, bool]]) -> dict[str, Any]:
    target = item.page_id or item.category_id
    called, is_seen = (
        names.get(target, (_("A page further down the list"), True)) if target else (item.address, True)
    )
    kind = _("Page") if item.page_id else _("Category") if item.category_id else _("Address")
    return {
        "id": item.id,
        "label": item.label or called,
        "leads_to": f"{kind}: {called}",
        "is_seen": is_seen,
        "depth": item.depth,
        "url": url_for("admin.edit_menu_item", item_id=item.id),
        "move_url": url_for("admin.move_menu_item", item_id=item.id),
        "can": {"up": place > 0, "down": place < total - 1, "in": place > 0 and item.depth == 0,
                "out": item.depth == 1},
    }  # fmt: skip


def _plain(links: tuple[Link, ...]) -> list[str]:
    return [link.label for top in links for link in (top, *top.children)]


@bp.post(f"/pages/menus/{EACH}/items")
@allow(Role.MANAGER)
def add_menu_item(menu: str) -> Response:
    form = MenuItemForm(request.form, prefix=f"{menu}-").offer(*_targets())
    saved = save(form, lambda draft: menus.add_item(MenuName(menu), draft, actor=actor()))
    if not saved:
        return _page(form, menu, saved)
    flash(_("The line is in the menu."), "success")
    return go("admin.menus", _anchor=f"menu-{menu}")


@bp.route("/pages/menus/items/<uuid:item_id>", methods=["GET", "POST"])
@allow(Role.MANAGER)
def edit_menu_item(item_id: UUID) -> Response:
    item = menus.get_item(item_id)
    if request.method == "GET":
        return _item_page(MenuItemForm.of(item).offer(*_targets()), item)
    form = MenuItemForm(request.form).offer(*_targets())
    saved = save(form, lambda draft: menus.update_item(item_id, draft, actor=actor()))
    if not saved:
        return _item_page(form, item, saved)
    flash(_("Saved."), "success")
    return go("admin.menus")


def _item_page(form: MenuItemForm, item: MenuItem, saved: Saved | None = None) -> Response:
    form.label.description = _("Empty: the name of what it leads to, in the reader’s language.")
    form.address.description = _("A path of the shop like /products, or an address with https://.")
    return page(
        "admin/content/menu_item.html",
        status=saved.status if saved is not None else 200,
        form=form,
        sections=[{"title": _("Line of the menu"), "fields": [form.target, form.address, form.label]}],
        trail=[(_("Pages"), url_for("admin.pages")), (_("Menus"), url_for("admin.menus")), (_("Line"), None)],
    )


@bp.post("/pages/menus/items/<uuid:item_id>/move")
@allow(Role.MANAGER)
def move_menu_item(item_id: UUID) -> Response:
    item = menus.move_item(item_id, request.form.get("to", ""), actor=actor())
    return go("admin.menus", _anchor=f"menu-{item.menu.value}")


@bp.post("/pages/menus/items/<uuid:item_id>/delete")
@allow(Role.MANAGER)
def delete_menu_item(item_id: UUID) -> Response:
    menus.delete_item(item_id, actor=actor())
    flash(_("The line is out of the menu."), "success")
    return go("admin.menus")


@bp.post(f"/pages/menus/{EACH}/arrange")
@allow(Role.MANAGER)
def arrange_menu(menu: str) -> Response:
    """A new order, by dragging."""
    ids = [parse_id(text) for text in request.form.getlist("ids")]
    if None in ids:
        raise Invalid.field("ids", "not_an_id", _("The menu has changed meanwhile. Load the page again."))
    menus.arrange(MenuName(menu), [ident for ident in ids if ident], actor=actor())
    return go("admin.menus", _anchor=f"menu-{menu}")


@bp.post(f"/pages/menus/{EACH}/begin")
@allow(Role.MANAGER)
def begin_menu(menu: str) -> Response:
    menus.begin(MenuName(menu), actor=actor())
    return go("admin.menus", _anchor=f"menu-{menu}")


@bp.post(f"/pages/menus/{EACH}/clear")
@allow(Role.MANAGER)
def clear_menu(menu: str) -> Response:
    menus.clear(MenuName(menu), actor=actor())
    flash(_("The menu makes itself again."), "success")
    return go("admin.menus", _anchor=f"menu-{menu}")
