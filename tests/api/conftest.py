"""A filled store, made once and copied for each test that wants it."""

import shutil
import sqlite3
import time

import pytest

from kit import cache
from kit.db import db
from tests import cast
from tests.api import world
from tests.browser_client import Api

FRESH = 600  # seconds; access tokens live for 15 minutes
_made: dict = {}


@pytest.fixture
def ids(app, api, database, config, dialect) -> world.Ids:
    """Roast with one of everything in it; the ids of what is there. Everybody has signed in."""
    if dialect != "sqlite":
        return _fill(api)
    kept = config.instance / "filled.sqlite"
    if time.monotonic() - _made.get("at", -FRESH) >= FRESH:
        _made["ids"] = _fill(api)
        _made["tokens"], _made["at"] = dict(api._tokens), time.monotonic()
        db.session.remove()
        db.engine.dispose()
        kept.unlink(missing_ok=True)
        with sqlite3.connect(database.path) as connection:
            connection.execute("VACUUM INTO ?", (str(kept),))
        connection.close()
    else:
        database.reset()
        shutil.copyfile(kept, database.path)
        api._tokens.update(_made["tokens"])
    cache.clear_all()
    return _made["ids"]


def _fill(api: Api) -> world.Ids:
    found = world.fill(api)
    for who in cast.EVERYBODY:
        api.as_(who)
    return found
