"""The audit log as JSON: the contract's fields and filters, for admins, one's own store, and to be read only."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from kit import clock
from kit.ids import uuid7
from tests.cast import ALICE, CARLA, MIA, PAT, RITA, STAN
from tests.services.test_audit import write

PATH = "/api/admin/audit-log"
NOON = datetime(2026, 3, 10, 12, tzinfo=ZoneInfo("Europe/Lisbon"))


@pytest.fixture
def three(roast):
    with clock.at(NOON):
        write(actor=ALICE.actor, action="create", resource=("page", "7"))
        write(actor=MIA.actor, action="update", resource=("page", "7"))
    with clock.at(NOON.replace(day=11)):
        write(actor=MIA.actor, action="delete", resource=("tag", "9"))


def numbers(api, query: str = "") -> list[int]:
    """Without the sign-ins of the tests themselves."""
    answer = api.as_(ALICE).get(f"{PATH}?{query}")
    assert answer.status_code == 200, answer.text
    return [entry["number"] for entry in answer.json["items"] if entry["action"] != "login"]


def test_an_entry_says_who_what_and_where(api, three):
    (login,) = api.as_(ALICE).get(PATH + "?action=login").json["items"]
    who = {"id": str(ALICE.id), "email": ALICE.email, "role": "admin", "kind": "user", "impersonator": None}
    assert login["actor"] == who
    assert (login["resource_type"], login["resource_id"], login["number"]) == ("user", str(ALICE.id), 4)
    page = api.as_(ALICE).get(PATH + "?resource_type=page&action=create").json
    assert (page["total"], page["page"], page["page_size"], page["pages"]) == (1, 1, 20, 1)
    created = page["items"][0]
    assert created["changes"] == {"n": [0, 1]}
    assert created["created_at"] == "2026-03-10T12:00:00.000Z"
    assert set(created) >= {"id", "actor", "action", "resource_type", "resource_id", "changes", "ip", "user_agent",
                            "request_id", "created_at"}  # fmt: skip


def test_what_the_api_changes_carries_where_it_came_from(api, roast):
    made = api.as_(MIA).post("/api/pages", json={"title": "Hi", "content": ""},
                             headers={"User-Agent": "Test/1", "X-Request-ID": "abc-123-def"})  # fmt: skip
    assert made.status_code == 201
    entry = api.as_(ALICE).get(PATH + "?resource_type=page").json["items"][0]
    assert (entry["action"], entry["resource_id"], entry["actor"]["email"]) == (
        "create",
        made.json["id"],
        MIA.email,
    )
    assert (entry["user_agent"], entry["request_id"], entry["ip"]) == ("Test/1", "abc-123-def", "127.0.0.1")


def test_filters(api, three):
    assert numbers(api) == [3, 2, 1]
    assert numbers(api, "resource_type=page") == [2, 1]
    assert numbers(api, "action=delete") == [3]
    assert numbers(api, f"user_id={MIA.id}") == [3, 2]
    assert numbers(api, f"user_id={uuid7()}") == []
    assert numbers(api, "date_from=2026-03-11&date_to=2026-03-11") == [3]
    assert numbers(api, "date_to=2026-03-10") == [2, 1]
    assert numbers(api, "date_to=2026-03-10T12:00:00Z") == [2, 1]
    assert numbers(api, "date_to=2026-03-10T11:59:59Z") == []
    assert numbers(api, f"date_to=2026-03-31&user_id={MIA.id}&page=2&page_size=1") == [2]


@pytest.mark.parametrize(
    "query", ["user_id=x", "date_from=x", "page=0", "page_size=101", "actor=x", "sort_by=action"]
)
def test_bad_parameters_are_refused(api, roast, query):
    assert api.as_(ALICE).get(f"{PATH}?{query}").status_code == 422


def test_nobody_can_write_to_it(api, three, everything):
    alice = api.as_(ALICE)
    entry = alice.get(PATH).json["items"][0]
    before = everything()
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert alice.request(method, PATH, json={}).status_code == 405
        assert alice.request(method, f"{PATH}/{entry['id']}", json={}).status_code in (404, 405)
    assert everything() == before


def test_it_is_for_admins(api, three):
    for who in (MIA, STAN, CARLA):
        assert api.as_(who).get(PATH).status_code == 403
    assert api.get(PATH).status_code == 401
    assert api.as_(PAT, host="roast.localhost").get(PATH).status_code == 200


def test_the_other_store_reads_its_own(api, three):
    page = api.as_(RITA).get(PATH).json
    assert [(entry["action"], entry["actor"]["email"]) for entry in page["items"]] == [("login", RITA.email)]
