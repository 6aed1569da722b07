"""The described API against good and bad input: no 5xx, and no answer that its own description denies."""

import os
from contextlib import suppress
from itertools import chain

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

import api as api_face
from api.openapi import description
from kit import tenancy
from kit.db import db, end_reading
from tests import cast

api_face.load_rooms()
EXAMPLES = 50 if os.environ.get("HYPOTHESIS_PROFILE") == "deep" else 3
CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance]
SCHEMA = schemathesis.openapi.from_dict(description())
OPERATIONS = {f"{found.ok().method.upper()} {found.ok().path}": found.ok() for found in SCHEMA.get_all_operations()}


@pytest.fixture
def door(app, api):
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


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", OPERATIONS)
def test_what_the_description_says_holds(name, mode, door):
    operation = OPERATIONS[name]
    kinds = operation.as_strategy(generation_mode=mode)

    @given(case=kinds)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def check(case):
        headers = {**door[sender(operation.path)], "Host": "roast.localhost", "Accept-Encoding": "identity"}
        response = case.call(base_url="http://roast.localhost", headers=headers, app=SCHEMA.app)
        case.validate_response(response, checks=CHECKS)

    with suppress(Unsatisfiable):  # an endpoint without parameters can't be called wrongly
        check()


def test_every_endpoint_is_tried():
    described = chain.from_iterable(description()["paths"].values())
    assert len(OPERATIONS) == len(list(described))
