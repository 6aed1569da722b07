"""The sandbox is a program of its own: it shares nothing with the shops but the protocol."""

import ast
import sys
from pathlib import Path

import pytest

from sandbox.stripe.facts import Facts
from sandbox.stripe.operations import SERVED

ROOT = Path(__file__).resolve().parents[2] / "sandbox"
ALLOWED = {"flask", "werkzeug", "jsonschema", "referencing", *sys.stdlib_module_names}


@pytest.mark.parametrize("file", sorted(ROOT.rglob("*.py")), ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_only_itself(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        assert {name.split(".")[0] for name in names} <= ALLOWED


def test_every_described_operation_is_served() -> None:
    assert set(SERVED) == set(Facts().operations)


def test_a_wrong_answer_is_found() -> None:
    facts = Facts()
    good = {"object": "balance", "available": [], "livemode": False, "pending": []}
    assert facts.answer_problems("GET /v1/balance", good) == []
    assert facts.answer_problems("GET /v1/balance", good | {"colour": "red"})
    assert facts.answer_problems("GET /v1/balance", good | {"livemode": "no"})
    assert facts.answer_problems("GET /v1/balance", {})
