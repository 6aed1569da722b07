"""One search over orders, products and customers."""

from flask import Response, url_for

from admin import bp
from admin.frame import may, page
from admin.wording import STATUS, badge
from kit.actor import Role
from kit.i18n import _
from services import customers
from services.catalog import images, staff_list
from services.catalog.staff_list import StaffFilter
from services.orders import reading
from services.orders.reading import OrderFilter
from web.access import allow
from web.filters import day, money
from web.lists import text_arg

EACH = 8


@bp.get("/search")
@allow(Role.STAFF)
def search() -> Response:
    """Results by kind; kinds that one's role can't open are not looked through."""
    q = text_arg("q")
    groups = [group for group in (_orders(q), _products(q), _customers(q)) if group] if q else []
    return page("admin/search.html", search_q=q, groups=groups)


def _orders(q: str) -> dict[str, object] | None:
    found = reading.list_orders(OrderFilter(search=q), page_size=EACH)
    items = [
        {"title": order.order_number, "note": f"{order.customer_name or order.email} · {day(order.placed_at)}",
         "end": money(order.total, order.currency), "badge": badge(STATUS, order.status),
         "url": url_for("admin.show_order", order_id=order.id)}
        for order in found.items
    ]  # fmt: skip
    return _group(_("Orders"), items, found.total, url_for("admin.orders", q=q))


def _products(q: str) -> dict[str, object] | None:
    found = staff_list.list_for_staff(StaffFilter(search=q), sort="sold", page_size=EACH)
    items = [
        {"title": product.name, "note": product.sku or "", "end": money(product.price_from),
         "image": images.view(product.images[0] if product.images else None), "is_product": True,
         "badge": None if product.is_active else (_("Draft"), "neutral", "open"),
         "url": url_for("admin.show_product", product_id=product.id)}
        for product in found.items
    ]  # fmt: skip
    return _group(_("Products"), items, found.total, url_for("admin.products", q=q))


def _customers(q: str) -> dict[str, object] | None:
    if not may(Role.MANAGER):
        return None
    found = customers.list_customers(search=q, page_size=EACH)
    items = [
        {"title": one.user.name, "note": one.user.email, "end": money(one.total_spent),
         "url": url_for("admin.show_customer", customer_id=one.user.id)}
        for one in found.items
    ]  # fmt: skip
    return _group(_("Customers"), items, found.total, url_for("admin.customers", q=q))


def _group(label: str, items: list[dict[str, object]], total: int, url: str) -> dict[str, object] | None:
    return {"label": label, "items": items, "total": total, "url": url} if items else None
