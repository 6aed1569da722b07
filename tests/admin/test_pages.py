"""Every page of the back office, as everybody: who may not see it finds a refusal with a way back."""

import re

import pytest

from kit.actor import Role
from kit.ids import uuid7
from models.orders import OrderStatus
from services import tenants
from tests import cast, make
from tests.queries import count_queries

STAFF = (
    "/admin",
    "/admin/",
    "/admin?period=7d",
    "/admin?period=12m",
    "/admin/orders",
    "/admin/products",
    "/admin/inventory",
    "/admin/inventory?view=low&stock=in_stock&q=x&page=nonsense",
    "/admin/reviews",
    "/admin/reviews?status=all",
    "/admin/search",
    "/admin/search?q=mug",
    "/admin/account",
    "/admin/account/sessions",
    "/admin/stores",
    "/admin/account/two-factor",
    "/admin/prove",
    "/admin/orders?view=unfulfilled&status=confirmed&q=x&since=2026-01-01&until=nonsense&page=-3&size=7",
    "/admin/orders?view=drafts&sort=total&dir=desc&country=PT&tag=x&hold=1&least=1,5&most=x&product=nonsense",
    "/admin/orders?view=archived&channel=staff&delivery=x&method=card",
    "/admin/payments/disputes",
    "/admin/payments/disputes?state=open&page=3",
    "/admin/products?view=draft&sort=price&dir=desc&stock=low_stock&category=nonsense&q=%25",
    "/admin/products?view=archived&cols=sku&cols=brand&price_min=10&price_max=nonsense&extra=sale&saved=x",
)
MANAGER = (
    "/admin/products/new",
    "/admin/products/categories",
    "/admin/products/categories/new",
    "/admin/products/tags",
    "/admin/products/options",
    "/admin/products/collections",
    "/admin/products/collections/new",
    "/admin/products/search",
    "/admin/products/search?sort=last&page=-1",
    "/admin/products/search/synonyms",
    "/admin/products/search/synonyms/new?word=%3Cb%3E",
    "/admin/batches",
    "/admin/products/import",
    "/admin/inventory/count",
    "/admin/batches?page=nonsense",
    "/admin/customers",
    "/admin/customers?segment=new&q=carla",
    "/admin/customers?group=nonsense",
    "/admin/customers/groups",
    "/admin/customers/groups/new",
    "/admin/coupons",
    "/admin/coupons/new",
    "/admin/coupons/new/automatic",
    "/admin/coupons/new/codes",
    "/admin/coupons?offered=automatic&page=nonsense",
    "/admin/reports",
    "/admin/reports?period=12m&by=week",
    "/admin/reports/products",
    "/admin/reports/products?sort=quantity&period=nonsense",
    "/admin/reports/categories?period=today",
    "/admin/reports/customers?since=2026-01-01&until=2026-02-30",
    "/admin/reports?since=0001-01-01&by=day",
    "/admin/reports/oss?quarter=2026-Q9",
    "/admin/payments",
    "/admin/payments/unexpected",
    "/admin/payments/unexpected?show=all",
    "/admin/payments/checks",
    "/admin/payments/checks?state=open&kind=nonsense&page=x",
    "/admin/customers/newsletter",
    "/admin/customers/newsletter?state=nonsense&q=%25&page=-1",
    "/admin/pages",
    "/admin/pages?page=nonsense&size=x",
    "/admin/pages/new",
    "/admin/pages/legal",
    "/admin/pages/menus",
)
ADMIN = ("/admin/payments/payouts", "/admin/payments/movements?after=nonsense", "/admin/payments/messages",
         "/admin/payments/messages?state=failed&type=nonsense&page=9", "/admin/settings", "/admin/settings/store",
         "/admin/settings/place", "/admin/settings/checkout", "/admin/settings/payments", "/admin/settings/shipping",
         "/admin/settings/shipping/zones/new",
         "/admin/settings/shipping/carriers", "/admin/settings/shipping?country=PT&weight=1&total=10",
         "/admin/settings/taxes", "/admin/settings/taxes/new",
         "/admin/settings/taxes?country=PT&tax_class=standard&amount=100", "/admin/settings/appearance",
         "/admin/settings/appearance/home", "/admin/settings/domains", "/admin/settings/opening",
         "/admin/settings/mails", "/admin/settings/mails/order_shipped?in=pt",
         "/admin/settings/mails/welcome?in=xx", "/admin/settings/team", "/admin/settings/plan",
         "/admin/settings/plan/change?plan=growth&addons=wishlist&addons=x", "/admin/audit",
         "/admin/audit?check=1&_scheme=x&endpoint=y",
         "/admin/audit?who=nobody&what=login&kind=user&since=0001-01-01&until=x&page=7")  # fmt: skip
LEAST = [
    *((p, Role.STAFF) for p in STAFF),
    *((p, Role.MANAGER) for p in MANAGER),
    *((p, Role.ADMIN) for p in ADMIN),
]


