"""A store with one of everything in it, and for each endpoint a body that a caller could well send.

What is made is made through the API, as its people would. `fill` answers the ids: by the name that a path gives them
(`coupon_id`), and for slugs with what they are slugs of (`products/slug`).
"""

import io
import re
from collections.abc import Callable
from typing import Any

from PIL import Image

from api.contract import Endpoint
from api.openapi import path_of
from kit.actor import Role
from kit.db import transaction
from models.tenants import Tenant
from services import tenants
from tests import cast, make
from tests.browser_client import Api
from web.access import HOLDER, OPTIONAL, PUBLIC, SIGNED_IN

Ids = dict[str, str]
Body = dict[str, Any]
ADDRESS = {"first_name": "Carla", "last_name": "Test", "line1": "Rua A 1", "city": "Lisboa", "postal_code": "1000-001",
           "country": "PT"}  # fmt: skip
# What these parameters name is no store's own, or is the caller's word.
COMMON = {"templates/slug": "market", "image_type": "logo"}


def png(width: int = 40, height: int = 30) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "PNG")
    return out.getvalue()


def who_for(it: Endpoint) -> cast.Person | None:
    """Who just may call it."""
    if (it.method, it.path) == ("DELETE", "/customers/me") or it.path == "/products/<product_id>/reviews":
        return cast.CARL
    return {PUBLIC: None, OPTIONAL: None, SIGNED_IN: cast.CARLA, HOLDER: cast.CARLA, Role.STAFF: cast.STAN,
            Role.MANAGER: cast.MIA, Role.ADMIN: cast.ALICE, Role.SYSADMIN: cast.PAT}[it.allow]  # fmt: skip


def names_of(it: Endpoint) -> dict[str, str]:
    """Its path parameters: how the path writes each, and under which name `fill` knows it."""
    found = {}
    for before, name in re.findall(r"([^/{}]+)/{([^}]+)}", path_of(it.path)):
        found["{" + name + "}"] = f"{before}/{name}" if name == "slug" else name
    return found


def address_of(it: Endpoint, ids: Ids) -> str:
    path = path_of(it.path)
    for written, name in names_of(it).items():
        path = path.replace(written, ids[name])
    return path


@transaction()
def _switch_everything_on() -> None:
    tenant: Tenant = tenants.row(lock=True)
    tenant.addons = ["wishlist"]
    tenants.forget()


def fill(api: Api) -> Ids:
    """Put one of everything into Roast. Rival gets the addons only, so that nothing there is refused by the plan."""
    for store in (cast.RIVAL, cast.ROAST):
        with tenants.in_store(store):
            _switch_everything_on()
    ids: Ids = {
        **COMMON,
        "customer_id": str(cast.CARLA.id),
        "user_id": str(cast.CARL.id),
        "tenant_id": str(cast.ROAST),
    }
    _fill_catalogue(api, ids)
    _fill_office(api, ids)
    _fill_selling(api, ids)
    return ids


def _made(answer: Any) -> dict[str, Any]:
    assert answer.status_code in (200, 201), answer.text
    return answer.json


def _fill_catalogue(api: Api, ids: Ids) -> None:
    mia = api.as_(cast.MIA)

    def new(path: str, **body: Any) -> dict[str, Any]:
        return _made(mia.post(f"/api{path}", json=body))

    category, tag = new("/categories", name="Coffee"), new("/tags", name="Fresh")
    ids |= {"category_id": category["id"], "categories/slug": category["slug"], "tag_id": tag["id"]}
    size, roast = (
        new("/attributes", name="Size", values=["S", "M"]),
        new("/attributes", name="Roast", values=["dark"]),
    )
    ids |= {f"value_{v['value']}": v["id"] for v in size["values"]}
    ids |= {"attribute_id": roast["id"], "value_id": roast["values"][0]["id"]}  # no variant uses these
    product = new("/products", name="Espresso", price="12.50", sale_price="11.00", stock_quantity=20, weight="0.250",
                  category_ids=[category["id"]], tag_ids=[tag["id"]], sku="ESP")  # fmt: skip
    ids |= {"product_id": product["id"], "products/slug": product["slug"]}
    shirt = new("/products", name="Shirt", price="20.00")
    ids["shirt_id"] = shirt["id"]
    ids["variant_id"] = new(f"/products/{shirt['id']}/variants", attribute_value_ids=[ids["value_S"]],
                                  stock_quantity=3)["id"]  # fmt: skip
    picture = mia.post(f"/api/products/{product['id']}/images", data={"file": (io.BytesIO(png()), "a.png")})
    ids["image_id"] = _made(picture)["id"]
    page = new("/pages", title="About us", content="<p>We roast.</p>")
    ids |= {"page_id": page["id"], "pages/slug": page["slug"]}
    ids["coupon_id"] = new("/coupons", code="TEN", type="percentage", value="10", product_ids=[product["id"]],
                           category_ids=[category["id"]])["id"]  # fmt: skip


