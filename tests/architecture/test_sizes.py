"""Rooms stay small enough to be read at one go."""

import ast

import pytest

from tests.architecture.tree import modules, name_of

LINES, FUNCTION = 350, 60


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_rooms_and_functions_stay_small(path):
    text = path.read_text()
    assert text.count("\n") <= LINES, f"{name_of(path)} has grown past {LINES} lines: split it by use"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno
            assert length <= FUNCTION, f"{name_of(path)}: {node.name} has {length} lines"
