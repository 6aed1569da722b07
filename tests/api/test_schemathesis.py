"""The described API against good and bad input: no 5xx, and no answer that its own description denies.

The same few examples every time; `HYPOTHESIS_PROFILE=deep` tries many, others each time.
"""

import os
import re
from contextlib import suppress
from itertools import chain

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

import api as api_face
from api.contract import ENDPOINTS
from api.openapi import description
from kit import tenancy
from kit.db import db, end_reading
from tests import cast
from tests.api import world

api_face.load_rooms()
DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
PROFILE = settings(
    max_examples=100 if DEEP else 3, derandomize=not DEEP, database=None, deadline=None,
    suppress_health_check=list(HealthCheck), phases=[Phase.generate, *([Phase.shrink] if DEEP else [])],
)  # fmt: skip
CHECKS = [status_code_conformance, response_schema_conformance]
# A 503 is an answer, not a fault, where somebody else does not answer or the store was closed.
NOT_OURS = ("stripe-unavailable", "integration-not-configured", "store-suspended", "store-in-maintenance")
SCHEMA = schemathesis.openapi.from_dict(description())
OPERATIONS = {
    f"{found.ok().method.upper()} {found.ok().path}": found.ok() for found in SCHEMA.get_all_operations()
}


@pytest.fixture
def door(app, api, ids):
    """The app as a visitor meets it, and the headers of those who may most."""

    def enter(environ, start_response):
        end_reading()
        token = tenancy._tenant.set(None)
        try:
            with app.app_context():
                return list(app(environ, start_response))
        finally:
            tenancy._tenant.reset(token)
            db.session.expire_all()

    SCHEMA.app = enter
    yield {
        "admin": api.as_(cast.ALICE).headers,
        "customer": api.as_(cast.CARLA).headers,
        "sysadmin": api.as_(cast.PAT).headers,
    }
    SCHEMA.app = None


def sender(path: str) -> str:
    if "/sysadmin/" in path:
        return "sysadmin"
    return "customer" if "/customers/me" in path or "/addresses" in path else "admin"


def real_path(operation, ids: world.Ids) -> dict[str, str]:
    """Path parameters that name something."""
    shape = re.sub(r"{[^}]+}", "{}", operation.path)
    for it in ENDPOINTS:
        if (
            it.method == operation.method.upper()
            and re.sub(r"{[^}]+}", "{}", world.path_of(it.path)) == shape
        ):
            own = re.findall(r"{([^}]+)}", operation.path)
            return dict(zip(own, (ids[name] for name in world.names_of(it).values()), strict=True))
    raise AssertionError(f"{operation.path} is no endpoint")


@pytest.mark.parametrize(
    "mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value
)
@pytest.mark.parametrize("name", OPERATIONS)
def test_what_the_description_says_holds(name, mode, door, ids):
    operation = OPERATIONS[name]

    @given(case=operation.as_strategy(generation_mode=mode), finds=st.booleans())
    @PROFILE
    def check(case, finds):
        if finds:
            case.path_parameters = real_path(operation, ids)
        headers = {**door[sender(operation.path)], "Host": "roast.localhost", "Accept-Encoding": "identity"}
        response = case.call(base_url="http://roast.localhost", headers=headers, app=SCHEMA.app)
        is_fault = response.status_code >= 500 and not response.json().get("type", "").endswith(NOT_OURS)
        assert not is_fault, response.text
        case.validate_response(response, checks=CHECKS)

    with suppress(Unsatisfiable):  # an endpoint without parameters can't be called wrongly
        check()


def test_every_endpoint_is_tried():
    described = chain.from_iterable(description()["paths"].values())
    assert len(OPERATIONS) == len(list(described))