def _fill_office(api: Api, ids: Ids) -> None:
    alice = api.as_(cast.ALICE)
    zone = _made(alice.post("/api/shipping/zones", json={"name": "Portugal", "countries": ["PT"]}))
    method = {"name": "CTT", "type": "flat_rate", "price": "4.90"}
    made = _made(alice.post(f"/api/shipping/zones/{zone['id']}/methods", json=method))
    rule = {"name": "IVA", "country": "PT", "rate": "23.00"}
    ids |= {"zone_id": zone["id"], "method_id": made["id"],
            "tax_id": _made(alice.post("/api/taxes", json=rule))["id"]}  # fmt: skip


def _fill_selling(api: Api, ids: Ids) -> None:
    carla, product = api.as_(cast.CARLA), ids["product_id"]
    ids["address_id"] = _made(carla.post("/api/addresses", json=ADDRESS))["id"]
    review = {"rating": 5, "title": "Good", "body": "Strong."}
    ids["review_id"] = _made(carla.post(f"/api/products/{product}/reviews", json=review))["id"]
    _made(carla.post("/api/wishlist", json={"product_id": product}))
    ids["token"] = _made(carla.post("/api/wishlist/share"))["token"]
    guest = api.post("/api/cart/items", json={"product_id": product, "quantity": 2})
    ids |= {"session": guest.headers["X-Session-ID"], "item_id": _made(guest)["items"][0]["id"]}
    other = api.post("/api/cart/items", json={"product_id": product})
    ids["other_session"] = other.headers["X-Session-ID"]
    with tenants.in_store(cast.ROAST):
        order = make.paid_order(email=cast.CARLA.email, customer_id=cast.CARLA.id)
        ids |= {"order_id": str(order.id), "order_number": order.order_number}
        ids["order_item_id"] = str(order.items[0].id)
        ids["unpaid_order_id"] = str(make.order(email=cast.CARLA.email, customer_id=cast.CARLA.id).id)
    parcel = {"items": [{"order_item_id": _second(api, ids), "quantity": 1}], "notify": False}
    _made(api.as_(cast.STAN).post(f"/api/orders/{ids['sent_order_id']}/fulfill", json=parcel))
    _made(api.as_(cast.ALICE).post(f"/api/orders/{ids['sent_order_id']}/refund", json={"amount": "1.00"}))


def _second(api: Api, ids: Ids) -> str:
    """An order that is sent and partly given back; its only line."""
    with tenants.in_store(cast.ROAST):
        order = make.paid_order(email=cast.CARLA.email, customer_id=cast.CARLA.id)
        ids["sent_order_id"] = str(order.id)
        return str(order.items[0].id)


