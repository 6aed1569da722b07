"""Every endpoint tried as nobody, as each role, and with the other store's token: the table of the reference holds."""

import re

import pytest

import api as api_face
from api.contract import ENDPOINTS, Endpoint
from api.openapi import path_of
from kit.actor import Role
from kit.ids import uuid7
from tests import cast
from web.access import HOLDER, OPTIONAL, PUBLIC, SIGNED_IN

api_face.load_rooms()
WHO = {"nobody": None, "customer": cast.CARLA, "staff": cast.STAN, "manager": cast.MIA, "admin": cast.ALICE,
       "sysadmin": cast.PAT}  # fmt: skip
RANK = {name: (-1 if who is None else who.role.rank) for name, who in WHO.items()}
NEEDS = {PUBLIC: -1, OPTIONAL: -1, SIGNED_IN: 0, HOLDER: 0, Role.STAFF: 1, Role.MANAGER: 2, Role.ADMIN: 3,
         Role.SYSADMIN: 4}  # fmt: skip
# Its own answer to a caller without a token is the contract's (a refresh token is no access token, …).
OWN_RULES = {("POST", "/auth/refresh")}


def address(it: Endpoint) -> str:
    """The path with ids that exist nowhere, so that an allowed call finds nothing and changes nothing."""
    return re.sub(
        r"{([^}]*)}", lambda m: str(uuid7()) if m[1].endswith("id") else "no-such-thing", path_of(it.path)
    )


@pytest.mark.parametrize("it", ENDPOINTS, ids=lambda it: f"{it.method} {it.path}")
def test_who_may_call(it, api):
    for name, who in WHO.items():
        if (it.method, it.path) in OWN_RULES:
            continue
        face = api.as_(who, host="roast.localhost") if who else api
        answer = face.request(it.method, address(it), json={} if it.body else None)
        assert answer.status_code < 500 or answer.status_code == 503, f"{name}: {answer.text}"
        if RANK[name] >= NEEDS[it.allow]:
            said = answer.json.get("type", "") if answer.is_json else ""
            refused_by_role = answer.status_code == 403 and said.endswith("/forbidden")
            assert answer.status_code != 401 and not refused_by_role, f"{name} was refused: {answer.text}"
        elif it.allow is Role.SYSADMIN:
            assert answer.status_code == 404, f"{name} sees a door of the platform: {answer.text}"
        else:
            assert answer.status_code == (401 if who is None else 403), f"{name}: {answer.text}"


@pytest.mark.parametrize("it", ENDPOINTS, ids=lambda it: f"{it.method} {it.path}")
def test_the_other_stores_token_is_worth_nothing(it, api):
    if it.raw and it.method == "POST" or (it.method, it.path) == ("POST", "/auth/logout"):
        return  # webhooks carry a signature of their own; signing out always answers 204
    answer = api.as_(cast.RITA, host="roast.localhost").request(
        it.method, address(it), json={} if it.body else None
    )
    assert answer.status_code in ((401, 404) if it.allow is Role.SYSADMIN else (401,)), answer.text
