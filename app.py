"""Assembly: the only place that knows every room."""

from flask import Flask
from flask_migrate import Migrate

import models  # noqa: F401
from config import ROOT, Config
from kit.db import db

migrate = Migrate(directory=str(ROOT / "migrations"), render_as_batch=True)


def create_app(config: Config | None = None) -> Flask:
    config = config or Config.from_env()
    app = Flask("vitrine", root_path=str(ROOT), static_folder=None, template_folder="templates")
    app.config.update(
        SECRET_KEY=config.secret_key,
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(config),
        MAX_CONTENT_LENGTH=11 * 1024 * 1024,
        VITRINE=config,
    )
    db.init_app(app)
    migrate.init_app(app, db)
    return app


def _engine_options(config: Config) -> dict[str, object]:
    if config.database_url.startswith("sqlite"):
        return {"connect_args": {"check_same_thread": False, "timeout": 15}}
    return {"pool_size": 8, "max_overflow": 8, "pool_pre_ping": True}