# A plausible body for each endpoint that takes one.
BODIES: dict[str, Callable[[Ids], Body]] = {
    "POST /auth/login": lambda ids: {"email": cast.CARLA.email, "password": cast.PASSWORD},
    "POST /auth/register": lambda ids: {"email": "new@roast.test", "password": "Long-Enough-1", "first_name": "N",
                                        "last_name": "N"},
    "POST /auth/refresh": lambda ids: {},
    "POST /auth/logout": lambda ids: {},
    "POST /auth/forgot-password": lambda ids: {"email": cast.CARLA.email},
    "POST /auth/reset-password": lambda ids: {"token": "worth-nothing", "password": "Long-Enough-1"},
    "POST /addresses": lambda ids: ADDRESS,
    "PUT /addresses/<uuid:address_id>": lambda ids: {"city": "Porto"},
    "PUT /branding": lambda ids: {"tagline": "Freshly roasted"},
    "POST /cart/items": lambda ids: {"product_id": ids["product_id"], "quantity": 1},
    "PUT /cart/items/<uuid:item_id>": lambda ids: {"quantity": 3},
    "POST /cart/coupon": lambda ids: {"code": "TEN"},
    "POST /cart/merge": lambda ids: {"session_id": ids["other_session"]},
    "POST /attributes": lambda ids: {"name": "Grind", "values": ["fine", "coarse"]},
    "POST /attributes/<attribute_id>/values": lambda ids: {"value": "XL"},
    "POST /categories": lambda ids: {"name": "Tea", "parent_id": ids["category_id"]},
    "PUT /categories/<category_id>": lambda ids: {"description": "Beans"},
    "POST /products": lambda ids: {"name": "Filter", "price": "9.00", "category_ids": [ids["category_id"]],
                                   "tag_ids": [ids["tag_id"]]},
    "PUT /products/<product_id>": lambda ids: {"short_description": "Dark", "category_ids": [ids["category_id"]]},
    "POST /products/<product_id>/variants": lambda ids: {"attribute_value_ids": [ids["value_M"]],
                                                         "stock_quantity": 2},
    "PUT /products/<product_id>/variants/<variant_id>": lambda ids: {"price": "21.00"},
    "POST /products/<product_id>/reviews": lambda ids: {"rating": 4, "body": "Fine."},
    "POST /tags": lambda ids: {"name": "New"},
    "PUT /customers/me": lambda ids: {"first_name": "Carla"},
    "PUT /customers/me/password": lambda ids: {"current_password": cast.PASSWORD, "new_password": "Long-Enough-1"},
    "PUT /customers/me/preferences": lambda ids: {"newsletter": True},
    "DELETE /customers/me": lambda ids: {"password": cast.PASSWORD},
    "PUT /customers/<uuid:customer_id>": lambda ids: {"note": "Regular"},
    "PUT /customers/<uuid:user_id>/role": lambda ids: {"role": "staff"},
    "POST /orders/checkout": lambda ids: {"email": "guest@roast.test", "shipping_address": ADDRESS,
                                          "shipping_method_id": ids["method_id"], "payment_method": "bank_transfer"},
    "PUT /orders/<uuid:order_id>/status": lambda ids: {"status": "processing"},
    "POST /orders/<uuid:order_id>/fulfill": lambda ids: {"items": [{"order_item_id": ids["order_item_id"],
                                                                    "quantity": 1}]},
    "POST /orders/<uuid:order_id>/refund": lambda ids: {"amount": "1.00", "reason": "Late"},
    "POST /checkout/create-session": lambda ids: {"order_id": ids["unpaid_order_id"]},
    "POST /payments/create-intent": lambda ids: {"order_id": ids["unpaid_order_id"]},
    "POST /payments/refund": lambda ids: {"order_id": ids["order_id"], "amount": "1.00"},
    "POST /payments/connect/onboard": lambda ids: {},
    "POST /payments/connect/payout": lambda ids: {"amount": "1.00"},
    "POST /pages": lambda ids: {"title": "Terms", "content": "<p>Be kind.</p>"},
    "PUT /pages/<page_id>": lambda ids: {"title": "About"},
    "POST /coupons": lambda ids: {"code": "FIVE", "type": "fixed_amount", "value": "5.00",
                                  "product_ids": [ids["product_id"]], "category_ids": [ids["category_id"]]},
    "PUT /coupons/<uuid:coupon_id>": lambda ids: {"description": "For friends"},
    "POST /coupons/validate": lambda ids: {"code": "TEN", "subtotal": "30.00"},
    "POST /shipping/zones": lambda ids: {"name": "Spain", "countries": ["ES"]},
    "PUT /shipping/zones/<uuid:zone_id>": lambda ids: {"name": "Home"},
    "POST /shipping/zones/<uuid:zone_id>/methods": lambda ids: {"name": "Pickup", "type": "pickup"},
    "PUT /shipping/methods/<uuid:method_id>": lambda ids: {"price": "5.90"},
    "POST /shipping/calculate": lambda ids: {"country": "PT", "postcode": "1000-001", "weight": "1.000",
                                             "subtotal": "20.00"},
    "POST /taxes": lambda ids: {"name": "IVA 6 %", "country": "PT", "rate": "6.00", "tax_class": "reduced"},
    "PUT /taxes/<uuid:tax_id>": lambda ids: {"rate": "22.00"},
    "POST /taxes/calculate": lambda ids: {"country": "PT", "amount": "100.00"},
    "PUT /tenant/settings": lambda ids: {"low_stock_threshold": 3},
    "PUT /tenants/current": lambda ids: {"name": "Roast & Co", "terms_page_id": ids["page_id"]},
    "PUT /tenants/current/branding": lambda ids: {"brand_tagline": "Fresh"},
    "PUT /tenants/current/template": lambda ids: {"template_slug": "atelier"},
    "POST /wishlist": lambda ids: {"product_id": ids["shirt_id"]},
    "POST /sysadmin/tenants": lambda ids: {"slug": "third", "name": "Third", "country": "PT", "currency": "EUR",
                                           "admin": {"email": "tom@third.test", "first_name": "Tom",
                                                     "last_name": "T"}},
    "PUT /sysadmin/tenants/<uuid:tenant_id>": lambda ids: {"name": "Roast & Sons"},
    "PUT /sysadmin/tenants/<uuid:tenant_id>/suspend": lambda ids: {"reason": "Unpaid"},
    "POST /sysadmin/tenants/<uuid:tenant_id>/suspend": lambda ids: {"reason": "Unpaid"},
}  # fmt: skip


def body_of(it: Endpoint, ids: Ids) -> dict[str, Any]:
    """How a test client is to send it: `json=…` or `data=…`."""
    if it.files is not None:
        return {"data": {"file": (io.BytesIO(png()), "picture.png")}}
    return {"json": BODIES[f"{it.method} {it.path}"](ids)} if it.body is not None else {}
