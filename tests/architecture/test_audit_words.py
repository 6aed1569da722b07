"""What stands in the audit log has words: every action that the code records is named in web/logged.py."""

import ast
from collections.abc import Iterator

import pytest

from services import audit
from tests.architecture.tree import modules, name_of, room_of
from web.logged import ACTIONS


def _recorded(tree: ast.Module, own: bool) -> Iterator[tuple[ast.FunctionDef | None, ast.expr]]:
    """The first argument of each `audit.record(…)`, with the function it stands in. `own`: of services/audit.py."""

    def walk(
        node: ast.AST, inside: ast.FunctionDef | None
    ) -> Iterator[tuple[ast.FunctionDef | None, ast.expr]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Call) and _is_record(child.func, own):
                yield inside, child.args[0]
            yield from walk(child, child if isinstance(child, ast.FunctionDef) else inside)

    return walk(tree, None)


def _is_record(function: ast.expr, own: bool) -> bool:
    return ast.unparse(function) == ("record" if own else "audit.record")


def _names(tree: ast.Module, value: ast.expr, inside: ast.FunctionDef | None) -> Iterator[str]:
    """The texts that the argument may be: a literal, one of two, a constant of the log, or a parameter, which is
    looked up at the callers of its function, in the same module."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.IfExp):
        yield from _names(tree, value.body, inside)
        yield from _names(tree, value.orelse, inside)
    elif isinstance(value, ast.Attribute) and ast.unparse(value.value) == "audit":
        yield getattr(audit, value.attr)
    elif isinstance(value, ast.Name) and inside and value.id in (names := [a.arg for a in inside.args.args]):
        place, found = names.index(value.id), False
        for caller in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
            for call in ast.walk(caller):
                if isinstance(call, ast.Call) and ast.unparse(call.func) == inside.name:
                    found = True
                    yield from _names(tree, call.args[place], caller)
        assert found, f"{inside.name} is called from elsewhere: nobody can see what it records"
    else:
        raise AssertionError(
            f"line {value.lineno}: write the action of an entry out, so that it can be found"
        )


def recorded() -> dict[str, set[str]]:
    """By module."""
    found: dict[str, set[str]] = {}
    for path in modules():
        if room_of(path) in ("services", "jobs", "cli", "admin", "console", "api", "shop"):
            tree = ast.parse(path.read_text())
            own = name_of(path) == "services/audit.py"
            names = {name for inside, value in _recorded(tree, own) for name in _names(tree, value, inside)}
            if names:
                found[name_of(path)] = names
    return found


def test_every_action_of_the_audit_log_has_words():
    found = recorded()
    assert len(found) > 40 and "view" in found["services/audit.py"]  # the scan sees something
    missing = {name: room for room, names in found.items() for name in names if name not in ACTIONS}
    assert not missing


def test_no_words_are_kept_for_what_nobody_records():
    said = set().union(*recorded().values())
    assert set(ACTIONS) == said


@pytest.mark.parametrize("source", ["audit.record(made_up(), thing)", "def f(a):\n    audit.record(a, 1)"])
def test_what_the_scan_can_not_follow_is_refused(source):
    tree = ast.parse(source)
    with pytest.raises(AssertionError):
        [list(_names(tree, value, inside)) for inside, value in _recorded(tree, own=False)]
