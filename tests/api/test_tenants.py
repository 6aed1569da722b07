"""Settings, branding, templates and what a front end starts with."""

import io

import pytest
from PIL import Image

from kit.db import transaction
from models.tenants import Tenant
from services import tenants
from tests.api.test_auth import suspend
from tests.cast import ALICE, CARLA, MIA, PAT, RITA, ROAST


def test_settings_are_the_admins(api):
    for who, status in ((None, 401), (CARLA, 403), (MIA, 403), (ALICE, 200)):
        for path in ("/api/tenant/settings", "/api/tenants/current", "/api/branding"):
            assert api.as_(who).get(path).status_code == status, (who, path)
    assert api.as_(PAT, host="roast.localhost").get("/api/tenant/settings").status_code == 200
    assert api.as_(PAT).get("/api/tenant/settings").status_code == 404


def test_settings_change_in_part(api):
    alice = api.as_(ALICE)
    answer = alice.put("/api/tenant/settings", json={
        "legal_name": "Roast, Lda.", "payment_methods": {"cash_on_delivery": {"enabled": True, "fee": 1.5}},
        "version": 1,
    })  # fmt: skip
    assert answer.status_code == 200, answer.text
    assert answer.json["payment_methods"]["cash_on_delivery"] == {"enabled": True, "fee": "1.50"}
    assert answer.json["bank_transfer_instructions"] == "IBAN PT50 …"
    assert answer.json["version"] == 2
    stale = alice.put("/api/tenant/settings", json={"legal_name": "x", "version": 1})
    assert (stale.status_code, stale.json["type"].rpartition("/")[2]) == (409, "stale-version")
    card = alice.put("/api/tenant/settings", json={"payment_methods": {"card": {"enabled": True}}})
    assert (card.status_code, card.json["type"].rpartition("/")[2]) == (409, "stripe-not-connected")
    assert alice.put("/api/tenant/settings", json={"plan": "scale"}).status_code == 422


def test_the_store_as_its_admin_sees_it(api):
    alice = api.as_(ALICE)
    current = alice.get("/api/tenants/current").json
    assert current["usage"] == {"products": 0, "orders_this_month": 0, "staff": 3, "storage_mb": 0}
    assert current["limits"]["staff"] == 5
    assert (current["slug"], current["plan"], current["custom_domain"]) == ("roast", "starter", None)
    assert alice.put("/api/tenants/current", json={"name": "Roasters"}).json["name"] == "Roasters"
    refused = alice.put("/api/tenants/current", json={"custom_domain": "shop.example.com"})
    assert (refused.status_code, refused.json["type"].rpartition("/")[2]) == (403, "feature-not-active")
    assert alice.put("/api/tenants/current", json={"plan": "scale"}).status_code == 422


def test_branding_by_both_names(api):
    alice = api.as_(ALICE)
    assert (
        alice.put("/api/branding", json={"primary_color": "#0e6264", "tagline": "Fresh"}).json["tagline"]
        == "Fresh"
    )
    brand = alice.put("/api/tenants/current/branding", json={"brand_name": "Roast & Co."})
    assert (brand.status_code, brand.json["brand_primary_color"]) == (200, "#0e6264")
    assert alice.get("/api/branding").json["store_name"] == "Roast & Co."
    bad = alice.put("/api/tenants/current/branding", json={"brand_primary_color": "#ffff00"})
    assert (bad.status_code, bad.json["errors"][0]["field"]) == (422, "brand_primary_color")
    assert alice.put("/api/branding", json={"brand_name": "x"}).status_code == 422
    public = api.get("/api/storefront/branding")
    assert (public.json["store_name"], public.json["currency"], public.json["primary_color"]) == (
        "Roast & Co.", "EUR", "#0e6264")  # fmt: skip
    assert "coupons" in public.json["features"]
    again = api.get("/api/storefront/branding", headers={"If-None-Match": public.headers["ETag"]})
    assert again.status_code == 304


def picture(kind="PNG"):
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "#7a2b1c").save(out, kind)
    return out.getvalue()


def send(who, path, data, name="x.png"):
    return who.post(path, data={"file": (io.BytesIO(data), name)}, content_type="multipart/form-data")


