"""Coming in, staying in and going out, by the API."""

import pytest

from kit import clock, tenancy
from kit.actor import Role
from kit.db import db, transaction
from models.accounts import User
from models.tenants import Tenant, TenantStatus
from services import tenants
from services.accounts import people, tokens
from tests.cast import ALICE, CARL, CARLA, MIA, PASSWORD, PAT, RITA, ROAST, RUDI

NEW = {"email": "Nina@Roast.test", "password": "Fresh-Pass-7", "first_name": "Nina", "last_name": "Nova"}


def sign_in(api, who, host=None, password=PASSWORD):
    door = type(api)(api.app, host or who.host)
    return door.post("/api/auth/login", json={"email": who.email, "password": password})


def suspend(tenant_id=ROAST):
    with tenancy.every_tenant(), transaction() as session:
        session.get(Tenant, tenant_id).status = TenantStatus.SUSPENDED


@pytest.mark.parametrize("who", [ALICE, CARLA, RITA])
def test_a_person_signs_in_on_the_stores_host(api, who):
    answer = sign_in(api, who)

    assert answer.status_code == 200
    assert answer.json["token_type"] == "Bearer"
    assert answer.json["expires_in"] == 900
    assert answer.json["user"]["email"] == who.email
    assert answer.json["user"]["tenant"]["slug"] == who.host.split(".")[0]
    assert "password" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_address_is_compared_without_case(api):
    assert (
        api.post("/api/auth/login", json={"email": " CARLA@Roast.Test ", "password": PASSWORD}).status_code
        == 200
    )


def test_the_platforms_people_sign_in_on_the_platform_host_only(api):
    assert sign_in(api, PAT).json["user"]["tenant"] is None
    assert sign_in(api, PAT, "roast.localhost").status_code == 401
    assert sign_in(api, ALICE, "localhost").status_code == 401


@pytest.mark.parametrize(
    ("email", "password"),
    [(CARLA.email, "Wrong-Pass-1"), ("nobody@roast.test", PASSWORD), (RITA.email, PASSWORD)],
)
def test_a_wrong_password_and_an_unknown_address_answer_alike(api, everything, email, password):
    before = everything()
    answer = api.post("/api/auth/login", json={"email": email, "password": password})

    assert answer.status_code == 401
    assert answer.json["type"].endswith("/problems/invalid-credentials")
    assert answer.json["detail"] == "The e-mail address or the password is wrong."
    assert everything() == before


def test_a_disabled_account_stays_outside(api, roast):
    with transaction() as session:
        session.get(User, CARLA.id).is_active = False
    assert sign_in(api, CARLA).status_code == 401


@pytest.mark.parametrize(
    ("body", "field"),
    [({"email": "a@b.test"}, "password"), ({"password": "x"}, "email"), ({**NEW}, "first_name"),
     ({"email": 1, "password": "x"}, "email")],
)  # fmt: skip
def test_a_malformed_sign_in_names_the_field(api, body, field):
    answer = api.post("/api/auth/login", json=body)
    assert answer.status_code == 422
    assert field in {error["field"] for error in answer.json["errors"]}


def test_a_token_of_one_store_is_worth_nothing_at_the_other(api):
    for path in ("/api/auth/me", "/api/products"):
        answer = api.as_(ALICE, host="rival.localhost").get(path)
        assert answer.status_code == 401, path
    assert api.as_(RUDI, host="roast.localhost").get("/api/auth/me").status_code == 401


def test_a_platform_token_is_good_on_every_host(api):
    for host in ("localhost", "roast.localhost", "rival.localhost"):
        answer = api.as_(PAT, host=host).get("/api/auth/me")
        assert answer.status_code == 200
        assert answer.json["role"] == "sysadmin"


