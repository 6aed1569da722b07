"""What Stripe's API description says: operations, parameters, answers, event types."""

import gzip
import json
import re
from functools import cached_property
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from .forms import Checker

_FILE = Path(__file__).with_name("facts.json.gz")
_ROOT = "urn:stripe-facts"


class Facts:
    def __init__(self) -> None:
        document = json.loads(gzip.decompress(_FILE.read_bytes()))
        self.version: str = document["version"]
        self.schemas: dict[str, Any] = document["schemas"]
        self.operations: dict[str, Any] = document["operations"]
        self.events: dict[str, Any] = document["events"]
        self.checker = Checker(self.schemas)
        resource = Resource.from_contents(document, default_specification=DRAFT202012)
        self._registry = Registry().with_resource(_ROOT, resource)
        self._validators: dict[str, Draft202012Validator] = {}

    @cached_property
    def _patterns(self) -> list[tuple[str, re.Pattern[str], str]]:
        def order(name: str) -> tuple[int, str]:
            return (name.count("{"), name)

        found = []
        for name in sorted(self.operations, key=order):
            method, path = name.split(" ")
            pattern = re.sub(r"\{\w+\}", r"([^/]+)", path)
            found.append((method, re.compile(pattern), name))
        return found

    def find(self, method: str, path: str) -> tuple[str, tuple[str, ...]] | None:
        """The operation's name and the ids in its path."""
        for known, pattern, name in self._patterns:
            match = pattern.fullmatch(path)
            if match and known == method:
                return name, match.groups()
        return None

    def answer_problems(self, operation: str, body: Any) -> list[str]:
        """What is wrong with our own answer to `operation`; empty is good."""
        pointer = operation.replace("~", "~0").replace("/", "~1").replace(" ", "%20")
        pointer = pointer.replace("{", "%7B").replace("}", "%7D")
        return self._problems(f"#/operations/{pointer}/answer", body)

    def object_problems(self, kind: str, body: Any) -> list[str]:
        return self._problems(f"#/schemas/{kind}", body)

    def _problems(self, reference: str, body: Any) -> list[str]:
        validator = self._validators.get(reference)
        if validator is None:
            schema = {"$ref": _ROOT + reference}
            validator = Draft202012Validator(schema, registry=self._registry)
            self._validators[reference] = validator
        return [_describe(error) for error in validator.iter_errors(body)]

    def field(self, kind: str, name: str) -> dict[str, Any] | None:
        """The schema of one field of an answer object."""
        found: dict[str, Any] | None = self.schemas[kind]["properties"].get(name)
        return found


def _describe(error: Any) -> str:
    """The innermost cause: `anyOf` alone says nothing."""
    while error.context:
        error = max(error.context, key=lambda inner: len(inner.absolute_path))
    where = "/".join(str(part) for part in error.absolute_path)
    return f"{where}: {error.message[:300]}"