@pytest.mark.parametrize("kind", ["logo", "banner", "hero"])
def test_a_picture_is_put_up(api, kind):
    alice = api.as_(ALICE)
    answer = send(alice, f"/api/branding/upload/{kind}", picture())
    assert answer.status_code == 201, answer.text
    assert alice.get("/api/branding").json[f"{kind}_url"] == answer.json["url"]
    assert api.get(answer.json["url"]).status_code == 200


def test_what_is_no_picture_is_refused(api, everything):
    alice, mia = api.as_(ALICE), api.as_(MIA)
    before = everything()
    assert send(alice, "/api/branding/upload/logo", b"<svg onload=x>", "x.svg").status_code == 415
    assert send(alice, "/api/branding/upload/logo", b"\0" * (5 * 1024 * 1024 + 1)).status_code == 413
    assert send(alice, "/api/branding/upload/favicon", picture()).status_code == 404
    assert alice.post("/api/branding/upload/logo", json={}).status_code == 415
    assert send(mia, "/api/branding/upload/logo", picture()).status_code == 403
    assert everything() == before


def test_templates(api):
    slugs = [theme["slug"] for theme in api.get("/api/templates").json["items"]]
    assert slugs == ["market", "atelier", "circuit", "confetti"]
    assert api.get("/api/templates/atelier").json["name"] == "Atelier"
    assert api.get("/api/templates/none").status_code == 404
    assert type(api)(api.app, "localhost").get("/api/templates").status_code == 200
    alice = api.as_(ALICE)
    assert (
        alice.put("/api/tenants/current/template", json={"template_slug": "atelier"}).json["slug"]
        == "atelier"
    )
    assert api.get("/api/storefront/branding").json["theme"] == "atelier"
    assert alice.put("/api/tenants/current/template", json={"template_slug": "none"}).status_code == 422


def test_one_stores_settings_are_not_the_others(api):
    api.as_(RITA).put("/api/tenant/settings", json={"legal_name": "Rival"})
    assert api.as_(ALICE).get("/api/tenant/settings").json["legal_name"] == ""


def test_a_suspended_store_is_read_by_its_staff_only(api):
    alice, carla = api.as_(ALICE), api.as_(CARLA)
    suspend()
    assert api.get("/api/storefront/branding").status_code == 503
    assert carla.get("/api/customers/me").status_code == 503
    assert alice.get("/api/tenant/settings").status_code == 200
    refused = alice.put("/api/tenant/settings", json={"legal_name": "x"})
    assert (refused.status_code, refused.json["type"].rpartition("/")[2]) == (403, "store-suspended")


def test_maintenance_closes_to_shoppers_while_staff_work_on(api):
    alice = api.as_(ALICE)
    assert alice.put("/api/tenant/settings", json={"maintenance_mode": True}).status_code == 200
    assert api.get("/api/storefront/branding").status_code == 503
    assert alice.put("/api/tenant/settings", json={"maintenance_mode": False}).status_code == 200
    assert api.get("/api/storefront/branding").status_code == 200


def test_plans_and_features(api, roast):
    first = api.get("/api/plans").json["items"][0]
    assert (first["slug"], first["price_monthly"], first["platform_fee_percent"]) == (
        "starter",
        "19.00",
        "2.00",
    )
    assert {a["feature"] for a in api.get("/api/plans/addons").json["items"]} >= {"wishlist"}
    assert "wishlist" not in api.get(f"/api/plans/tenant/{ROAST}/features").json["features"]
    with transaction() as session:
        session.get(Tenant, ROAST).addons = ["wishlist"]
    tenants.forget()
    outside = type(api)(api.app, "localhost")
    assert "wishlist" in outside.get(f"/api/plans/tenant/{ROAST}/features").json["features"]
    assert type(api)(api.app, "rival.localhost").get(f"/api/plans/tenant/{ROAST}/features").status_code == 404


def test_health(api, monkeypatch):
    for host in ("localhost", "roast.localhost", "nowhere.localhost"):
        answer = type(api)(api.app, host).get("/api/health")
        assert (answer.status_code, answer.json["status"]) == (200, "ok")
        assert answer.json["checks"]["database"] == "ok"
    monkeypatch.setattr("services.health.database", lambda: "down")
    down = api.get("/api/health")
    assert (down.status_code, down.json["status"]) == (503, "down")
