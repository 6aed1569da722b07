"""Imports point down, and each floor keeps to its own words."""

import pytest

from tests.architecture.tree import LEVEL, imports_of, modules, name_of, room_of

MODULES = modules()
BELOW_THE_WEB = {"services", "models", "gateways"}
FACES = {"shop", "admin", "console", "api"}
# config is read by those who assemble, and as a type by the gateways that are configured with it.
MAY_KNOW_CONFIG = {"app", "wsgi", "cli", "jobs", "web", "gateways", "console", "services"}


# Processes of their own: they assemble the app as wsgi.py does, and nothing imports them.
ENTRY_POINTS = {"jobs/worker.py", "cli/prepare.py"}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_down(path):
    room = "wsgi" if name_of(path) in ENTRY_POINTS else room_of(path)
    for name, line in imports_of(path):
        other = name.partition(".")[0]
        if other in LEVEL and other != room:
            assert LEVEL[other] > LEVEL[room], f"{path}:{line}: {room} may not import {other}"
        if other == "config":
            assert room in MAY_KNOW_CONFIG | {"config"}, (
                f"{path}:{line}: {room} may not read the configuration"
            )


@pytest.mark.parametrize("path", [p for p in MODULES if room_of(p) in BELOW_THE_WEB], ids=name_of)
def test_rules_and_data_do_not_know_the_request(path):
    for name, line in imports_of(path):
        assert name.partition(".")[0] not in {"flask", "werkzeug", "flask_login"}, f"{path}:{line}"


@pytest.mark.parametrize("path", [p for p in MODULES if room_of(p) in FACES], ids=name_of)
def test_faces_hold_no_query_and_no_commit(path):
    for name, line in imports_of(path):
        assert name.partition(".")[0] != "sqlalchemy", f"{path}:{line}: a face does not query"
        assert name != "kit.db", f"{path}:{line}: a face does not commit"


def test_only_one_module_reads_the_environment():
    readers = [name_of(p) for p in MODULES if "os.environ" in p.read_text()]
    assert readers in ([], ["config.py"]), readers
