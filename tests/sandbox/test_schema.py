"""What Stripe's own description of an operation refuses, the stand-in refuses: every parameter of every operation."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.stripe.api import Answer, Api, Call
from sandbox.stripe.core import Sandbox
from sandbox.stripe.facts import Facts
from sandbox.stripe.store import Store

FACTS = Facts()
OPERATIONS = sorted(FACTS.operations)
WRONG = {"integer": "1.5", "boolean": "yes", "number": "much"}


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    store = Store(":memory:")
    yield Api(Sandbox(store, FACTS))
    store.close()


def ask(api: Api, operation: str, form: dict[str, str]) -> Answer:
    method, path = operation.split(" ")
    return api.answer(
        Call(method, re.sub(r"\{\w+\}", "x_1", path), list(form.items()), "Bearer sk_test_123", "", "", "")
    )


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = FACTS.schemas[schema["$ref"].rpartition("/")[2]]
    return schema


def params_of(operation: str) -> dict[str, Any]:
    return resolved(FACTS.operations[operation]["params"] or {})


def refusal(answer: Answer) -> tuple[int, str, str | None]:
    error = answer.body.get("error", {})
    return answer.status, error.get("code") or "", error.get("param")


def complete(operation: str) -> dict[str, str]:
    """Something under every name that must be there, so that nothing but the wrong one is wrong."""
    form = {}
    for name in params_of(operation).get("required", ()):
        schema = resolved(params_of(operation)["properties"][name])
        kind = schema.get("type")
        if kind == "array":
            name, schema = f"{name}[0]", resolved(schema["items"])
        form[name] = str(schema["enum"][0]) if "enum" in schema else "1" if kind == "integer" else "x"
    return form


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_parameter_that_is_not_described_is_refused(api, operation):
    answer = ask(api, operation, {**complete(operation), "colour": "red"})
    assert refusal(answer) == (400, "parameter_unknown", "colour")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_parameter_of_the_wrong_type_is_refused_by_name(api, operation):
    for name, schema in params_of(operation).get("properties", {}).items():
        schema = resolved(schema)
        wrong = "nonsense" if "enum" in schema else WRONG.get(schema.get("type", ""))
        if schema.get("type") in ("object", "array"):
            wrong = "flat"
        if wrong is None:
            continue
        answer = ask(api, operation, {**complete(operation), name: wrong})
        assert answer.status == 400 and refusal(answer)[2] == name, (operation, name, answer.body)


@pytest.mark.parametrize("operation", [name for name in OPERATIONS if params_of(name).get("required")])
def test_each_parameter_that_must_be_there_is_asked_for(api, operation):
    for name in params_of(operation)["required"]:
        form = {key: value for key, value in complete(operation).items() if key.partition("[")[0] != name}
        status, code, param = refusal(ask(api, operation, form))
        assert (status, code) == (400, "parameter_missing") and param, (operation, name)


def test_nothing_that_was_refused_left_anything(api):
    for kind in ("payment_intent", "checkout.session", "refund", "account", "payout", "event"):
        assert api.sandbox.store.find(kind, None) == []
