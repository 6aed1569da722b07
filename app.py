"""Assembly: the only place that knows every room."""

from flask import Flask
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import UUIDConverter

import models  # noqa: F401
from config import ROOT, Config
from kit import drafts, log
from kit.db import db
from services import tenants


def _room(name: str):
    """While the house is being built: a room that is not there yet is passed by."""
    from importlib import import_module

    try:
        return import_module(name)
    except (ModuleNotFoundError, ImportError) as error:
        import sys

        print(f"[app] {name} left out: {error}", file=sys.stderr)
        return None


migrate = Migrate(directory=str(ROOT / "migrations"), render_as_batch=True)


def create_app(config: Config | None = None) -> Flask:
    config = config or Config.from_env()
    app = Flask("vitrine", root_path=str(ROOT), static_folder=None, template_folder="templates")
    app.config.update(
        SECRET_KEY=config.secret_key,
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(config),
        MAX_CONTENT_LENGTH=11 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        VITRINE=config,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.converters["uuid"] = UUIDConverter
    log.configure(config.env)
    db.init_app(app)
    migrate.init_app(app, db)
    _configure_services(config)
    # In the order in which a request passes them.
    for name in ("themes", "headers", "errors", "cors", "tenant", "crosssite", "auth", "limits", "guest", "filters",
                 "assets", "cache", "visitor", "media", "health"):  # fmt: skip
        if room := _room(f"web.{name}"):
            room.init_app(app)
    for name in ("shop", "admin", "console", "api", "cli"):
        room = _room(name)
        try:
            if room is not None and hasattr(room, "init_app"):
                room.init_app(app)
        except ImportError as error:
            print(f"[app] {name} left out: {error}")
    if config.trusted_proxies:
        n = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    return app


def _configure_services(config: Config) -> None:
    """Services and gateways know no app: what they need of the settings is handed in once."""
    drafts.accept_test_domains = not config.is_production
    tenants.configure(config.platform_domain)
    for name, value in (("services.accounts.tokens", config.secret_key), ("services.orders.access", config.secret_key),
                        ("services.carts", config.secret_key),
                        ("services.notifications", config), ("services.health", config),
                        ("gateways.stripe", config), ("gateways.mail", config), ("gateways.storage", config)):  # fmt: skip
        if room := _room(name):
            room.configure(value)


def _engine_options(config: Config) -> dict[str, object]:
    if config.database_url.startswith("sqlite"):
        return {"connect_args": {"check_same_thread": False, "timeout": 15}}
    return {"pool_size": 8, "max_overflow": 8, "pool_pre_ping": True}