@pytest.fixture
def people(browser):
    return {who.role: browser.as_(who) for who in (cast.CARLA, cast.STAN, cast.MIA, cast.ALICE)}


def test_each_page_opens_for_its_role_and_refuses_the_others(roast, browser, people):
    make.paid_order()
    for path, least in LEAST:
        for role, face in people.items():
            answer = face.get(path)
            assert answer.status_code == (200 if role.covers(least) else 403), (
                f"{path} as {role}: {answer.status_code}"
            )
            if answer.status_code == 403:
                assert 'href="/admin"' in answer.text, f"{path}: no way back"
        nobody = browser.get(path)
        assert nobody.status_code == 303 and "/admin/login?next=" in nobody.headers["Location"]


def test_pages_keep_to_the_policy(roast, people):
    """No inline scripts or styles, one h1, no id twice."""
    make.paid_order(make.Line(make.product("Mug", stock=3), quantity=2, discount=100, tax=300))
    for path, _least in LEAST:
        html = people[Role.ADMIN].get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=", html), path
        assert html.count("<h1") == 1, path
        ids = re.findall(r'\sid="([^"]+)"', html)
        assert len(ids) == len(set(ids)), (path, {i for i in ids if ids.count(i) > 1})


def test_the_menu_shows_what_the_role_can_do(roast, people):
    staff, admin = people[Role.STAFF].get("/admin").text, people[Role.ADMIN].get("/admin").text
    assert 'href="/admin/orders"' in staff
    for hidden in ("/admin/customers", "/admin/coupons", "/admin/settings"):
        assert f'href="{hidden}"' not in staff and f'href="{hidden}"' in admin


def test_the_menu_counts_what_waits(roast, browser):
    make.paid_order()
    make.order(status=OrderStatus.PENDING)
    html = browser.as_(cast.STAN).get("/admin/orders").text
    assert re.search(r'Orders<span class="count"[^>]*>1<', html)


def test_the_menu_is_asked_for_its_numbers_once(roast, browser):
    """Wide, without scripts and as a drawer, it stands on the page three times."""
    stan = browser.as_(cast.STAN)
    with count_queries() as queries:
        assert stan.get("/admin/inventory").text.count('<ul class="nav">') >= 3
    assert sum("disputes" in query for query in queries) == 1, queries


def test_things_of_the_other_store_are_not_here(app, browser, everything):
    with tenants.in_store(cast.RIVAL):
        order, product = make.paid_order(), make.product("Foreign")
        coupon = make.coupon("FOREIGN")
    alice, before = browser.as_(cast.ALICE), everything()
    gets = (f"/admin/orders/{order.id}", f"/admin/orders/{order.id}/refund", f"/admin/orders/{order.id}/slip",
            f"/admin/products/{product.id}", f"/admin/coupons/{coupon.id}", f"/admin/customers/{cast.RUDI.id}",
            f"/admin/products/categories/{uuid7()}", f"/admin/settings/taxes/{uuid7()}")  # fmt: skip
    posts = (f"/admin/orders/{order.id}/fulfil", f"/admin/orders/{order.id}/status", f"/admin/orders/{order.id}/paid",
             f"/admin/orders/{order.id}/cancel", f"/admin/orders/{order.id}/note", f"/admin/orders/{order.id}/refund",
             f"/admin/orders/{order.id}/mail", f"/admin/products/{product.id}", f"/admin/products/{product.id}/delete",
             f"/admin/products/{product.id}/duplicate", f"/admin/products/{product.id}/images",
             f"/admin/products/{product.id}/variants", f"/admin/products/{product.id}/options",
             f"/admin/coupons/{coupon.id}/delete", f"/admin/reviews/{uuid7()}/approve")  # fmt: skip
    for path in gets:
        assert alice.get(path).status_code == 404, path
    for path in posts:
        assert (
            alice.post(
                path, data={"status": "cancelled", "text": "x", "mode": "all", "name": "x"}
            ).status_code
            == 404
        ), path
    alice.post("/admin/products/bulk", data={"ids": str(product.id), "action": "draft"})
    assert everything() == before


def test_a_suspended_store_can_be_read_and_not_written(app, browser):
    from kit.db import transaction
    from models.tenants import TenantStatus

    alice, carla = browser.as_(cast.ALICE), browser.as_(cast.CARLA)
    assert "suspended" not in alice.get("/admin/orders").text
    with tenants.in_store(cast.ROAST), transaction():
        row = tenants.row()
        row.status, row.suspended_reason = TenantStatus.SUSPENDED, "The <b>bill</b> of May"
    page = alice.get("/admin/orders")
    assert page.status_code == 200
    assert (
        "This store is suspended" in page.text and "Reason: The &lt;b&gt;bill&lt;/b&gt; of May" in page.text
    )
    assert 'href="mailto:support@platform.test"' in page.text
    assert alice.post("/admin/products/tags", data={"name": "New"}).status_code == 403
    for face in (browser.at("roast.localhost"), carla):
        assert "bill" not in face.get("/").text and "bill" not in face.get("/admin/login").text
