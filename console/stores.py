"""The stores of the platform: the list, whose whole state stands in its address."""

from typing import Any

from flask import Response, url_for

from console import bp
from console.frame import page
from console.wording import health, host_of, state, state_names, used
from kit.actor import Role
from kit.i18n import _
from services import offers, platform
from services.offers import Book
from services.platform import StoreView
from services.platform.condition import dead_letters_of
from web.access import allow
from web.filters import ago, day, number
from web.lists import (
    Filter,
    chips,
    choice_arg,
    here,
    listing,
    page_arg,
    page_url,
    size_arg,
    sort_heads,
    text_arg,
)
from web.plan_words import money, plan_name

SORTS = ("name", "plan", "status", "created_at")


@bp.get("/platform/stores", endpoint="stores")
@allow(Role.SYSADMIN)
def list_stores() -> Response:
    book, q = offers.book(), text_arg("q")
    plans = {plan.slug: plan.title for plan in book.plans.values()}
    states = Filter("state", _("State"), {str(key): name for key, name in state_names().items()})
    filters = [Filter("plan", _("Plan"), plans), states]
    sort = choice_arg("sort", SORTS, "created_at")
    descending = choice_arg("dir", ("asc", "desc"), "asc" if sort != "created_at" else "desc") == "desc"
    found = platform.list_stores(
        search=q, plan=filters[0].value or None, status=states.value or None, sort_by=sort, descending=descending,
        page=page_arg(), page_size=size_arg(),
    )  # fmt: skip
    dead = dead_letters_of([one.tenant.id for one in found.items])
    applied = chips(filters, q)
    return page(
        "platform/stores/index.html", stores=listing(found, lambda one: _row(one, dead, book)), q=q,
        head=_heads(sort, descending), filter_fields=[one.shown() for one in filters], chips=applied,
        filtered=bool(applied), action=url_for("platform.stores"), clear_url=url_for("platform.stores"),
        page_url=page_url, sort=sort, dir="desc" if descending else "asc",
    )  # fmt: skip


def _heads(sort: str, descending: bool) -> list[dict[str, Any]]:
    heads = sort_heads(
        [("name", _("Store"), {}), ("plan", _("Plan"), {}), ("status", _("State"), {}), ("", _("Health"), {}),
         ("", _("People"), {"num": True}), ("", _("Products"), {"num": True}), ("", _("Orders"), {"num": True}),
         ("", _("Revenue"), {"num": True}), ("", _("Last order"), {}), ("created_at", _("Opened"), {})],
        sort, descending,
    )  # fmt: skip
    for head in heads:
        if head.get("sort") and head["label"] == _("Opened"):  # the newest first is how the list begins
            head["url"] = here(
                sort="created_at", dir=None if not descending or sort != "created_at" else "asc"
            )
    return heads


def _row(one: StoreView, dead: dict[Any, int], book: Book) -> dict[str, Any]:
    tenant, stats = one.tenant, one.stats
    limits = book.plans[tenant.plan].limits if tenant.plan in book.plans else {}
    return {
        "name": tenant.name, "host": host_of(one), "plan": plan_name(tenant.plan, book),
        "state": state(tenant.status), "health": health(one, dead.get(tenant.id, 0), book),
        "team": number(stats.users - stats.customers), "customers": number(stats.customers),
        "products": used(stats.products, limits.get("products")), "orders": number(stats.orders),
        "revenue": money(stats.revenue, tenant.currency), "last": ago(stats.last_order_at) or "–",
        "opened": day(tenant.created_at), "iso": tenant.created_at.isoformat(),
        "url": url_for("platform.show_store", tenant_id=tenant.id, back=here()),
    }  # fmt: skip
