"""A filled store, made once and copied for each test that wants it."""

import shutil
import sqlite3

import pytest

from kit import cache
from kit.db import db
from tests.api import world

_made: dict[str, world.Ids] = {}


@pytest.fixture
def ids(app, api, database, config, dialect) -> world.Ids:
    """Roast with one of everything in it; the ids of what is there."""
    if dialect != "sqlite":
        return world.fill(api)
    kept = config.instance / "filled.sqlite"
    if "ids" not in _made:
        _made["ids"] = world.fill(api)
        db.session.remove()
        db.engine.dispose()
        with sqlite3.connect(database.path) as connection:
            connection.execute("VACUUM INTO ?", (str(kept),))
        connection.close()
    else:
        database.reset()
        shutil.copyfile(kept, database.path)
    cache.clear_all()
    return _made["ids"]