@pytest.mark.parametrize("token", ["x", "a.b.c", "", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."])
def test_a_bad_token_is_refused(api, token):
    assert api.with_token(token).get("/api/auth/me").status_code == 401


def test_me_needs_a_token(api):
    answer = api.get("/api/auth/me")
    assert answer.status_code == 401
    assert "WWW-Authenticate" in answer.headers


def test_register_signs_in_and_posts_the_welcome(api, roast):
    answer = api.post(
        "/api/auth/register", json={**NEW, "phone": "+351 912 345 678", "accepts_marketing": True}
    )

    assert answer.status_code == 201
    assert answer.headers["Location"]
    assert answer.json["user"]["role"] == "customer"
    assert answer.json["user"]["email_verified"] is False
    assert api.with_token(answer.json["access_token"]).get("/api/auth/me").json["email"] == "Nina@roast.test"


def test_a_taken_address_is_a_conflict_and_changes_nothing(api, everything):
    before = everything()
    answer = api.post("/api/auth/register", json={**NEW, "email": "CARLA@roast.test"})
    assert answer.status_code == 409
    assert answer.json["type"].endswith("/problems/email-taken")
    assert everything() == before


def test_the_same_address_in_two_stores_is_two_accounts(api):
    for host in ("roast.localhost", "rival.localhost"):
        assert type(api)(api.app, host).post("/api/auth/register", json=NEW).status_code == 201


@pytest.mark.parametrize(
    ("password", "code"),
    [("Short-1", "too_short"), ("nocapital-1", "too_weak"), ("NOSMALL-1", "too_weak"), ("No-Digits", "too_weak"),
     ("Password1", "too_common"), ("P@ssw0rd1", "too_common"), ("Qwerty123!", "too_common"),
     ("A1" + "b" * 300, "too_long")],
)  # fmt: skip
def test_a_weak_password_is_refused(api, everything, password, code):
    before = everything()
    answer = api.post("/api/auth/register", json={**NEW, "password": password})
    assert answer.status_code == 422
    assert [(e["field"], e["code"]) for e in answer.json["errors"]] == [("password", code)]
    assert password not in answer.text
    assert everything() == before


def test_nobody_registers_with_a_role(api, everything):
    before = everything()
    assert api.post("/api/auth/register", json={**NEW, "role": "admin"}).status_code == 422
    assert everything() == before


def test_registering_needs_a_store(api):
    answer = type(api)(api.app, "localhost").post("/api/auth/register", json=NEW)
    assert answer.status_code == 404
    assert answer.json["type"].endswith("/problems/unknown-store")


def test_a_refresh_token_gives_a_new_pair_and_is_spent(api):
    first = sign_in(api, CARLA).json
    second = api.with_token(first["refresh_token"]).post("/api/auth/refresh")

    assert second.status_code == 200
    assert second.json["refresh_token"] != first["refresh_token"]
    assert api.with_token(second.json["access_token"]).get("/api/auth/me").status_code == 200

    assert api.with_token(first["refresh_token"]).post("/api/auth/refresh").status_code == 401
    # The second use was theft of one of the two: the whole sign-in is over.
    assert api.with_token(second.json["refresh_token"]).post("/api/auth/refresh").status_code == 401
    assert api.with_token(second.json["access_token"]).get("/api/auth/me").status_code == 401


def test_one_sign_in_ends_without_the_others(api):
    phone, laptop = sign_in(api, CARLA).json, sign_in(api, CARLA).json
    assert api.with_token(phone["access_token"]).post("/api/auth/logout").status_code == 204
    assert api.with_token(phone["access_token"]).get("/api/auth/me").status_code == 401
    assert api.with_token(phone["refresh_token"]).post("/api/auth/refresh").status_code == 401
    assert api.with_token(laptop["access_token"]).get("/api/auth/me").status_code == 200


def test_tokens_are_not_taken_for_one_another(api):
    pair = sign_in(api, CARLA).json
    assert api.with_token(pair["refresh_token"]).get("/api/auth/me").status_code == 401
    assert api.with_token(pair["access_token"]).post("/api/auth/refresh").status_code == 401


def test_a_refresh_token_of_one_store_is_worth_nothing_at_the_other(api):
    pair = sign_in(api, CARLA).json
    rival = type(api)(api.app, "rival.localhost").with_token(pair["refresh_token"])
    assert rival.post("/api/auth/refresh").status_code == 401
    assert api.with_token(pair["refresh_token"]).post("/api/auth/refresh").status_code == 200


def test_the_platforms_refresh_works_where_they_signed_in(api):
    pair = sign_in(api, PAT).json
    door = type(api)(api.app, "localhost")
    assert door.with_token(pair["refresh_token"]).post("/api/auth/refresh").status_code == 200


@pytest.mark.parametrize("header", [None, "Bearer nonsense", "Basic eDp5"])
def test_signing_out_always_says_204(api, header):
    headers = {"Authorization": header} if header else {}
    assert api.post("/api/auth/logout", headers=headers).status_code == 204


def test_a_foreign_token_signs_nobody_out(api):
    pair = sign_in(api, CARLA).json
    rival = type(api)(api.app, "rival.localhost").with_token(pair["access_token"])
    assert rival.post("/api/auth/logout").status_code == 204
    assert api.with_token(pair["access_token"]).get("/api/auth/me").status_code == 200


@pytest.mark.parametrize("email", [CARLA.email, "nobody@roast.test", RITA.email])
def test_forgot_password_answers_alike(api, email):
    answer = api.post("/api/auth/forgot-password", json={"email": email})
    assert answer.status_code == 202
    assert answer.json == {"status": "accepted"}


def test_a_suspended_store_lets_its_staff_in_to_read(api, roast):
    suspend()
    assert sign_in(api, CARL).status_code == 503
    answer = sign_in(api, ALICE)
    assert answer.status_code == 200
    me = api.with_token(answer.json["access_token"])
    assert me.get("/api/auth/me").status_code == 200
    assert me.put("/api/customers/me", json={"first_name": "A"}).status_code == 403
    assert api.post("/api/auth/register", json=NEW).status_code == 503


def test_a_lowered_role_is_felt_at_once(api, roast):
    token = sign_in(api, MIA).json["access_token"]
    with tenants.in_store(ROAST), transaction():
        user = people.get_user(MIA.id)
        user.role = Role.STAFF
        tokens.end_all(user)
    assert api.with_token(token).get("/api/auth/me").status_code == 401


def test_unknown_parameters_are_refused(api):
    assert api.post("/api/auth/login?x=1", json={"email": "a@b.test", "password": "x"}).status_code == 422


def test_a_login_of_staff_stands_in_the_audit_log(api, roast):
    from models.audit import AuditEntry

    sign_in(api, ALICE)
    sign_in(api, CARLA)
    with tenants.in_store(ROAST):
        entries = db.session.query(AuditEntry).all()
    assert [(e.action, e.actor_email, e.created_at <= clock.now()) for e in entries] == [
        ("login", ALICE.email, True)
    ]
