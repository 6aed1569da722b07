import pytest

from tests.api.test_auth import sign_in
from tests.cast import ALICE, CARL, CARLA, MIA, PASSWORD, PAT, RITA, RUDI, STAN
from tests.services.test_customers import bought


def test_my_profile(api, roast):
    bought(CARLA, days_ago=2, total=4990)
    me = api.as_(CARLA)
    answer = me.get("/api/customers/me")
    assert answer.status_code == 200
    assert answer.json["total_spent"] == "49.90"
    assert "note" not in answer.json

    changed = me.put("/api/customers/me", json={"first_name": "Carlota", "phone": "+351 1"})
    assert (changed.status_code, changed.json["first_name"], changed.json["last_name"]) == (
        200,
        "Carlota",
        "Test",
    )
    for wrong in (
        {"role": "admin"},
        {"note": "x"},
        {"is_active": False},
        {"locale": "xx"},
        {"first_name": "x" * 101},
    ):
        assert me.put("/api/customers/me", json=wrong).status_code == 422
    assert me.get("/api/customers/me").json["role"] == "customer"


def test_my_password(api):
    mine, other = sign_in(api, CARLA).json, sign_in(api, CARLA).json
    me = api.with_token(mine["access_token"])
    body = {"current_password": PASSWORD, "new_password": "Other-Pass-2"}

    assert (
        me.put("/api/customers/me/password", json={**body, "current_password": "No-Pass-99"}).status_code
        == 422
    )
    assert me.put("/api/customers/me/password", json={**body, "new_password": "short"}).status_code == 422
    assert me.put("/api/customers/me/password", json=body).status_code == 204

    assert me.get("/api/auth/me").status_code == 200
    assert api.with_token(mine["refresh_token"]).post("/api/auth/refresh").status_code == 200
    assert api.with_token(other["access_token"]).get("/api/auth/me").status_code == 401
    assert api.with_token(other["refresh_token"]).post("/api/auth/refresh").status_code == 401
    assert sign_in(api, CARLA).status_code == 401
    assert sign_in(api, CARLA, password="Other-Pass-2").status_code == 200


def test_my_preferences(api):
    me = api.as_(CARLA)
    assert me.get("/api/customers/me/preferences").json["order_updates"] is True
    assert me.put("/api/customers/me/preferences", json={"newsletter": True}).json["newsletter"] is True
    assert me.put("/api/customers/me/preferences", json={"newsletter": "yes"}).status_code == 422
    assert me.get("/api/customers/me/preferences").json["newsletter"] is True


def test_my_data_and_my_farewell(api):
    me = api.as_(CARLA)
    assert me.get("/api/customers/me/data-export").json["account"]["email"] == CARLA.email
    assert me.delete("/api/customers/me", json={"password": "Wrong-Pass-1"}).status_code == 422
    assert me.delete("/api/customers/me", json={}).status_code == 422
    assert me.delete("/api/customers/me", json={"password": PASSWORD}).status_code == 204
    assert me.get("/api/customers/me").status_code == 401
    assert sign_in(api, CARLA).status_code == 401


def test_the_store_sees_its_customers(api, roast):
    bought(CARLA, days_ago=2, total=4990)
    mia = api.as_(MIA)
    page = mia.get("/api/customers?search=carla").json
    assert [c["email"] for c in page["items"]] == [CARLA.email]
    assert page["items"][0]["segment"] == "new"
    detail = mia.get(f"/api/customers/{CARLA.id}").json
    assert detail["stats"]["orders_count"] == 1
    assert detail["orders"][0]["total"] == "49.90"
    assert detail["addresses"] == []
    log = api.as_(ALICE).get("/api/admin/audit-log?action=view").json
    assert [(one["actor"]["email"], one["resource_id"]) for one in log["items"]] == [
        (MIA.email, str(CARLA.id))
    ]

    changed = mia.put(f"/api/customers/{CARLA.id}", json={"note": "VIP", "is_active": False})
    assert (changed.json["note"], changed.json["is_active"]) == ("VIP", False)
    assert sign_in(api, CARLA).status_code == 401
    assert mia.get("/api/customers/analytics/overview").json["segments"]["new"] == 2


@pytest.mark.parametrize(
    "query", ["segment=bad", "page=0", "page_size=101", "sort_by=password_hash", "x=1", "search=a&search=b"]
)
def test_bad_parameters_are_refused(api, query):
    assert api.as_(MIA).get(f"/api/customers?{query}").status_code == 422


def test_a_token_ends_with_the_account(api):
    token = sign_in(api, CARLA).json["access_token"]
    api.as_(MIA).put(f"/api/customers/{CARLA.id}", json={"is_active": False})
    assert api.with_token(token).get("/api/customers/me").status_code == 401


def test_a_role_is_changed_by_an_admin(api, everything):
    alice, mia, pat = api.as_(ALICE), api.as_(MIA), api.as_(PAT, host="roast.localhost")
    token = sign_in(api, STAN).json["access_token"]
    before = everything()
    assert mia.put(f"/api/customers/{STAN.id}/role", json={"role": "manager"}).status_code == 403
    assert alice.put(f"/api/customers/{STAN.id}/role", json={"role": "sysadmin"}).status_code == 422
    assert alice.put(f"/api/customers/{ALICE.id}/role", json={"role": "staff"}).status_code == 409
    assert alice.put(f"/api/customers/{RUDI.id}/role", json={"role": "staff"}).status_code == 404
    assert everything() == before
    assert alice.put(f"/api/customers/{STAN.id}/role", json={"role": "manager"}).json["role"] == "manager"
    assert api.with_token(token).get("/api/auth/me").status_code == 401
    assert pat.put(f"/api/customers/{STAN.id}/role", json={"role": "admin"}).status_code == 200


def test_the_list_as_csv_is_the_admins(api):
    assert api.as_(MIA).get("/api/customers/export").status_code == 403
    answer = api.as_(ALICE).get("/api/customers/export")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.data.startswith(b"\xef\xbb\xbfid,email")
    assert CARLA.email in answer.text
    assert RUDI.email not in answer.text


@pytest.mark.parametrize("path", ["", "/analytics/overview", "/export", f"/{CARLA.id}"])
@pytest.mark.parametrize("who", [CARL, STAN, None])
def test_shoppers_and_staff_do_not_see_the_others(api, path, who):
    assert api.as_(who).get(f"/api/customers{path}").status_code == (401 if who is None else 403)


@pytest.mark.parametrize(("method", "path", "body"), [
    ("get", "", None), ("put", "", {"note": "x"}), ("put", "/role", {"role": "staff"}),
])  # fmt: skip
def test_another_stores_customer_is_unknown(api, everything, method, path, body):
    rita = api.as_(RITA)
    before = everything()
    kw = {"json": body} if body else {}
    assert getattr(rita, method)(f"/api/customers/{CARLA.id}{path}", **kw).status_code == 404
    assert everything() == before


def test_the_platforms_people_have_no_profile_in_a_store(api):
    assert api.as_(PAT, host="roast.localhost").get("/api/customers/me").status_code == 404
    assert api.as_(PAT).get("/api/customers/me").status_code == 404
